/**
 * A discrete model seen in continuous time, as DPM-Solver's and UniPC's authors have it: training timestep i stands at time
 * (i + 1) / T, and log alpha, alpha = sqrt(abar), is a broken line between those.
 */

import { linspace } from '../array';
import { segment } from './timesteps';
import type { SigmaTable, StepPlan } from './types';

/** How the times of a run are spaced: in time, in its square root, or in log(alpha / sigma). */
export type TimeSpacing = 'time_uniform' | 'time_quadratic' | 'logSNR';

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

/** The time at which the model's noise level is sigma, 1/T..1. */
export function timeAt(table: SigmaTable, sigma: number): number {
  const { sigmas } = table;
  const last = sigmas.length - 1;
  if (sigma <= sigmas[0]) return 1 / sigmas.length;
  if (sigma >= sigmas[last]) return 1;
  const low = segment(sigmas, sigma);
  const [a, b] = [logAlphaOf(table, low), logAlphaOf(table, low + 1)];
  const logAlpha = -Math.log1p(sigma ** 2) / 2;
  return (low + 1 + (logAlpha - a) / (b - a)) / sigmas.length;
}

/** The n + 1 times of n steps from 1 to 1/T (A1111's UniPC, which takes only the number of steps from the schedule). */
export function continuousTimes(n: number, table: SigmaTable, spacing: TimeSpacing = 'time_uniform'): number[] {
  const first = 1 / table.sigmas.length;
  switch (spacing) {
    case 'time_uniform':
      return linspace(1, first, n + 1);
    case 'time_quadratic':
      return linspace(1, Math.sqrt(first), n + 1).map((root) => root ** 2);
    case 'logSNR': {
      const logSigma = (time: number) => Math.log(sigmaOf(logAlphaAt(table, time)));
      return linspace(logSigma(1), logSigma(first), n + 1).map((level) => timeAt(table, Math.exp(level)));
    }
    default:
      spacing satisfies never;
      throw new RangeError(`Unknown spacing "${String(spacing)}".`);
  }
}

/** A1111's UniPC run: the noise levels of those times, ending at the model's first rather than at 0, and fractional timesteps. */
export function continuousPlan(n: number, table: SigmaTable, spacing?: TimeSpacing): StepPlan {
  const times = continuousTimes(n, table, spacing);
  return {
    sigmas: times.map((time) => sigmaOf(logAlphaAt(table, time))),
    timesteps: times.slice(0, -1).map((time) => time * table.sigmas.length - 1),
  };
}
