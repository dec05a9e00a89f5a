import { expect, it } from 'vitest';
import plmsGoldens from '../core/diffusion/goldens/c_sampler_plms.json';
import { trainedSigmas } from '../core/diffusion/noise-schedules';
import { planSteps, type StepTraits } from '../core/diffusion/plan-steps';
import { discrete } from '../core/diffusion/process/discrete';
import { goldenDenoiser, type Mixture } from '../core/diffusion/theory/mixture';
import { DEFAULT_REQUEST, parseRequest } from '../core/request/request';
import { modelDenoiser, sampleLatent } from './denoise';
import { arithmetic } from './fixtures/models';
import type { PaintRun } from './run';
import { encodeText } from './stages/encode-text';

it('tells the network the plan’s timestep at each step, also where the sampler’s level was rounded on its way', async () => {
  const { model, calls } = arithmetic((_, sample) => sample);
  const process = discrete(trainedSigmas(model.info.scheduler), 'epsilon');
  // A1111's LCM keeps to distilled timesteps, up to ten away from those of its noise levels.
  const plan = planSteps({ sampler: 'lcm', schedule: 'uniform', steps: 6, levels: process, config: {} });
  const context = { states: new Float32Array(1), tokens: 1 };
  const conditioningAt = async () => ({ prompts: [{ context, weight: 1 }] });
  const denoise = modelDenoiser(model, { height: 1, width: 1 }, conditioningAt, { cfgScale: 1 }, process, plan);
  for (const step of [0, 1, 2, 3, 4, 5])
    await denoise(new Float32Array(4), Math.fround(plan.sigmas[step]), { step, of: 6 });
  expect(calls.map(({ timestep }) => timestep)).toEqual(plan.timesteps);
  await denoise(new Float32Array(4), 1.1 * plan.sigmas[2], { step: 2, of: 6 });
  expect(calls[6].timestep).toBe(process.timestepAt(1.1 * plan.sigmas[2]));
});

it('PLMS on diffusers’ timesteps extrapolates v where the model predicts it, as diffusers’ PNDM does', async () => {
  const golden = plmsGoldens.cases.find(({ id }) => id === 'plms/diffusers/sd-n10-v');
  if (!golden?.config) throw new Error('The golden case is missing.');
  const { beta, n, x_init, x_final } = golden;
  const process = discrete(trainedSigmas(beta), 'v_prediction');
  const config = golden.config as StepTraits;
  const plan = planSteps({ sampler: 'plms', schedule: 'leading', steps: n, levels: process, config });
  const exact = goldenDenoiser({ kind: 'mixture', mixture: 'A' }, plmsGoldens.mixtures as Record<string, Mixture>);
  const start = Float64Array.from(x_init, (value) => value * Math.sqrt(1 + plan.sigmas[0] ** 2));
  const end = await sampleLatent(exact, start, { sampler: 'plms', process, plan, noise: () => new Float64Array() });
  for (const [i, value] of x_final.entries()) expect(end[i]).toBeCloseTo(value, 8);
});

it('a network that takes the guidance scale as an input is told it, and is not guided a second time', async () => {
  const { model, calls } = arithmetic((prompt) => [prompt, 0, 0, 0]);
  const guided = { ...model, info: { ...model.info, takesGuidance: true } };
  const request = parseRequest({ ...DEFAULT_REQUEST, prompt: 'a AND b', cfgScale: 8, negativePrompt: 'c' });
  const texts = {
    encode: async (_: unknown, text: string) => ({ states: Float32Array.of(text.charCodeAt(0)), tokens: 1 }),
  };
  const progress = { enter: async () => undefined, signal: new AbortController().signal };
  const run = { model: guided, request, texts, progress } as unknown as PaintRun;
  const process = discrete(trainedSigmas(model.info.scheduler), 'epsilon');
  const plan = planSteps({ sampler: 'lcm', schedule: 'automatic', steps: 4, levels: process, config: {} });
  const alone = await encodeText({ ...run, request: { ...request, prompt: 'a' } });
  expect(await alone({ sigma: 1, share: 0, call: 0, step: 0 })).toMatchObject({ uncond: undefined });
  const size = { height: 1, width: 1 };
  const denoise = modelDenoiser(guided, size, await encodeText(run), { cfgScale: 8 }, process, plan);
  await denoise(new Float32Array(4), plan.sigmas[0], { step: 0, of: 4 });
  expect(calls.map(({ guidance }) => guidance)).toEqual([8, 8, 8]);
});
