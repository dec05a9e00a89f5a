/** Latent consistency models are distilled on every (T // 50)-th timestep of a trained model; runs keep to those. */

import { roundHalfEven } from '../array';
import { tableLevels } from './process/discrete';
import { uniformSigmas } from './step-schedules/even-levels';
import { timestepAt } from './timesteps';
import type { SigmaTable } from './types';

/** How many of the trained timesteps a model is distilled on, unless its config says otherwise (Luo et al. 2023). */
export const LCM_TIMESTEPS = 50;

/** The timesteps of distillation, ascending; the last is the model's last. */
function distilledTimesteps(trained: number, count: number): number[] {
  const stride = Math.floor(trained / count);
  return Array.from({ length: count }, (_, i) => trained - 1 - (count - 1 - i) * stride);
}

function distilledTable({ sigmas, alphasCumprod }: SigmaTable, count: number): SigmaTable {
  const timesteps = distilledTimesteps(sigmas.length, count);
  return {
    sigmas: Float64Array.from(timesteps, (t) => sigmas[t]),
    alphasCumprod: Float64Array.from(timesteps, (t) => alphasCumprod[t]),
  };
}

/**
 * Timesteps of diffusers' LCMScheduler, descending: n of the distilled ones, evenly spaced from the last.
 * @param count `original_inference_steps`; n is at most that.
 */
export function lcmTimesteps(n: number, trained: number, count = LCM_TIMESTEPS): number[] {
  const stride = Math.floor(trained / count);
  const descending = Array.from({ length: count }, (_, i) => (count - i) * stride - 1);
  const skip = count / n;
  return Array.from({ length: n }, (_, i) => descending[Math.floor(i * skip)]);
}

/**
 * A1111's noise levels for LCM: evenly spaced in timestep over the distilled levels, log sigma interpolated, then 0.
 */
export function lcmSigmas(n: number, table: SigmaTable, count = LCM_TIMESTEPS): number[] {
  return uniformSigmas(n, tableLevels(distilledTable(table, count)));
}

/** The distilled timestep nearest to sigma in log sigma, which A1111 gives the model. */
export function lcmTimestepAt(table: SigmaTable, sigma: number, count = LCM_TIMESTEPS): number {
  return distilledTimesteps(table.sigmas.length, count)[roundHalfEven(timestepAt(distilledTable(table, count), sigma))];
}
