import { combine, scaled } from '../../array';
import { varianceExploding } from '../noise-level';
import type { NoiseProcess } from './noise-process';

/**
 * A model of the variance-exploding process that predicts the score, grad log p(x) at sigma (Song and Ermon 2019;
 * NCSN++ of Song et al. 2021): it is fed x as it is, and sigma itself. Its levels are spread evenly in log sigma.
 */
export function score({ sigmaMin = 0.01, sigmaMax = 50 }: { sigmaMin?: number; sigmaMax?: number } = {}): NoiseProcess {
  return {
    sigmaMin,
    sigmaMax,
    level: varianceExploding,
    timestepAt: (sigma) => sigma,
    timeAt: Math.log,
    sigmaAt: Math.exp,
    startingDeviation: (sigma) => sigma,
    input: (x) => scaled(1, x),
    // Tweedie's formula.
    denoised: (x, sigma, output) => ({ x0: combine(1, x, sigma ** 2, output) }),
  };
}
