import { combine, scaled } from '../../array';
import type { NoiseProcess } from './noise-process';

/** Where flow models start from, t = 1, sigma is infinite: runs start here instead. */
export const LAST_TIME = 1 - 1e-5;

/** sigma = t / (1 - t) of x_t = (1 - t) x0 + t eps, and back. */
export const flowSigma = (t: number) => t / (1 - t);
export const flowTime = (sigma: number) => sigma / (1 + sigma);

/**
 * A time moved toward noise, s t / (1 + (s - 1) t) (Esser et al. 2024, equation 23): of sigma it makes s times sigma.
 */
const shiftedTime = (t: number, shift: number) => (shift * t) / (1 + (shift - 1) * t);

export interface FlowOptions {
  /** How far even steps are moved toward noise; 1 leaves them even in t. */
  shift?: number;
  /** What the network counts as t = 1; t is multiplied by it before it is fed in. */
  timesteps?: number;
}

/**
 * A rectified flow (Liu et al. 2022; Lipman et al. 2022; Stable Diffusion 3, Flux): x_t = (1 - t) x0 + t eps, and the
 * network predicts the velocity eps - x0. In our coordinates x = x_t / (1 - t) at sigma = t / (1 - t), so that any
 * sampler takes it; a run starts from x_t = eps itself. Even steps are even in the time before the shift, and go from t
 * = 1 - 1e-5 to the first of the timesteps.
 */
export function flow({ shift = 1, timesteps = 1000 }: FlowOptions = {}): NoiseProcess {
  const sigmaAt = (time: number) => flowSigma(Math.min(shiftedTime(time, shift), LAST_TIME));
  return {
    sigmaMin: sigmaAt(1 / timesteps),
    sigmaMax: sigmaAt(1),
    level: (sigma) => ({ signal: 1 / (1 + sigma), noise: flowTime(sigma) }),
    timestepAt: (sigma) => timesteps * flowTime(sigma),
    // The shift's inverse is the shift by 1 / s.
    timeAt: (sigma) => shiftedTime(flowTime(sigma), 1 / shift),
    sigmaAt,
    startingDeviation: (sigma) => 1 + sigma,
    input: (x, sigma) => scaled(1 / (1 + sigma), x),
    denoised: (x, sigma, output) => ({ x0: combine(1 / (1 + sigma), x, -flowTime(sigma), output) }),
  };
}
