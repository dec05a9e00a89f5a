import { combine, like } from '../array';
import type { Latent } from './types';

/**
 * Classifier-free guidance (Ho and Salimans 2022) with the scale that every program shows: uncond + scale (cond -
 * uncond). A negative prompt stands in for the unconditional one. Being linear, it gives the same on eps, v or x0. The
 * same formula is autoguidance (Karras et al. 2024) with a weaker model's prediction as `uncond`.
 */
export function guided<T extends Latent>(cond: T, uncond: Latent, scale: number): T {
  return combine(scale, cond, 1 - scale, uncond);
}

/** One prompt of several, and how much it counts; a negative weight pushes away. */
export interface WeightedPrediction {
  prediction: Latent;
  weight: number;
}

/**
 * Several prompts at once (A1111's "AND"; composable diffusion, Liu et al. 2022, equation 11):
 * uncond + scale sum_j weight_j (cond_j - uncond). One prompt of weight 1 is plain guidance.
 */
export function composed<T extends Latent>(uncond: T, prompts: readonly WeightedPrediction[], scale: number): T {
  const out = combine(1, uncond, 0, uncond);
  const n = out.length;
  for (const { prediction, weight } of prompts)
    for (let i = 0; i < n; i++) out[i] += scale * weight * (prediction[i] - uncond[i]);
  return out;
}

/**
 * Standard deviation of x[from..to), n - 1 in the denominator as torch has it; in two passes, so that no digits cancel.
 */
function deviation(x: Latent, from: number, to: number): number {
  const n = to - from;
  let mean = 0;
  for (let i = from; i < to; i++) mean += x[i] / n;
  let sum = 0;
  for (let i = from; i < to; i++) sum += (x[i] - mean) ** 2;
  return Math.sqrt(sum / (n - 1));
}

/**
 * Standard deviation of each picture of a batch over all its channels and cells.
 * @param batch pictures, equally long in x.
 */
export function deviations(x: Latent, batch = 1): Float64Array {
  const size = x.length / batch;
  return Float64Array.from({ length: batch }, (_, item) => deviation(x, item * size, (item + 1) * size));
}

/**
 * CFG rescale (Lin et al. 2023, equations 15 and 16; diffusers' `guidance_rescale`): brings the guided output back
 * toward the deviation of the conditional one, which high scales inflate until pictures wash out. Acts on the raw
 * output (eps or v).
 * @param phi 0 leaves `output` as it is, 1 gives it the whole of cond's deviation; 0.7 is the paper's.
 * @param batch pictures in the latents; each has its own deviation.
 */
export function rescaled<T extends Latent>(output: T, cond: Latent, phi: number, batch = 1): T {
  const out = like(output);
  const size = output.length / batch;
  const [want, have] = [deviations(cond, batch), deviations(output, batch)];
  for (let i = 0; i < out.length; i++) {
    const item = Math.floor(i / size);
    const ratio = have[item] > 0 ? want[item] / have[item] : 1; // a flat output has no deviation to scale
    out[i] = (phi * ratio + 1 - phi) * output[i];
  }
  return out;
}

/** Noise levels at which guidance acts: low < sigma <= high. */
export interface GuidanceInterval {
  low: number;
  high: number;
}

/**
 * Whether guidance acts at sigma (Kynkäänniemi et al. 2024, "Applying guidance in a limited interval", equation 3): at
 * high noise it narrows the choice of pictures, at low noise it does nothing. Outside, the conditional prediction
 * stands alone (scale 1).
 */
export function guidanceActs(sigma: number, { low, high }: GuidanceInterval): boolean {
  return low < sigma && sigma <= high;
}

/**
 * Classifier guidance as a shift of eps (Dhariwal and Nichol 2021, algorithm 2): eps - scale sqrt(1 - abar) grad log
 * p(y | x_t).
 * @param gradient of a noise-aware classifier's log probability with respect to x_t, in variance-preserving
 *   coordinates.
 * @param noise deviation of the noise in x_t: sqrt(1 - abar).
 */
export function classifierGuided<T extends Latent>(eps: T, gradient: Latent, noise: number, scale: number): T {
  return combine(1, eps, -scale * noise, gradient);
}

/**
 * Classifier guidance as a shift of an ancestral step's mean (Dhariwal and Nichol 2021, algorithm 1):
 * mean + scale variance grad log p(y | x_t).
 * @param variance of the step's noise.
 */
export function classifierShifted<T extends Latent>(mean: T, gradient: Latent, variance: number, scale: number): T {
  return combine(1, mean, scale * variance, gradient);
}
