import { describe, expect, it } from 'vitest';
import { seededNormal } from '../../random';
import eulerGoldens from '../goldens/c_sampler_euler.json';
import { karrasSigmas } from '../step-schedules/noise-levels';
import { goldenDenoiser, type Mixture } from '../theory/mixture';
import type { Denoiser, Latent, SamplerOptions } from '../types';
import { SAMPLERS, type SamplerId, samplerEntry } from './index';
import { tunedOptions } from './tuning';

/** Largest difference relative to the largest entry. */
function relativeError(actual: Latent, expected: Latent): number {
  const size = Math.max(...expected.map(Math.abs));
  return Math.max(...[...expected].map((value, i) => Math.abs(actual[i] - value))) / size;
}

const none = () => new Float64Array(6).fill(Number.NaN); // must not be used
const sample = (id: SamplerId, denoise: Denoiser, x: Latent, sigmas: readonly number[], options: Partial<SamplerOptions> = {}) =>
  samplerEntry(id).sample(denoise, x, sigmas, { noise: none, ...tunedOptions(id, {}), timesteps: sigmas.map((_, i) => 99 - i), ...options }); // biome-ignore format: one call

describe('identities', () => {
  const denoise = goldenDenoiser({ kind: 'mixture', mixture: 'A' }, eulerGoldens.mixtures as Record<string, Mixture>);
  const sigmas = [10, 5, 2, 1, 0.3, 0];
  const start = Float64Array.of(3, -8, 12, 0.5, -4, 7);
  const zero = () => new Float64Array(6);
  const drawing = () => {
    const draw = seededNormal(5);
    return () => Float64Array.from(draw(6));
  };

  it.each([
    ['euler_a', 'euler'],
    ['dpm2_a', 'dpm2'],
    ['ddim', 'euler'],
    ['dpmpp_2m_sde', 'dpmpp_2m'],
    ['dpmpp_sde', 'dpmpp_2s_a'],
  ] as [SamplerId, SamplerId][])('%s at eta 0 is %s', async (stochastic, twin) => {
    const a = await sample(stochastic, denoise, start, sigmas, { noise: zero, eta: 0 });
    const b = await sample(twin, denoise, start, sigmas, { noise: zero, eta: 0 });
    expect(relativeError(a, b)).toBeLessThan(1e-13);
  });

  it('DDIM at eta 1, Euler a and DDPM with the posterior’s variance are one method', async () => {
    const a = await sample('ddim', denoise, start, sigmas, { noise: drawing(), eta: 1 });
    const b = await sample('euler_a', denoise, start, sigmas, { noise: drawing() });
    const c = await sample('ddpm', denoise, start, sigmas, { noise: drawing(), timesteps: [99, 80, 60, 40, 0] });
    expect(relativeError(b, a)).toBeLessThan(1e-13);
    expect(relativeError(c, a)).toBeLessThan(1e-9); // its variance is at least 1e-20
  });

  it('LMS of order 1 is Euler, DDIM CFG++ without guidance is DDIM, Restart below 20 steps is Heun', async () => {
    for (const [one, other, options] of [
      ['lms', 'euler', { order: 1 }],
      ['ddim_cfgpp', 'ddim', {}],
      ['restart', 'heun', {}],
    ] as [SamplerId, SamplerId, Partial<SamplerOptions>][]) {
      const a = await sample(one, denoise, start, sigmas, options);
      expect(relativeError(a, await sample(other, denoise, start, sigmas)), one).toBeLessThan(1e-13);
    }
  });

  it('DDIM CFG++ renoises with the unconditional prediction', async () => {
    const uncond = Float64Array.of(1, 2, 3, 4, 5, 6);
    const guided: Denoiser = async (x) => ({ x0: new Float64Array(x.length), uncond });
    const [x] = [await sample('ddim_cfgpp', guided, start, [10, 2])];
    expect(relativeError(x, start.map((v, i) => ((v - uncond[i]) / 10) * 2))).toBeLessThan(1e-14); // biome-ignore format: one formula
  });

  it('churn between tmin and tmax only, and none of it is a plain step', async () => {
    let drawn = 0;
    const counting = () => {
      drawn++;
      return new Float64Array(6);
    };
    const plain = await sample('euler', denoise, start, sigmas);
    const above = await sample('euler', denoise, start, sigmas, { noise: counting, sChurn: 5, sTmin: 100 });
    expect(relativeError(above, plain)).toBe(0);
    expect(drawn).toBe(5); // so that seeds agree with k-diffusion's
    const churned = await sample('euler', denoise, start, sigmas, { noise: counting, sChurn: 5 });
    expect(relativeError(churned, plain)).toBeGreaterThan(1e-3);
  });

  it('every sampler calls onStep in order, can be stopped by it, and leaves its input as it was', async () => {
    for (const id of Object.keys(SAMPLERS) as SamplerId[]) {
      const x = Float64Array.from(start);
      const list = samplerEntry(id).ends?.at === 'smallest' ? sigmas.slice(0, -1) : sigmas;
      const steps: number[] = [];
      await sample(id, denoise, x, list, {
        noise: drawing(),
        onStep: ({ step, of }) => {
          expect(step, id).toBeLessThan(of);
          steps.push(step);
        },
      });
      expect(x, id).toEqual(start);
      expect(steps.length, id).toBeGreaterThan(0);
      expect(steps, id).toEqual(steps.map((_, i) => i));
      const stopped = sample(id, denoise, x, list, {
        noise: drawing(),
        onStep: () => {
          throw new Error('stop');
        },
      });
      await expect(stopped, id).rejects.toThrow('stop');
    }
  });
});

describe('memory', () => {
  // Beside the new x: slopes and corrected points that multistep methods remember, a consistency function's value, a
  // score, and the points of the steps that cost as many calls.
  const BEYOND_X: Partial<Record<SamplerId, number>> = { lms: 1, plms: 1, unipc: 1, lcm: 1, predictor_corrector: 1, dpm_fast: 3, dpm_adaptive: 4 }; // biome-ignore format: a list
  let made = 0;
  class Counted extends Float64Array {
    constructor(length: number) {
      super(length);
      made++;
    }
  }
  it.each(Object.keys(SAMPLERS) as SamplerId[])('%s makes no array that its step does not keep', async (id) => {
    const denoise: Denoiser = async (x, sigma) => {
      const x0 = new Counted(1);
      x0[0] = x[0] / (1 + sigma ** 2);
      made--; // the model's own
      return { x0 };
    };
    const madeIn = async (steps: number) => {
      const sigmas = karrasSigmas(steps, 0.03, 14.6).slice(
        0,
        samplerEntry(id).ends?.at === 'smallest' ? -1 : undefined,
      );
      let seen = 0;
      const x = new Counted(1).fill(14.6);
      made = 0;
      await sample(id, denoise, x, sigmas, { noise: () => Float64Array.of(0), onStep: () => void seen++ });
      return { made, seen };
    };
    const [few, many] = [await madeIn(24), await madeIn(48)];
    const perStep = many.seen > few.seen ? (many.made - few.made) / (many.seen - few.seen) : few.made / few.seen;
    expect(perStep).toBeLessThan(1.1 + (BEYOND_X[id] ?? 0));
  });
});

describe('order of convergence on Gaussian data', () => {
  // x0 ~ N(0, s^2): D(x, sigma) = x s^2 / (s^2 + sigma^2), and the ODE carries x to x sqrt((s^2 + end^2) / (s^2 +
  // start^2)).
  const s2 = 0.25;
  const gaussian: Denoiser = async (x, sigma) => ({ x0: x.map((v) => (v * s2) / (s2 + sigma ** 2)) as Latent });
  const [from, to] = [10, 0.01];
  const exact = Math.sqrt((s2 + to ** 2) / (s2 + from ** 2));
  const levels = (n: number) => karrasSigmas(n + 1, to, from).slice(0, -1);
  const error = async (id: SamplerId, n: number, options: Partial<SamplerOptions>) => {
    const x = await sample(id, gaussian, Float64Array.of(1), levels(n), { noise: () => new Float64Array(1), eta: 0, ...options }); // biome-ignore format: one call
    return Math.abs(x[0] - exact);
  };
  it.each([
    ['euler', 1, {}],
    ['ddim', 1, {}],
    ['lms', 2, { order: 2 }],
    ['lms', 3, { order: 3 }],
    ['heun', 2, {}],
    ['dpm2', 2, {}],
    ['dpmpp_2m', 2, {}],
    ['dpmpp_2s_a', 2, {}],
    ['dpmpp_sde', 2, {}],
    ['dpmpp_2m_sde', 2, {}],
    ['dpmpp_2m_sde_heun', 2, {}],
    ['dpmpp_3m_sde', 2, {}], // its first two steps are of lower order, as the reference's
    ['unipc', 2, { order: 1 }],
    ['unipc', 3, { order: 2 }],
    ['unipc', 3, { order: 2, variant: 'bh1' }],
    ['plms', 2, {}],
    ['dpm_fast', 3, {}], // where its last step is of order 2 at least: 2 calls more than a multiple of 3
  ] as [SamplerId, number, Partial<SamplerOptions>][])('%s is of order %i', async (id, order, options) => {
    const measured = Math.log((await error(id, 242, options)) / (await error(id, 482, options))) / Math.log(482 / 242);
    expect(measured).toBeGreaterThan(order - 0.15);
    expect(measured).toBeLessThan(order + 0.35);
  });

  it.each([
    ['rk45', 1e-3],
    ['rk45', 1e-6],
    ['dpm_adaptive', 1e-3],
  ] as [SamplerId, number][])('%s keeps to a tolerance of %d', async (id, tolerance) => {
    const options = tunedOptions(id, { tolerance });
    const x = await sample(id, gaussian, Float64Array.of(1), levels(20), { ...options, eta: 0 });
    expect(Math.abs(x[0] - exact) / exact).toBeLessThan(30 * tolerance);
  });

  it('the deterministic samplers end at one picture as steps grow', async () => {
    const mixture: Record<string, Mixture> = eulerGoldens.mixtures;
    const denoise = goldenDenoiser({ kind: 'mixture', mixture: 'A' }, mixture);
    const start = Float64Array.of(3, -8, 12, 0.5, -4, 7);
    const sigmas = karrasSigmas(400, 0.03, 14.6);
    const reference = await sample('heun', denoise, start, sigmas);
    for (const id of ['euler', 'ddim', 'lms', 'dpm2', 'dpmpp_2m', 'plms', 'unipc', 'rk45'] as SamplerId[])
      expect(relativeError(await sample(id, denoise, start, sigmas), reference), id).toBeLessThan(0.02);
  });
});

describe('moments of the samplers that add noise', () => {
  // Two narrow modes, 0.3 of the mass at -1 and 0.7 at 1, each number of the latent by itself.
  const denoise: Denoiser = async (x, sigma) => {
    const [left, right] = [0.2 ** 2 + sigma ** 2, 0.1 ** 2 + sigma ** 2];
    const shareOf = (weight: number, off: number, variance: number) =>
      (weight / Math.sqrt(variance)) * Math.exp(-(off ** 2) / (2 * variance));
    const mean = (v: number) => {
      const [a, b] = [shareOf(0.3, v + 1, left), shareOf(0.7, v - 1, right)];
      if (a + b === 0) return Math.sign(v);
      return (a * (-1 + (0.2 ** 2 / left) * (v + 1)) + b * (1 + (0.1 ** 2 / right) * (v - 1))) / (a + b);
    };
    return { x0: x.map(mean) as Latent };
  };
  const n = 20_000;
  it.each([
    ['euler_a', 0.02],
    ['dpm2_a', 0.02],
    ['dpmpp_2s_a', 0.02],
    ['dpmpp_sde', 0.02],
    ['dpmpp_2m_sde', 0.02],
    ['dpmpp_2m_sde_heun', 0.02],
    ['dpmpp_3m_sde', 0.02],
    ['restart', 0.02],
    ['ddpm', 0.02],
    ['euler_maruyama', 0.02],
    ['predictor_corrector', 0.02],
    ['langevin', 0.05], // wandering between far modes takes many more steps than these
  ] as [SamplerId, number][])('%s keeps the share, mean and spread of each mode', async (id, apart) => {
    const sigmas = karrasSigmas(80, 0.01, 20);
    const draw = seededNormal(3);
    const start = Float64Array.from(draw(n), (z) => z * sigmas[0]);
    const x = await sample(id, denoise, start, sigmas, { noise: () => Float64Array.from(draw(n)) });
    // The data's: 0.7 of the numbers around 1, with a deviation of 0.1.
    const right = [...x].filter((v) => v > 0);
    const mean = right.reduce((sum, v) => sum + v, 0) / right.length;
    const spread = Math.sqrt(right.reduce((sum, v) => sum + (v - mean) ** 2, 0) / right.length);
    expect(right.length / n).toBeGreaterThan(0.7 - apart);
    expect(right.length / n).toBeLessThan(0.7 + apart);
    expect(Math.abs(mean - 1)).toBeLessThan(0.01);
    expect(Math.abs(spread - 0.1)).toBeLessThan(apart);
  });
});
