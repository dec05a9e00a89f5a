import { combine, scaled } from '../../array';
import { varianceExploding } from '../noise-level';
import type { NoiseProcess } from './noise-process';

/**
 * The preconditioning of Karras et al. 2022 (EDM), table 1: D(x, sigma) = c_skip x + c_out F(c_in x, c_noise), chosen
 * so that the network F sees inputs and targets of variance 1 at every sigma. `sigmaData` is the deviation of the data.
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

/**
 * A model trained with EDM's preconditioning, on all noise levels alike. It is conditioned on c_noise = ln(sigma) / 4,
 * in which even steps are those of the exponential schedule.
 * @param sigmaMin, sigmaMax the paper's, where the model does not say otherwise.
 * @param prediction of one that predicts v, as CosXL does, the network's output has the other sign (diffusers'
 *   EDMEulerScheduler): with sigmaData 1, v of a variance-preserving process at the same sigma
 */
export function edm(
  sigmaData = 0.5,
  sigmaMin = 0.002,
  sigmaMax = 80,
  prediction: 'epsilon' | 'v_prediction' = 'epsilon',
): NoiseProcess {
  const sign = prediction === 'v_prediction' ? -1 : 1;
  const noiseOf = (sigma: number) => edmScalings(sigma, sigmaData).noise;
  return {
    sigmaMin,
    sigmaMax,
    level: varianceExploding,
    timestepAt: noiseOf,
    timeAt: noiseOf,
    sigmaAt: (noise) => Math.exp(4 * noise),
    startingDeviation: (sigma) => sigma,
    input: (x, sigma) => scaled(edmScalings(sigma, sigmaData).in, x),
    denoised(x, sigma, output) {
      const { skip, out } = edmScalings(sigma, sigmaData);
      return { x0: combine(skip, x, sign * out, output) };
    },
  };
}
