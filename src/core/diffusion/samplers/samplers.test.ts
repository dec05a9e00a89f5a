import { describe, expect, it } from 'vitest';
import eulerGoldens from '../goldens/c_sampler_euler.json';
import { goldenDenoiser, type Mixture } from '../mixture';
import type { Latent, Sampler } from '../types';
import { SAMPLERS, type SamplerId } from './index';

/** Largest difference relative to the largest entry of the reference. */
function relativeError(actual: Latent, expected: number[]): number {
  const size = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(actual[i] - value))) / size;
}

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
