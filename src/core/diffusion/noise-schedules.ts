import { linspace } from '../array';
import { EaselError, said } from '../errors';
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

/**
 * lucidrains' "linear": Ho et al.'s endpoints 0.0001 and 0.02, made for 1000 steps, scaled so that any number ends at
 * like noise.
 */
export function scaledByStepsBetas(steps: number, start = 1e-4, end = 0.02): Float64Array {
  return linearBetas((1000 / steps) * start, (1000 / steps) * end, steps);
}

/**
 * beta_t such that abar_t follows a squared cosine with offset s, capped (Nichol and Dhariwal 2021, equation 17).
 * 1 - cos^2 b / cos^2 a is taken as sin(b + a) sin(b - a) / cos^2 a, which keeps the digits of small betas.
 */
export function cosineBetas(steps: number, s = 0.008, cap = 0.999): Float64Array {
  const angle = (t: number) => ((t / steps + s) / (1 + s)) * (Math.PI / 2);
  return Float64Array.from({ length: steps }, (_, t) => {
    const [a, b] = [angle(t), angle(t + 1)];
    return Math.min((Math.sin(b + a) * Math.sin(b - a)) / Math.cos(a) ** 2, cap);
  });
}

/** sigmoid(b) - sigmoid(a), without cancellation. */
function sigmoidRise(a: number, b: number): number {
  return Math.sinh((b - a) / 2) / (2 * Math.cosh(a / 2) * Math.cosh(b / 2));
}

/**
 * beta_t such that abar falls from 1 to 0 along a sigmoid over start..end, capped (Jabri et al. 2022, "Scalable
 * adaptive computation", algorithm 5, as lucidrains has it). Larger `tau` is gentler; start 0 suits larger pictures.
 */
export function sigmoidBetas(steps: number, start = -3, end = 3, tau = 1, cap = 0.999): Float64Array {
  const at = (t: number) => (start + (t / steps) * (end - start)) / tau;
  return Float64Array.from({ length: steps }, (_, t) =>
    Math.min(sigmoidRise(at(t), at(t + 1)) / sigmoidRise(at(t), end / tau), cap),
  );
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
 * The betas of a run through a list of abar, or through only some of its steps (Nichol and Dhariwal 2021, section 4):
 * beta_s = 1 - abar_s / abar_(s-1).
 * @param steps ascending indices into `alphasCumprod`; all of them if left out.
 */
export function betasFrom(alphasCumprod: Float64Array, steps?: readonly number[]): Float64Array {
  const abars = steps ? Float64Array.from(steps, (t) => alphasCumprod[t]) : alphasCumprod;
  return abars.map((abar, i) => 1 - (i === 0 ? abar : abar / abars[i - 1]));
}

/**
 * What programs put in place of the last abar of a schedule without terminal signal, whose sigma would be infinite:
 * diffusers' DDPM and DDIM leave the 0, its Euler and UniPC schedulers and A1111 each take a number of their own.
 */
export const TERMINAL_ALPHA_CUMPROD = {
  exact: 0,
  /**
   * As good as 0 in double precision, and its sigma is finite: what DDIM and DDPM get in variance-exploding
   * coordinates.
   */
  almostExact: 1e-20,
  diffusers: 2 ** -24,
  a1111: 4.8973451890853435e-8,
} as const;

export type TerminalSnr = keyof typeof TERMINAL_ALPHA_CUMPROD;

/**
 * Shifts and scales sqrt(abar) so that the last step has no signal left (Lin et al. 2023, "Common diffusion noise
 * schedules and sample steps are flawed", algorithm 1).
 * @param terminal the last abar of the result.
 */
export function zeroTerminalSnr(alphasCumprod: Float64Array, terminal: TerminalSnr = 'exact'): Float64Array {
  const roots = alphasCumprod.map(Math.sqrt);
  const [first, last] = [roots[0], roots[roots.length - 1]];
  const out = roots.map((root) => ((root - last) * (first / (first - last))) ** 2);
  out[out.length - 1] = TERMINAL_ALPHA_CUMPROD[terminal];
  return out;
}

/** sigma_t = sqrt((1 - abar_t) / abar_t) beside abar_t. */
export function sigmaTable(alphasCumprod: Float64Array): SigmaTable {
  return { alphasCumprod, sigmas: alphasCumprod.map((abar) => Math.sqrt((1 - abar) / abar)) };
}

/**
 * ln(abar_t / (1 - abar_t)): the logarithm of the signal-to-noise ratio (Kingma et al. 2021, section 3.1); -2 ln
 * sigma_t.
 */
export function logSnr(alphasCumprod: ArrayLike<number>): Float64Array {
  return Float64Array.from(alphasCumprod, (abar) => Math.log(abar / (1 - abar)));
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
        said`scheduler_config.json: beta_schedule "${config.beta_schedule}" is not known.`,
      );
  }
}

/**
 * The noise levels a model was trained on.
 * @param terminal where the config asks for zero terminal SNR: the smallest abar, since in variance-exploding
 *   coordinates every sampler needs a finite sigma. `exact` leaves the last sigma infinite.
 * @throws EaselError `unsupported` naming an unknown beta_schedule.
 */
export function trainedSigmas(config: NoiseScheduleConfig, terminal: TerminalSnr = 'diffusers'): SigmaTable {
  const alphasCumprod = cumulativeAlphas(betasOf(config));
  if (!config.rescale_betas_zero_snr) return sigmaTable(alphasCumprod);
  const smallest = TERMINAL_ALPHA_CUMPROD[terminal];
  // Steps before the last may lie under the number that replaces 0: sigmas must not fall again.
  return sigmaTable(zeroTerminalSnr(alphasCumprod, terminal).map((abar) => Math.max(abar, smallest)));
}
