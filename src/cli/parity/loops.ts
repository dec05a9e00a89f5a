import { startingNoise } from '../../core/diffusion/latent-format';
import { trainedSigmas } from '../../core/diffusion/noise-schedules';
import { planSteps } from '../../core/diffusion/plan-steps';
import { discrete } from '../../core/diffusion/process/discrete';
import { SAMPLERS } from '../../core/diffusion/samplers/index';
import type { Spacing } from '../../core/diffusion/timestep-spacing';
import type { Latent } from '../../core/diffusion/types';
import { EaselError, said } from '../../core/errors';
import type { SchedulerConfig } from '../../model/architectures/architecture';
import { buildAutoencoder } from '../../model/graph/autoencoder';
import type { UnetConfig } from '../../model/graph/config';
import { buildDenoiser, type DenoiserConfig } from '../../model/graph/denoiser';
import type { PredictionType } from '../../model/layouts/facts';
import { decodeWith } from '../../model/runtime/autoencoder';
import { predictWith } from '../../model/runtime/denoiser';
import { createSession, type Session } from '../../model/runtime/session';
import { bindWeights } from '../../model/weights/bind';
import type { Context } from '../../pipeline/conditioning';
import { modelDenoiser } from '../../pipeline/denoise';
import type { Predictor } from '../../pipeline/guided-output';
import { type Comparison, relativeError } from './expected';
import { dialectOf, type Surroundings, using } from './networks';
import type { Source } from './sources';
import { statesOf } from './states';

/** Settings in cases.json of a run that the reference looped itself, without a pipeline. */
interface Case {
  scheduler: string;
  scheduler_config: SchedulerConfig & { timestep_spacing: Spacing; prediction_type: PredictionType };
  num_inference_steps: number;
  guidance_scale: number;
}

const LATENT_TOLERANCE = 1e-4;
const SAMPLER = { DDIMScheduler: 'ddim', EulerDiscreteScheduler: 'euler', LCMScheduler: 'lcm' } as const;
/** SDXL's reference run was told one size, whatever its own, and took its pooled texts from these cases. */
const SIZES = [1024, 1024, 0, 0, 1024, 1024];
const POOLED = { cond: 'text.0.te2.text_embeds', uncond: 'text.1.te2.text_embeds' };

/** Whether a case is a run from given conditionings. */
export const isLoop = ({ expected }: Surroundings, name: string) => expected.has(`${name}.cond`);

/** Compares every step of such a run, and its decoded latent. */
export async function compareLoop(place: Surroundings, source: Source, name: string): Promise<Comparison[]> {
  const { files, at, expected, device } = place;
  const text = new TextDecoder().decode(await files.read(`${at}cases.json`));
  const settings = (JSON.parse(text) as Record<string, Case>)[name];
  const unet = await source.unet('');
  const graph = buildDenoiser(unet.config, dialectOf(place));
  const weights = bindWeights([graph], unet.weights, unet.name);
  const run = (session: Session) => sampled(place, settings, name, predictWith(session, unet.config), unet.config);
  const states = await using(createSession(graph, weights, device), run);
  const results: Comparison[] = [];
  const add = async (output: string, actual: ArrayLike<number>, tolerance: number) => {
    const error = relativeError(actual, await expected.floats(output));
    results.push({ name: output, kind: 'compared', error, tolerance });
  };
  for (const [k, state] of states.entries()) await add(`${name}.latents.${k}`, state, LATENT_TOLERANCE);
  if (!expected.has(`${name}.decoded`)) return results;

  const vae = await source.autoencoder();
  const { decoder, encoder } = buildAutoencoder(vae.config, dialectOf(place));
  const vaeWeights = bindWeights([decoder, encoder], vae.weights, vae.name);
  const { scalingFactor, shiftFactor } = vae.config;
  const last = Float32Array.from(states[states.length - 1], (z) => z / scalingFactor + shiftFactor);
  const [, , height, width] = expected.shape(`${name}.noise.0`);
  const decoded = await using(createSession(decoder, vaeWeights, device), (session) =>
    decodeWith(session)(last, height, width),
  );
  await add(`${name}.decoded`, decoded, LATENT_TOLERANCE);
  return results;
}

/** The latent after each step, in the scheduler's own coordinates. */
async function sampled(
  { expected }: Surroundings,
  settings: Case,
  name: string,
  predict: Predictor['predict'],
  network: DenoiserConfig,
): Promise<Latent[]> {
  const { textTime, guidanceWidth } = network as Partial<UnetConfig>;
  const { scheduler_config: config, num_inference_steps: steps, guidance_scale: cfgScale } = settings;
  const sampler = SAMPLER[settings.scheduler as keyof typeof SAMPLER];
  if (!sampler) throw new EaselError('unsupported', said`${name} was looped with ${settings.scheduler}.`);
  const process = discrete(trainedSigmas(config), config.prediction_type);
  const plan = planSteps({
    sampler,
    schedule: config.timestep_spacing,
    steps,
    levels: process,
    config,
    quantise: true,
  });
  const context = async (which: 'cond' | 'uncond'): Promise<Context> => ({
    states: await expected.floats(`${name}.${which}`),
    tokens: expected.shape(`${name}.${which}`)[1],
    pooled: textTime ? await expected.floats(POOLED[which]) : undefined,
  });
  const info = { hasSizeConditioning: textTime !== undefined, takesGuidance: guidanceWidth !== undefined };
  const conditioning = {
    prompts: [{ context: await context('cond'), weight: 1 }],
    uncond: info.takesGuidance ? undefined : await context('uncond'),
  };
  const [, , height, width] = expected.shape(`${name}.noise.0`);
  const denoiser = modelDenoiser(
    { predict, info },
    { height, width },
    async () => conditioning,
    { cfgScale, sizes: SIZES },
    process,
    plan,
  );
  const { coordinates } = SAMPLERS[sampler];
  const noise = Float64Array.from(await expected.floats(`${name}.noise.0`));
  const start = startingNoise(noise, plan, coordinates, process);
  const noises: Float32Array[] = [];
  for (let k = 1; expected.has(`${name}.noise.${k}`); k++) noises.push(await expected.floats(`${name}.noise.${k}`));
  return statesOf(denoiser, start, {
    sampler,
    process,
    plan,
    noise: () => noises.shift() ?? new Float64Array(noise.length),
  });
}
