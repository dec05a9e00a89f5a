import { EaselError, type SaidValue, said } from '../../errors';
import type { Prediction } from '../denoisers';
import type { NoiseLevel } from '../noise-level';
import type { Denoised, Latent, SigmaTable } from '../types';

/** The noise levels that a model knows: all that schedules need of it. */
export interface KnownLevels {
  /** The lowest and the highest. */
  readonly sigmaMin: number;
  readonly sigmaMax: number;
  /** The levels it was trained on one by one, where there are such: for schedules that pick from them. */
  readonly trained?: SigmaTable;
  /** The timestep that the network is conditioned on at sigma; may be fractional. */
  timestepAt(sigma: number): number;
  /**
   * The time of a noise level, in which runs of this family of models take even steps: the timestep, but for a shifted
   * flow.
   */
  timeAt(sigma: number): number;
  /** The noise level of a time: the inverse of `timeAt`. */
  sigmaAt(time: number): number;
}

/**
 * What a model's numbers mean: the only place that knows eps, v, x0, EDM or flow. Samplers, schedules and the pipeline
 * work in variance-exploding coordinates, x = x0 + sigma eps; a process brings x into what its network is fed, and the
 * network's output back to the clean latent.
 */
export interface NoiseProcess extends KnownLevels {
  /** What the network predicts, where it is a discrete one: for PLMS, which extrapolates that. */
  readonly prediction?: Prediction;
  /** x = signal x0 + noise eps at sigma in the coordinates that the network was trained in. */
  level(sigma: number): NoiseLevel;
  /**
   * Deviation of the noise that a run begins with at sigma, where the process says it rather than the sampler's
   * references.
   */
  startingDeviation?(sigma: number): number;
  /** What the network is fed, as a new array. */
  input(x: Latent, sigma: number): Latent;
  /**
   * What the network's output says of x0, as a new array.
   * @param output as long as x: a learned variance is split off before.
   */
  denoised(x: Latent, sigma: number, output: Latent): Denoised;
}

/**
 * The levels that a model was trained on one by one.
 * @param asker what needs them, as a person knows it.
 * @throws EaselError `bad-request` where there is no table of them.
 */
export function trainedTable({ trained }: KnownLevels, asker: SaidValue): SigmaTable {
  if (trained) return trained;
  throw new EaselError(
    'bad-request',
    said`${asker} picks from a table of trained timesteps, which this model does not have. Choose another schedule, such as Uniform or Karras.`,
  );
}
