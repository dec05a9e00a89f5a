/**
 * Step schedules that take even steps in a model's own time, its timesteps where it has such. Each returns sigmas in
 * descending order, one more than there are steps, the last 0.
 */

import { linspace } from '../../array';
import type { KnownLevels } from '../process/noise-process';

/** Evenly spaced from the model's highest level to its lowest (k-diffusion's `get_sigmas`; A1111's "Uniform"). */
export function uniformSigmas(n: number, levels: KnownLevels): number[] {
  return normalSigmas(n, levels, levels.sigmaMin, levels.sigmaMax);
}

/** Evenly spaced between two noise levels (A1111's and ComfyUI's "Normal"). */
export function normalSigmas(
  n: number,
  { timeAt, sigmaAt }: KnownLevels,
  sigmaMin: number,
  sigmaMax: number,
): number[] {
  return [...linspace(timeAt(sigmaMax), timeAt(sigmaMin), n).map(sigmaAt), 0];
}

/**
 * As "Normal" for one step more, whose lowest level is left out (Stability's generative-models; A1111's "SGM Uniform").
 */
export function sgmUniformSigmas(n: number, levels: KnownLevels, sigmaMin: number, sigmaMax: number): number[] {
  return [...normalSigmas(n + 1, levels, sigmaMin, sigmaMax).slice(0, n), 0];
}
