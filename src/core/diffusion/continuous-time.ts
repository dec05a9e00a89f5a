/**
 * A discrete model seen in continuous time, as DPM-Solver's and UniPC's authors have it: training timestep i stands at
 * time (i + 1) / T, and log alpha, alpha = sqrt(abar), is a broken line between those.
 */

import { linspace } from '../array';
import type { SigmaTable, StepPlan } from './types';

const logAlphaOf = (table: SigmaTable, i: number) => Math.log(table.alphasCumprod[i]) / 2;

/** sigma / alpha, our sigma, from log alpha of a variance-preserving process. */
const sigmaOf = (logAlpha: number) => Math.sqrt(Math.expm1(-2 * logAlpha));

/** log alpha at a time of 1/T..1. */
export function logAlphaAt(table: SigmaTable, time: number): number {
  const last = table.alphasCumprod.length - 1;
  const place = Math.min(Math.max(time * (last + 1) - 1, 0), last);
  const low = Math.floor(place);
  if (low === place) return logAlphaOf(table, low);
  return logAlphaOf(table, low) + (place - low) * (logAlphaOf(table, low + 1) - logAlphaOf(table, low));
}

/**
 * A1111's UniPC run, which takes only the number of steps from the schedule: the noise levels of n + 1 even times from
 * 1 to 1/T, ending at the model's first rather than at 0, and fractional timesteps.
 */
export function continuousPlan(n: number, table: SigmaTable): StepPlan {
  const times = linspace(1, 1 / table.sigmas.length, n + 1);
  return {
    sigmas: times.map((time) => sigmaOf(logAlphaAt(table, time))),
    timesteps: times.slice(0, -1).map((time) => time * table.sigmas.length - 1),
  };
}
