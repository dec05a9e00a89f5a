/**
 * Step schedules that pick from a trained model's noise levels. Each returns sigmas in descending order, one more than
 * there are steps, the last 0.
 */

import { roundHalfEven } from '../../array';
import type { SigmaTable } from '../types';
import { betaQuantile } from './incomplete-beta';

/** Every T/n-th trained level, counted down from the last (ComfyUI's and A1111's "Simple"). */
export function simpleSigmas(n: number, { sigmas }: SigmaTable): number[] {
  const stride = sigmas.length / n;
  return [...Array.from({ length: n }, (_, i) => sigmas[sigmas.length - 1 - Math.floor(i * stride)]), 0];
}

/**
 * Every (T // n)-th trained level, counted up from the second (A1111's "DDIM", ComfyUI's `ddim_uniform`). Begins below
 * the last level, and has more than n steps where n does not divide T.
 */
export function ddimUniformSigmas(n: number, { sigmas }: SigmaTable): number[] {
  const stride = Math.max(1, Math.floor(sigmas.length / n));
  const levels: number[] = [];
  for (let t = 1; t < sigmas.length; t += stride) levels.unshift(sigmas[t]);
  return [...levels, 0];
}

/**
 * Quantiles of a beta distribution, mapped to whole timesteps, repeated ones dropped (ComfyUI's `beta`, after Lee et
 * al. 2024): fewer than n steps where two quantiles fall on one timestep.
 */
export function betaTimestepSigmas(n: number, { sigmas }: SigmaTable, alpha = 0.6, beta = 0.6): number[] {
  const timesteps = Array.from({ length: n }, (_, i) =>
    roundHalfEven(betaQuantile(1 - i / n, alpha, beta) * (sigmas.length - 1)),
  );
  return [...new Set(timesteps)].map((t) => sigmas[t]).concat(0);
}
