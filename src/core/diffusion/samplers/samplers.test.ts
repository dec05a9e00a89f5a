import { describe, expect, it } from 'vitest';
// Trajectories computed in float64 by k-diffusion and diffusers themselves (each file's `provenance`).
import ddimGoldens from '../goldens/c_sampler_ddim.json';
import dpmpp2mGoldens from '../goldens/c_sampler_dpmpp_2m.json';
import eulerGoldens from '../goldens/c_sampler_euler.json';
import ancestralGoldens from '../goldens/c_sampler_euler_ancestral.json';
import discreteGoldens from '../goldens/c_sampler_euler_discrete.json';
import { inCoordinates } from '../latent-format';
import { type GoldenDenoiser, goldenDenoiser, type Mixture } from '../mixture';
import { trainedSigmas } from '../noise-schedules';
import { planSteps } from '../plan-steps';
import type { Spacing } from '../timestep-spacing';
import type { Latent, Sampler, SamplerOptions } from '../types';
import { SAMPLERS, type SamplerId } from './index';

interface Case {
  id: string;
  denoiser: GoldenDenoiser;
  sigmas: number[];
  params: Record<string, number>;
  x_init: number[];
  noises: { n: number[] }[];
  x_final: number[];
}

/** Noise in the order the reference drew it. */
function recorded(noises: { n: number[] }[]): SamplerOptions['noise'] {
  let k = 0;
  return () => Float64Array.from(noises[k++].n);
}

/** Largest difference relative to the largest entry of the reference. */
function relativeError(actual: Latent, expected: number[]): number {
  const size = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(actual[i] - value))) / size;
}

const known = new Set(['eta']);
const casesOf = (goldens: { cases: unknown[] }) =>
  (goldens.cases as Case[]).filter((c) => Object.keys(c.params ?? {}).every((name) => known.has(name)));

describe.each([
  ['euler', SAMPLERS.euler.sample, eulerGoldens],
  ['euler_a', SAMPLERS.euler_a.sample, ancestralGoldens],
  ['dpmpp_2m', SAMPLERS.dpmpp_2m.sample, dpmpp2mGoldens],
] as [string, Sampler, { cases: unknown[]; mixtures: Record<string, Mixture> }][])(
  '%s as k-diffusion',
  (_, sample, goldens) => {
    it.each(casesOf(goldens).map((c) => [c.id, c] as const))('%s', async (_id, c) => {
      const denoise = goldenDenoiser(c.denoiser, goldens.mixtures);
      const x = await sample(denoise, Float64Array.from(c.x_init), c.sigmas, {
        noise: recorded(c.noises),
        ...c.params,
      });
      expect(relativeError(x, c.x_final)).toBeLessThan(1e-8);
    });
  },
);

interface TimestepCase extends Case {
  impl: string;
  beta: {
    beta_schedule: string;
    beta_start: number;
    beta_end: number;
    num_train_timesteps: number;
    rescale_betas_zero_snr?: boolean;
  };
  config: {
    timestep_spacing: Spacing;
    steps_offset?: number;
    set_alpha_to_one?: boolean;
    clip_sample?: boolean;
    use_karras_sigmas?: boolean;
  };
  n: number;
  eta?: number;
  timesteps: number[];
}

describe.each([
  ['ddim', ddimGoldens],
  ['euler', discreteGoldens],
] as [SamplerId, { cases: unknown[]; mixtures: Record<string, Mixture> }][])('%s as diffusers', (sampler, goldens) => {
  const cases = (goldens.cases as TimestepCase[]).filter(
    (c) =>
      c.impl === 'diffusers' &&
      !c.config.clip_sample && // Stable Diffusion's models set it false
      !c.beta.rescale_betas_zero_snr && // sigma is infinite there
      Object.keys(c.params ?? {}).length === 0,
  );
  it.each(cases.map((c) => [c.id, c] as const))('%s', async (_, c) => {
    const table = trainedSigmas(c.beta);
    const schedule = c.config.use_karras_sigmas ? 'karras' : c.config.timestep_spacing;
    const plan = planSteps({ sampler, schedule, steps: c.n, table, config: c.config });
    if (schedule !== 'karras') expect(plan.timesteps).toEqual(c.timesteps);
    const { coordinates, sample } = SAMPLERS[sampler];
    const vp = coordinates === 'variance-preserving';
    const start = Float64Array.from(c.x_init, (x) => (vp ? x * Math.sqrt(1 + plan.sigmas[0] ** 2) : x));
    const options = { noise: recorded(c.noises ?? []), eta: c.eta ?? 0, targets: plan.targets };
    const x = await sample(goldenDenoiser(c.denoiser, goldens.mixtures), start, plan.sigmas, options);
    expect(relativeError(inCoordinates(coordinates, x, plan.sigmas[plan.sigmas.length - 1]), c.x_final)).toBeLessThan(
      1e-8,
    );
  });
});

describe('identities', () => {
  const denoise = goldenDenoiser({ kind: 'mixture', mixture: 'A' }, eulerGoldens.mixtures as Record<string, Mixture>);
  const sigmas = [10, 5, 2, 1, 0.3, 0];
  const start = Float64Array.of(3, -8, 12, 0.5, -4, 7);
  const noise = () => new Float64Array(6).fill(Number.NaN); // must not be used

  it('Euler a at eta 0 is Euler', async () => {
    const a = await SAMPLERS.euler_a.sample(denoise, start, sigmas, { noise: () => new Float64Array(6), eta: 0 });
    const b = await SAMPLERS.euler.sample(denoise, start, sigmas, { noise });
    expect(relativeError(a, [...b])).toBeLessThan(1e-14);
  });

  it('DDIM at eta 0 is Euler in variance-exploding coordinates', async () => {
    const a = await SAMPLERS.ddim.sample(denoise, start, sigmas, { noise, eta: 0 });
    const b = await SAMPLERS.euler.sample(denoise, start, sigmas, { noise });
    expect(relativeError(a, [...b])).toBeLessThan(1e-14);
  });
});

describe('order of convergence on Gaussian data', () => {
  // x0 ~ N(0, s^2): D(x, sigma) = x s^2 / (s^2 + sigma^2), and the ODE carries x to x sqrt((s^2 + end^2) / (s^2 + start^2)).
  const s2 = 0.25;
  const gaussian = async (x: Latent, sigma: number) => ({ x0: x.map((v) => (v * s2) / (s2 + sigma ** 2)) as Latent });
  const [from, to] = [10, 0.01];
  const exact = Math.sqrt((s2 + to ** 2) / (s2 + from ** 2));
  const error = async (sample: Sampler, n: number) => {
    const sigmas = Array.from(
      { length: n + 1 },
      (_, i) => (from ** (1 / 7) + (i / n) * (to ** (1 / 7) - from ** (1 / 7))) ** 7,
    );
    const x = await sample(gaussian, Float64Array.of(1), sigmas, { noise: () => new Float64Array(1), eta: 0 });
    return Math.abs(x[0] - exact);
  };
  it.each([
    ['euler', 1],
    ['ddim', 1],
    ['dpmpp_2m', 2],
  ] as [SamplerId, number][])('%s is of order %i', async (id, order) => {
    const sample = SAMPLERS[id].sample;
    const measured = Math.log2((await error(sample, 200)) / (await error(sample, 400)));
    expect(measured).toBeGreaterThan(order - 0.1);
    expect(measured).toBeLessThan(order + 0.15);
  });
});
