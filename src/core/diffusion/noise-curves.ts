import { combine } from '../array';
import type { Latent } from './types';

/** ln(abar_t / (1 - abar_t)): the logarithm of the signal-to-noise ratio (Kingma et al. 2021, section 3.1); -2 ln sigma_t. */
export function logSnr(alphasCumprod: ArrayLike<number>): Float64Array {
  return Float64Array.from(alphasCumprod, (abar) => Math.log(abar / (1 - abar)));
}

/** A sample of q(x_t | x_0) = N(sqrt(abar) x_0, (1 - abar) I) from standard normal noise (Ho et al. 2020, equation 4). */
export function diffused<T extends Latent>(x0: T, noise: Latent, alphaCumprod: number): T {
  return combine(Math.sqrt(alphaCumprod), x0, Math.sqrt(1 - alphaCumprod), noise);
}
