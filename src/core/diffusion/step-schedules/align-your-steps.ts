import { linspace } from '../../array';

/** Log-linear resampling of a descending list to n values, both ends kept; just the last for n = 1. */
function resampled(levels: readonly number[], n: number): number[] {
  const logs = levels.map(Math.log).reverse();
  const places = linspace(0, logs.length - 1, n);
  return places
    .map((place) => {
      const low = Math.min(Math.floor(place), logs.length - 2);
      return Math.exp(logs[low] + (place - low) * (logs[low + 1] - logs[low]));
    })
    .reverse();
}

/**
 * "Align Your Steps" (Sabour et al. 2024): a table of noise levels resampled to n of them, then 0. One step alone would
 * be the lowest level, which is of no use: take two at least.
 * @param levels the model's published table, descending, at least two.
 */
export function alignYourStepsSigmas(n: number, levels: readonly number[]): number[] {
  return [...(n === levels.length ? levels : resampled(levels, n)), 0];
}
