import { combine, meanSquaredError, scaled } from '../array';
import type { Denoised, Latent } from './types';

/**
 * The preconditioning of Karras et al. 2022 (EDM), table 1: D(x, sigma) = c_skip x + c_out F(c_in x, c_noise), chosen so that
 * the network F sees inputs and targets of variance 1 at every sigma. `sigmaData` is the deviation of the data.
 */
export interface Scalings {
  skip: number;
  out: number;
  in: number;
  noise: number;
}

/** c_skip, c_out, c_in and c_noise at sigma > 0. */
export function edmScalings(sigma: number, sigmaData: number): Scalings {
  const square = sigma ** 2 + sigmaData ** 2;
  const root = Math.sqrt(square);
  return {
    skip: sigmaData ** 2 / square,
    out: (sigma * sigmaData) / root,
    in: 1 / root,
    noise: Math.log(sigma) / 4,
  };
}

/** How a squared error of D counts at sigma. */
export type EdmWeighting = 'edm' | 'snr' | 'soft_min_snr';

/**
 * Weight of |D - x0|^2 that EDM trains with, lambda = (sigma^2 + s^2) / (sigma s)^2 = 1 / c_out^2, which makes the error of F
 * count alike at every sigma; and the factors k-diffusion offers on top of it: `snr` = s^2 / (sigma^2 + s^2), `soft_min_snr` =
 * (sigma s)^2 / (sigma^2 + s^2)^2.
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

/** D from what F said: c_skip x + c_out F. */
export function edmDenoised<T extends Latent>(x: T, sigma: number, sigmaData: number, output: Latent): T {
  const { skip, out } = edmScalings(sigma, sigmaData);
  return combine(skip, x, out, output);
}

/** A network F(x_in, c_noise) trained with EDM's preconditioning, seen as a denoiser. */
export function fromEdmNetwork(network: (input: Latent, noise: number) => Promise<Latent>, sigmaData: number) {
  return async (x: Latent, sigma: number): Promise<Denoised> => {
    const c = edmScalings(sigma, sigmaData);
    return { x0: edmDenoised(x, sigma, sigmaData, await network(scaled(c.in, x), c.noise)) };
  };
}

/** What F is trained to say for x = x0 + sigma noise: the effective target (x0 - c_skip x) / c_out. */
export function edmTarget<T extends Latent>(x0: T, x: Latent, sigma: number, sigmaData: number): T {
  const { skip, out } = edmScalings(sigma, sigmaData);
  return combine(1 / out, x0, -skip / out, x);
}

/** Mean squared error of F against its target; the same number as the mean of lambda (D - x0)^2, since lambda c_out^2 = 1. */
export function edmLoss(x0: Latent, x: Latent, sigma: number, sigmaData: number, output: Latent): number {
  return meanSquaredError(output, edmTarget(x0, x, sigma, sigmaData));
}

/** The sigma to train at that a standard normal number stands for: log sigma ~ N(mean, std^2) (EDM's P_mean and P_std). */
export function edmTrainingSigma(normal: number, mean = -1.2, std = 1.2): number {
  return Math.exp(mean + std * normal);
}
