import { combine } from '../../array';
import type { Latent, Sampler } from '../types';
import { carried, noiseIn } from './ddim';
import { march } from './march';

/** Adams-Bashforth weights of the newest noise prediction and those before it (Liu et al. 2022, equation 12). */
const WEIGHTS = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]];

/**
 * PLMS: DDIM's step with the noise extrapolated from up to four predictions. The first step takes two calls, an improved Euler
 * step; what is remembered is the raw prediction.
 */
export const plms: Sampler = (denoise, x, sigmas, options) => {
  const past: Latent[] = [];
  return march(denoise, x, sigmas, options, async ({ x, sigma, next, denoised, step, call }) => {
    const target = options.targets?.[step] ?? next;
    const { x0, eps = noiseIn(x, sigma, x0) } = denoised;
    const move = (by: Latent) => carried(combine(1, x, target - sigma, by), target, next);
    past.unshift(eps);
    past.length = Math.min(past.length, WEIGHTS.length);
    if (past.length === 1 && next > 0) {
      const there = move(eps);
      const end = await call(there, next);
      return move(combine(0.5, eps, 0.5, end.eps ?? noiseIn(there, next, end.x0)));
    }
    return move(past.reduce((sum, e, k) => combine(k === 0 ? 0 : 1, sum, WEIGHTS[past.length - 1][k], e), eps));
  });
};
