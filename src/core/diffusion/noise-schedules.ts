import { linspace } from '../array';
import { EaselError } from '../errors';
import type { SigmaTable } from './types';

/** The fields of a diffusers scheduler_config.json that say how the model was trained. */
export interface NoiseScheduleConfig {
  num_train_timesteps: number;
  beta_start: number;
  beta_end: number;
  beta_schedule: string;
  trained_betas?: readonly number[] | null;
  rescale_betas_zero_snr?: boolean;
}

/** beta_t evenly spaced (Ho et al. 2020, section 4). */
export function linearBetas(start: number, end: number, steps: number): Float64Array {
  return Float64Array.from(linspace(start, end, steps));
}

/** sqrt(beta_t) evenly spaced: Stable Diffusion's, which CompVis calls "linear" (Rombach et al. 2022). */
export function scaledLinearBetas(start: number, end: number, steps: number): Float64Array {
  return linearBetas(Math.sqrt(start), Math.sqrt(end), steps).map((root) => root * root);
}

/** beta_t such that abar_t follows a squared cosine with offset s, capped (Nichol and Dhariwal 2021, equation 17). */
export function cosineBetas(steps: number, s = 0.008, cap = 0.999): Float64Array {
  const abar = (u: number) => Math.cos(((u + s) / (1 + s)) * (Math.PI / 2)) ** 2;
  return Float64Array.from({ length: steps }, (_, t) => Math.min(1 - abar((t + 1) / steps) / abar(t / steps), cap));
}

/** diffusers' beta_schedule "sigmoid" (from GeoDiff): betas follow a sigmoid over -6..6. Not the sigmoid on abar. */
export function geodiffSigmoidBetas(start: number, end: number, steps: number): Float64Array {
  return Float64Array.from(linspace(-6, 6, steps), (x) => (end - start) / (1 + Math.exp(-x)) + start);
}

/** abar_t = product of (1 - beta_s) for s <= t. */
export function cumulativeAlphas(betas: ArrayLike<number>): Float64Array {
  let product = 1;
  return Float64Array.from(betas, (beta) => {
    product *= 1 - beta;
    return product;
  });
}

/**
 * Shifts and scales sqrt(abar) so that the last step has no signal left (Lin et al. 2023, "Common diffusion noise schedules
 * and sample steps are flawed", algorithm 1).
 */
export function zeroTerminalSnr(alphasCumprod: Float64Array): Float64Array {
  const roots = alphasCumprod.map(Math.sqrt);
  const [first, last] = [roots[0], roots[roots.length - 1]];
  return roots.map((root) => ((root - last) * (first / (first - last))) ** 2);
}

/**
 * What stands in for a last abar of exactly 0, whose sigma would be infinite: diffusers' Euler and UniPC schedulers use 2^-24.
 * In variance-exploding coordinates every sampler needs a finite sigma.
 */
const SMALLEST_ALPHA_CUMPROD = 2 ** -24;

/** sigma_t = sqrt((1 - abar_t) / abar_t) beside abar_t. */
export function sigmaTable(alphasCumprod: Float64Array): SigmaTable {
  return { alphasCumprod, sigmas: alphasCumprod.map((abar) => Math.sqrt((1 - abar) / abar)) };
}

function betasOf(config: NoiseScheduleConfig): ArrayLike<number> {
  const { beta_start: start, beta_end: end, num_train_timesteps: steps } = config;
  if (config.trained_betas) return config.trained_betas;
  switch (config.beta_schedule) {
    case 'linear':
      return linearBetas(start, end, steps);
    case 'scaled_linear':
      return scaledLinearBetas(start, end, steps);
    case 'squaredcos_cap_v2':
      return cosineBetas(steps);
    case 'sigmoid':
      return geodiffSigmoidBetas(start, end, steps);
    default:
      throw new EaselError(
        'unsupported',
        `scheduler_config.json: beta_schedule "${config.beta_schedule}" is not known.`,
      );
  }
}

/**
 * The noise levels a model was trained on.
 * @param terminalAlphaCumprod stands in for a last abar of 0.
 * @throws EaselError `unsupported` naming an unknown beta_schedule.
 */
export function trainedSigmas(config: NoiseScheduleConfig, terminalAlphaCumprod = SMALLEST_ALPHA_CUMPROD): SigmaTable {
  const alphasCumprod = cumulativeAlphas(betasOf(config));
  if (!config.rescale_betas_zero_snr) return sigmaTable(alphasCumprod);
  return sigmaTable(zeroTerminalSnr(alphasCumprod).map((abar) => Math.max(abar, terminalAlphaCumprod)));
}
