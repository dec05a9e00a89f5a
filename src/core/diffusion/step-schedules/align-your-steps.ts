import { linspace } from '../../array';

/** The published noise levels of ten steps, optimised for a model (Sabour et al. 2024, "Align Your Steps"; A1111 has the same). */
export const ALIGN_YOUR_STEPS = {
  sd15: [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029],
  sdxl: [14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.38, 0.234, 0.113, 0.029],
} as const satisfies Record<string, readonly number[]>;

export type AlignedModel = keyof typeof ALIGN_YOUR_STEPS;

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
 * "Align Your Steps": a table of noise levels resampled to n of them, then 0. One step alone would be the lowest level, which is
 * of no use: take two at least.
 * @param levels descending, at least two.
 */
export function alignYourStepsSigmas(n: number, levels: readonly number[] = ALIGN_YOUR_STEPS.sd15): number[] {
  return [...(n === levels.length ? levels : resampled(levels, n)), 0];
}
