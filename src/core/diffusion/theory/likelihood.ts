import type { Latent } from '../types';
import { logNormalCdf, normalBetween } from './normal-cdf';

/**
 * KL(N(mean1, e^logVariance1), N(mean2, e^logVariance2)) of one dimension, in nats, never negative. With expm1 the
 * terms of size 1 cancel before they are rounded, so that the tiny divergences of a chain's noisy end keep their
 * digits.
 */
export function normalKl(mean1: number, logVariance1: number, mean2: number, logVariance2: number): number {
  const apart = logVariance1 - logVariance2;
  return (Math.expm1(apart) - apart + (mean1 - mean2) ** 2 * Math.exp(-logVariance2)) / 2;
}

/** The KL divergence of two Gaussians with independent elements, in nats per element. */
export function meanNormalKl(
  a: { mean: Latent; logVariance: Latent },
  b: { mean: Latent; logVariance: Latent },
): number {
  let sum = 0;
  for (let i = 0; i < a.mean.length; i++) sum += normalKl(a.mean[i], a.logVariance[i], b.mean[i], b.logVariance[i]);
  return sum / a.mean.length;
}

/**
 * Which normal distribution function a likelihood uses: the `tanh` approximation of DDPM's and improved-diffusion's
 * code, whose numbers papers report, or the exact one.
 */
export type LikelihoodCdf = 'tanh' | 'exact';

/** Probabilities below this count as this, so that one impossible pixel does not make a picture's bound infinite. */
export const SMALLEST_PROBABILITY = 1e-12;

/** Half the width of a byte's bin in -1..1. */
const HALF_BIN = 1 / 255;

/** Pixels beyond this are black or white, whose bins reach to infinity. */
const EDGE = 0.999;

/** (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) / 2, after Page 1977: the normal distribution function to about 2e-4. */
export function approximateNormalCdf(z: number): number {
  return (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3))) / 2;
}

/**
 * Logarithms of P(Z <= z), P(Z > z) and P(a < Z <= b), each clamped where DDPM's code clamps it; the exact outer bins
 * need none.
 */
interface LogProbabilities {
  below(z: number): number;
  above(z: number): number;
  between(a: number, b: number): number;
}

const clampedLog = (p: number) => Math.log(Math.max(p, SMALLEST_PROBABILITY));

const LOG_PROBABILITIES: Readonly<Record<LikelihoodCdf, LogProbabilities>> = {
  tanh: {
    below: (z) => clampedLog(approximateNormalCdf(z)),
    above: (z) => clampedLog(1 - approximateNormalCdf(z)),
    between: (a, b) => clampedLog(approximateNormalCdf(b) - approximateNormalCdf(a)),
  },
  exact: {
    below: logNormalCdf,
    above: (z) => logNormalCdf(-z),
    between: (a, b) => clampedLog(normalBetween(a, b)),
  },
};

/**
 * Log probability, in nats, of bytes scaled to -1..1 under a Gaussian of that mean and deviation, one number per
 * element: each byte's bin is 2/255 wide, and the outer two reach to infinity (Ho et al. 2020, equation 13).
 * @param logScales logarithms of the deviations.
 */
export function logLikelihoods(x: Latent, means: Latent, logScales: Latent, cdf: LikelihoodCdf): Float64Array {
  const { below, above, between } = LOG_PROBABILITIES[cdf];
  return Float64Array.from(x, (value, i) => {
    const scale = Math.exp(-logScales[i]);
    const [low, high] = [scale * (value - means[i] - HALF_BIN), scale * (value - means[i] + HALF_BIN)];
    if (value < -EDGE) return below(high);
    return value > EDGE ? above(low) : between(low, high);
  });
}
