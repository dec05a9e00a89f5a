import { roundHalfEven } from '../array';
import type { SigmaTable } from './types';

/** Index of the last entry of an ascending list that is <= value, at most the last but one, at least 0. */
function segment(ascending: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (ascending[middle] <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** sigma at a fractional timestep, log sigma interpolated (k-diffusion's `t_to_sigma`). */
export function sigmaAt(table: SigmaTable, timestep: number): number {
  const { sigmas } = table;
  const t = Math.min(Math.max(timestep, 0), sigmas.length - 1);
  const low = Math.floor(t);
  const high = Math.ceil(t);
  const w = t - low;
  return Math.exp((1 - w) * Math.log(sigmas[low]) + w * Math.log(sigmas[high]));
}

/** sigma at a fractional timestep, sigma itself interpolated (diffusers' Euler family). */
export function sigmaAtLinear(table: SigmaTable, timestep: number): number {
  const { sigmas } = table;
  const t = Math.min(Math.max(timestep, 0), sigmas.length - 1);
  const low = Math.floor(t);
  const w = t - low;
  return w === 0 ? sigmas[low] : (1 - w) * sigmas[low] + w * sigmas[low + 1];
}

/**
 * The fractional timestep whose sigma this is, by interpolation in log sigma, clamped to the table (k-diffusion's
 * `sigma_to_t`).
 */
export function timestepAt(table: SigmaTable, sigma: number): number {
  const { sigmas } = table;
  if (sigma <= sigmas[0]) return 0;
  if (sigma >= sigmas[sigmas.length - 1]) return sigmas.length - 1;
  const low = segment(sigmas, sigma);
  const [a, b] = [Math.log(sigmas[low]), Math.log(sigmas[low + 1])];
  return low + (Math.log(sigma) - a) / (b - a);
}

/**
 * The whole timestep nearest to sigma in log sigma: what a model trained on whole timesteps only is given
 * (k-diffusion's `quantize`).
 */
export function nearestTimestep(table: SigmaTable, sigma: number): number {
  return roundHalfEven(timestepAt(table, sigma));
}
