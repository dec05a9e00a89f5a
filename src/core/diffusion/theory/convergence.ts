/**
 * What `npm run bench -- convergence` measures and the lab plots: how far pictures of few steps are from one of many.
 */
export interface ConvergenceReport {
  v: 1;
  model: string;
  prompt: string;
  seeds: readonly number[];
  width: number;
  height: number;
  cfgScale: number;
  referenceSteps: number;
  steps: readonly number[];
  samplers: ConvergenceOfSampler[];
}

export interface ConvergenceOfSampler {
  /** Of the registry, at the time of measuring. */
  id: string;
  label: string;
  schedule: string;
  /** Id of the sampler whose picture of `referenceSteps` steps is the measure: itself where it adds noise. */
  reference: string;
  /** UNet calls of each run, a guided pair counting as one. */
  calls: number[];
  /** Root mean square difference of pixels, in levels of 0..255, over all seeds; one for each number of steps. */
  distances: number[];
}

/** Root mean square of the differences, in the units of the inputs. */
export function rootMeanSquare(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum / a.length);
}
