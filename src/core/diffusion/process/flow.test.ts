import { describe, expect, it } from 'vitest';
import { seededNormal } from '../../random';
import { startingNoise } from '../latent-format';
import { planSteps } from '../plan-steps';
import { type SamplerId, samplerEntry } from '../samplers/index';
import { tunedOptions } from '../samplers/tuning';
import { type Mixture, mixtureMean, posteriorExpectation } from '../theory/mixture';
import type { Denoiser } from '../types';
import { flow, flowSigma, flowTime, LAST_TIME } from './flow';
import { fromNetwork, type Network } from './from-network';

const MIXTURE: Mixture = {
  weights: [0.2, 0.5, 0.3],
  means: [
    [0.4, -0.7, 1.2],
    [-1.1, 0.2, 0.1],
    [0.9, 0.8, -0.5],
  ],
  stds: [0.3, 0.5, 0.2],
};

/** x0 = E[x0 | x_t], which the best velocity says: u = E[eps - x0 | x_t] = (x_t - x0) / t. */
const clean = (x: Float64Array, t: number) => posteriorExpectation(x, { signal: 1 - t, noise: t }, MIXTURE);
const velocity = (x: Float64Array, t: number) => clean(x, t).map((x0, i) => (x[i] - x0) / t);
const network: Network = async (input, timestep) => velocity(Float64Array.from(input), timestep / 1000);

const noise = Float64Array.from(seededNormal(3)(3));
const times = [LAST_TIME, 0.93, 0.8, 0.61, 0.44, 0.2, 0.05, 0];

function apart(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  return Math.max(...Array.from(expected, (value, i) => Math.abs(actual[i] - value)));
}

/** A run of flow in our coordinates, from noise / (1 - t) to x0. */
function sampled(sampler: SamplerId, denoise: Denoiser, sigmas: readonly number[]) {
  const start = noise.map((value) => value * (1 + sigmas[0]));
  return samplerEntry(sampler).sample(denoise, start, sigmas, { ...tunedOptions(sampler, {}), noise: () => noise });
}

describe('flow on a mixture whose velocity is known', () => {
  const process = flow();
  const denoise: Denoiser = (x, sigma) => fromNetwork(process, network)(x, sigma);
  const sigmas = times.map(flowSigma);

  it('Euler in sigma is Euler in t', async () => {
    let x: Float64Array = noise;
    for (const [i, t] of times.slice(0, -1).entries()) {
      const u = velocity(x, t);
      x = x.map((value, k) => value + (times[i + 1] - t) * u[k]);
    }
    expect(apart(await sampled('euler', denoise, sigmas), x)).toBeLessThan(1e-12);
  });

  it('DPM++ 2M in sigma is DPM-Solver++ in flow’s own alpha = 1 - t and sigma = t (Lu et al. 2022b, algorithm 2)', async () => {
    const lambda = (t: number) => Math.log((1 - t) / t);
    let x: Float64Array = noise;
    let before: { x0: Float64Array; h: number } | undefined;
    for (const [i, t] of times.slice(0, -1).entries()) {
      const [next, x0] = [times[i + 1], clean(x, t)];
      if (next === 0) {
        x = x0;
        break;
      }
      const h = lambda(next) - lambda(t);
      const r = (before?.h ?? 0) / h;
      const aim = before ? x0.map((v, k) => (1 + 1 / (2 * r)) * v - (before as { x0: Float64Array }).x0[k] / (2 * r)) : x0; // biome-ignore format: one formula
      x = x.map((value, k) => (next / t) * value - (1 - next) * Math.expm1(-h) * aim[k]);
      before = { x0, h };
    }
    expect(apart(await sampled('dpmpp_2m', denoise, sigmas), x)).toBeLessThan(1e-12);
  });

  it.each(['dpmpp_2m', 'unipc', 'heun'] as const)('%s walks as with the mixture’s own denoiser', async (sampler) => {
    const exact: Denoiser = async (x, sigma) => ({ x0: mixtureMean(x, sigma, MIXTURE) });
    expect(apart(await sampled(sampler, denoise, sigmas), await sampled(sampler, exact, sigmas))).toBeLessThan(1e-12);
  });
});

describe('flow’s levels', () => {
  it('begin at t = 1 - 1e-5, where what the network is fed is the noise itself', () => {
    for (const shift of [1, 3]) {
      const process = flow({ shift });
      expect(flowTime(process.sigmaMax)).toBeCloseTo(1 - 1e-5, 12);
      const plan = planSteps({ sampler: 'euler', schedule: 'uniform', steps: 4, levels: process, config: {} });
      for (const coordinates of ['variance-exploding', 'variance-preserving'] as const)
        expect(apart(process.input(startingNoise(noise, plan, coordinates, process), plan.sigmas[0]), noise)).toBeLessThan(1e-14); // biome-ignore format: one line
    }
  });

  it('even steps are even in t; a shift of 3 moves them to 3 t / (1 + 2 t), which is what the network is told', () => {
    const even = (shift: number) => {
      const process = flow({ shift });
      const { sigmas } = planSteps({ sampler: 'euler', schedule: 'uniform', steps: 5, levels: process, config: {} });
      return sigmas.slice(0, -1).map((sigma) => process.timestepAt(sigma) / 1000);
    };
    const plain = [1, 0.75025, 0.5005, 0.25075, 0.001]; // numpy.linspace(1, 0.001, 5)
    expect(apart(even(1), plain)).toBeLessThan(2e-5);
    expect(apart(even(3), plain.map((t) => (3 * t) / (1 + 2 * t)))).toBeLessThan(2e-5); // biome-ignore format: one line
    const process = flow({ shift: 3 });
    for (const sigma of [0.01, 1, 50]) expect(process.sigmaAt(process.timeAt(sigma)) / sigma).toBeCloseTo(1, 12);
  });
});
