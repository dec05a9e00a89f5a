import { combine, scaled } from '../../array';
import { varianceExploding } from '../noise-level';
import type { NoiseProcess } from './noise-process';

interface ConsistencyOptions {
  sigmaMin?: number;
  sigmaMax?: number;
  /** Deviation of the data. */
  sigmaData?: number;
}

/** Timesteps count a thousand times EDM's c_noise = ln(sigma) / 4. */
const TIMES = 1000 / 4;

/**
 * A consistency model (Song et al. 2023, appendix C): EDM's preconditioning with c_skip and c_out moved so that at
 * `sigmaMin` the output is x itself. What it says of x0 is where the probability-flow ODE through x ends, not a mean.
 */
export function consistency({
  sigmaMin = 0.002,
  sigmaMax = 80,
  sigmaData = 0.5,
}: ConsistencyOptions = {}): NoiseProcess {
  const timestepOf = (sigma: number) => TIMES * Math.log(sigma);
  const rootAt = (sigma: number) => Math.sqrt(sigma ** 2 + sigmaData ** 2);
  return {
    sigmaMin,
    sigmaMax,
    level: varianceExploding,
    timestepAt: timestepOf,
    timeAt: timestepOf,
    sigmaAt: (timestep) => Math.exp(timestep / TIMES),
    startingDeviation: (sigma) => sigma,
    input: (x, sigma) => scaled(1 / rootAt(sigma), x),
    denoised(x, sigma, output) {
      const above = sigma - sigmaMin;
      const skip = sigmaData ** 2 / (above ** 2 + sigmaData ** 2);
      return { x0: combine(skip, x, (above * sigmaData) / rootAt(sigma), output) };
    },
  };
}
