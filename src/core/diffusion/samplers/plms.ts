import { accumulate, combine } from '../../array';
import type { Denoised, Latent, Sampler } from '../types';
import { carried, noiseIn } from './ddim';
import { runSteps } from './run-steps';

/** Adams-Bashforth weights of the newest noise prediction and those before it (Liu et al. 2022, equation 12). */
const WEIGHTS = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]];

/**
 * PLMS: DDIM's step with the noise extrapolated from up to four predictions. The first step takes two calls, an
 * improved Euler step; what is remembered is the raw prediction. With `blend: 'v_prediction'` it is v that is
 * extrapolated, as diffusers' PNDMScheduler does for models that predict v.
 */
export const plms: Sampler = (denoise, x, sigmas, { blend = 'epsilon', ...options }) => {
  const past: Latent[] = [];
  return runSteps(denoise, x, sigmas, options, async ({ x, sigma, next, denoised, step, call }) => {
    const target = options.targets?.[step] ?? next;
    const root = Math.sqrt(1 + sigma ** 2);
    const velocity = blend === 'v_prediction';
    // eps = v / root + sigma x / root^2, since v = (eps - sigma x0) / root, at this step's x and sigma.
    const [share, ofX] = velocity ? [1 / root, sigma / root ** 2] : [1, 0];
    const length = target - sigma;
    const move = ([first, ...weights]: readonly number[], [newest, ...before]: readonly Latent[]) => {
      const out = combine(1 + length * ofX, x, length * share * first, newest);
      for (const [k, weight] of weights.entries()) accumulate(out, length * share * weight, before[k]);
      return carried(out, target, next);
    };
    past.unshift(outputOf(x, sigma, denoised, velocity));
    past.length = Math.min(past.length, WEIGHTS.length);
    if (past.length === 1 && next > 0) {
      const there = move([1], past);
      const end = await call(there, next);
      return move([1 / 2, 1 / 2], [past[0], outputOf(there, next, end, velocity)]);
    }
    return move(WEIGHTS[past.length - 1], past);
  });
};

/** What the model predicted, as noise or as v. */
function outputOf(x: Latent, sigma: number, { x0, eps = noiseIn(x, sigma, x0) }: Denoised, velocity: boolean): Latent {
  if (!velocity) return eps;
  const root = Math.sqrt(1 + sigma ** 2);
  return combine(1 / root, eps, -sigma / root, x0);
}
