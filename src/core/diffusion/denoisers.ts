import { combine, like, scaled } from '../array';
import { type NoiseLevel, varianceExploding } from './noise-level';
import type { Latent } from './types';

/**
 * What a network was trained to predict, in variance-preserving coordinates x_t = sqrt(abar) x0 + sqrt(1 - abar) eps.
 */
export type Prediction = 'epsilon' | 'v_prediction' | 'sample';

/**
 * k-diffusion's scaling of the network's input: variance-exploding x -> the x_t it was trained on, x / sqrt(sigma^2 +
 * 1).
 */
export function networkInput<T extends Latent>(x: T, sigma: number): T {
  return scaled(1 / Math.sqrt(sigma ** 2 + 1), x);
}

/**
 * The clean latent that a network's output stands for, given x = signal x0 + noise eps in either coordinates.
 * eps: x0 = (x - noise eps) / signal (Ho et al. 2020, equation 15), without meaning at signal 0. v = sqrt(abar) eps -
 * sqrt(1 - abar) x0, so x0 = sqrt(abar) x_t - sqrt(1 - abar) v (Salimans and Ho 2022, appendix D).
 */
export function cleanFrom<T extends Latent>(prediction: Prediction, x: T, level: NoiseLevel, output: Latent): T {
  const { signal, noise } = level;
  switch (prediction) {
    case 'epsilon':
      return combine(1 / signal, x, -noise / signal, output);
    case 'v_prediction': {
      const square = signal ** 2 + noise ** 2;
      return combine(signal / square, x, -noise / Math.sqrt(square), output);
    }
    case 'sample':
      return combine(0, x, 1, output);
    default:
      prediction satisfies never;
      throw new RangeError(`Unknown prediction "${String(prediction)}".`);
  }
}

/**
 * The same in variance-exploding coordinates: the clean latent that a network's output stands for, given x at sigma.
 */
export function cleanLatent<T extends Latent>(prediction: Prediction, x: T, sigma: number, output: Latent): T {
  return cleanFrom(prediction, x, varianceExploding(sigma), output);
}

/**
 * The noise that x0 leaves in x: eps = (x - signal x0) / noise.
 * @param level its noise must be above 0.
 * @param out may be x.
 */
export function noiseFrom<T extends Latent>(x: T, { signal, noise }: NoiseLevel, x0: Latent, out?: T): T {
  return combine(1 / noise, x, -signal / noise, x0, out);
}

/**
 * What a network of that kind would have had to say for x0 to be its clean latent: the inverse of `cleanFrom`.
 * @param level its noise must be above 0.
 */
export function outputFor<T extends Latent>(prediction: Prediction, x: T, level: NoiseLevel, x0: Latent): T {
  const { signal, noise } = level;
  switch (prediction) {
    case 'epsilon':
      return noiseFrom(x, level, x0);
    case 'v_prediction': {
      const root = Math.sqrt(signal ** 2 + noise ** 2);
      return combine(signal / root, noiseFrom(x, level, x0), -noise / root, x0);
    }
    case 'sample':
      return combine(0, x, 1, x0);
    default:
      prediction satisfies never;
      throw new RangeError(`Unknown prediction "${String(prediction)}".`);
  }
}

/**
 * grad log q(x) that a denoiser's x0 implies: -eps / noise = (signal x0 - x) / noise^2 (Vincent 2011; Song et al.
 * 2021).
 */
export function scoreFrom<T extends Latent>(x: T, { signal, noise }: NoiseLevel, x0: Latent): T {
  return combine(-1 / noise ** 2, x, signal / noise ** 2, x0);
}

/** x0 that a score implies: (x + noise^2 score) / signal, Tweedie's formula. The inverse of `scoreFrom`. */
export function cleanFromScore<T extends Latent>(x: T, level: NoiseLevel, score: Latent): T {
  return combine(1 / level.signal, x, level.noise ** 2 / level.signal, score);
}

/** Time of a network trained on a continuous cosine schedule, 0..1: atan(sigma) 2 / pi (k-diffusion's `VDenoiser`). */
export function continuousTime(sigma: number): number {
  return (Math.atan(sigma) * 2) / Math.PI;
}

/** Every entry brought to -limit..limit. */
export function clamped<T extends Latent>(x: T, limit = 1): T {
  const out = like(x);
  const n = out.length;
  for (let i = 0; i < n; i++) out[i] = Math.min(Math.max(x[i], -limit), limit);
  return out;
}
