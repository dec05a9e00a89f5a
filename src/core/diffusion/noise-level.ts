import { combine } from '../array';
import type { Latent } from './types';

/**
 * How much of x is picture and how much is noise: x = signal x0 + noise eps. The formulas of diffusion are the same in
 * both usual coordinates when they are written in these two numbers, and hold at an abar of 0, where sigma would be
 * infinite.
 */
export interface NoiseLevel {
  readonly signal: number;
  readonly noise: number;
}

/** x = x0 + sigma eps (k-diffusion's coordinates, and ours; NCSN, EDM). */
export function varianceExploding(sigma: number): NoiseLevel {
  return { signal: 1, noise: sigma };
}

/** x = sqrt(abar) x0 + sqrt(1 - abar) eps (DDPM's coordinates, in which networks are trained). @param abar 0..1 */
export function variancePreserving(abar: number): NoiseLevel {
  return { signal: Math.sqrt(abar), noise: Math.sqrt(1 - abar) };
}

/**
 * A draw of x at a level, signal x0 + noise eps, given standard normal eps. In variance-preserving coordinates that is
 * the forward process q(x_t | x_0) in closed form (Ho et al. 2020, equation 4).
 */
export function diffused<T extends Latent>(x0: T, eps: Latent, { signal, noise }: NoiseLevel): T {
  return combine(signal, x0, noise, eps);
}

/**
 * sigma of the same state in variance-exploding coordinates: noise / signal, sqrt((1 - abar) / abar); infinite at abar
 * 0.
 */
export function sigmaOf({ signal, noise }: NoiseLevel): number {
  return noise / signal;
}

/** abar of the same state in variance-preserving coordinates: signal^2 / (signal^2 + noise^2), 1 / (1 + sigma^2). */
export function abarOf({ signal, noise }: NoiseLevel): number {
  return signal ** 2 / (signal ** 2 + noise ** 2);
}
