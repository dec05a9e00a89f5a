/**
 * Step schedules that pick from a trained model's noise levels. Each returns sigmas in descending order, one more than there are
 * steps, the last 0.
 */

import { linspace, roundHalfEven } from '../../array';
import { sigmaAt, timestepAt } from '../timesteps';
import type { SigmaTable } from '../types';
import { betaQuantile } from './incomplete-beta';

/** Evenly spaced in timestep, from the last to the first (k-diffusion's `get_sigmas`; A1111's "Uniform"). */
export function uniformSigmas(n: number, table: SigmaTable): number[] {
  return [...linspace(table.sigmas.length - 1, 0, n).map((t) => sigmaAt(table, t)), 0];
}

/** Evenly spaced in timestep between those of two noise levels (A1111's and ComfyUI's "Normal"). */
export function normalSigmas(n: number, table: SigmaTable, sigmaMin: number, sigmaMax: number): number[] {
  return [...linspace(timestepAt(table, sigmaMax), timestepAt(table, sigmaMin), n).map((t) => sigmaAt(table, t)), 0];
}

/** As "Normal" for one step more, whose lowest level is left out (Stability's generative-models; A1111's "SGM Uniform"). */
export function sgmUniformSigmas(n: number, table: SigmaTable, sigmaMin: number, sigmaMax: number): number[] {
  return [...normalSigmas(n + 1, table, sigmaMin, sigmaMax).slice(0, n), 0];
}

/** Every T/n-th trained level, counted down from the last (ComfyUI's and A1111's "Simple"). */
export function simpleSigmas(n: number, { sigmas }: SigmaTable): number[] {
  const stride = sigmas.length / n;
  return [...Array.from({ length: n }, (_, i) => sigmas[sigmas.length - 1 - Math.floor(i * stride)]), 0];
}

/**
 * Every (T // n)-th trained level, counted up from the second (A1111's "DDIM", ComfyUI's `ddim_uniform`). Begins below the last
 * level, and has more than n steps where n does not divide T.
 */
export function ddimUniformSigmas(n: number, { sigmas }: SigmaTable): number[] {
  const stride = Math.max(1, Math.floor(sigmas.length / n));
  const levels: number[] = [];
  for (let t = 1; t < sigmas.length; t += stride) levels.unshift(sigmas[t]);
  return [...levels, 0];
}

/**
 * Quantiles of a beta distribution, mapped to whole timesteps, repeated ones dropped (ComfyUI's `beta`, after Lee et al. 2024):
 * fewer than n steps where two quantiles fall on one timestep.
 */
export function betaTimestepSigmas(n: number, { sigmas }: SigmaTable, alpha = 0.6, beta = 0.6): number[] {
  const timesteps = Array.from({ length: n }, (_, i) =>
    roundHalfEven(betaQuantile(1 - i / n, alpha, beta) * (sigmas.length - 1)),
  );
  return [...new Set(timesteps)].map((t) => sigmas[t]).concat(0);
}
