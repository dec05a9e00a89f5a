import { combine, meanSquaredError } from '../../array';
import { edmScalings } from '../process/edm';
import type { Latent } from '../types';

/** How a squared error of D counts at sigma. */
export type EdmWeighting = 'edm' | 'snr' | 'soft_min_snr';

/**
 * Weight of |D - x0|^2 that EDM trains with, lambda = (sigma^2 + s^2) / (sigma s)^2 = 1 / c_out^2, which makes the
 * error of F count alike at every sigma; and the factors k-diffusion offers on top of it: `snr` = s^2 / (sigma^2 +
 * s^2), `soft_min_snr` = (sigma s)^2 / (sigma^2 + s^2)^2.
 */
export function edmWeight(sigma: number, sigmaData: number, weighting: EdmWeighting = 'edm'): number {
  const square = sigma ** 2 + sigmaData ** 2;
  const product = (sigma * sigmaData) ** 2;
  switch (weighting) {
    case 'edm':
      return square / product;
    case 'snr':
      return sigmaData ** 2 / square;
    case 'soft_min_snr':
      return product / square ** 2;
    default:
      weighting satisfies never;
      throw new RangeError(`Unknown weighting "${String(weighting)}".`);
  }
}

/** What F is trained to say for x = x0 + sigma noise: the effective target (x0 - c_skip x) / c_out. */
export function edmTarget<T extends Latent>(x0: T, x: Latent, sigma: number, sigmaData: number): T {
  const { skip, out } = edmScalings(sigma, sigmaData);
  return combine(1 / out, x0, -skip / out, x);
}

/**
 * Mean squared error of F against its target; the same number as the mean of lambda (D - x0)^2, since lambda c_out^2 =
 * 1.
 */
export function edmLoss(x0: Latent, x: Latent, sigma: number, sigmaData: number, output: Latent): number {
  return meanSquaredError(output, edmTarget(x0, x, sigma, sigmaData));
}

/**
 * The sigma to train at that a standard normal number stands for: log sigma ~ N(mean, std^2) (EDM's P_mean and P_std).
 */
export function edmTrainingSigma(normal: number, mean = -1.2, std = 1.2): number {
  return Math.exp(mean + std * normal);
}
