import { scaled } from '../array';
import type { Denoised, Latent } from './types';

/** What a network was trained to predict, in variance-preserving coordinates x_t = sqrt(abar) x0 + sqrt(1 - abar) eps. */
export type Prediction = 'epsilon' | 'v_prediction' | 'sample';

/** k-diffusion's scaling of the network's input: variance-exploding x -> the x_t it was trained on, x / sqrt(sigma^2 + 1). */
export function networkInput<T extends Latent>(x: T, sigma: number): T {
  return scaled(1 / Math.sqrt(sigma ** 2 + 1), x);
}

/**
 * The clean latent that a network's output stands for, given variance-exploding x at sigma.
 * eps: x0 = x - sigma eps (Ho et al. 2020, equation 15). v = sqrt(abar) eps - sqrt(1 - abar) x0, so
 * x0 = (x / sqrt(sigma^2 + 1) - sigma v) / sqrt(sigma^2 + 1) (Salimans and Ho 2022, appendix D).
 */
export function cleanLatent<T extends Latent>(prediction: Prediction, x: T, sigma: number, output: Latent): T {
  const out = scaled(1, x);
  switch (prediction) {
    case 'epsilon':
      for (let i = 0; i < out.length; i++) out[i] = x[i] - sigma * output[i];
      return out;
    case 'v_prediction': {
      const root = Math.sqrt(sigma ** 2 + 1);
      for (let i = 0; i < out.length; i++) out[i] = (x[i] / root - sigma * output[i]) / root;
      return out;
    }
    case 'sample':
      for (let i = 0; i < out.length; i++) out[i] = output[i];
      return out;
    default:
      prediction satisfies never;
      throw new RangeError(`Unknown prediction "${String(prediction)}".`);
  }
}

/** The raw network: its own x_t and a timestep, fractional where the schedule gives such, to its raw output. */
export type Network = (input: Latent, timestep: number) => Promise<Latent>;

/** A denoiser's first two arguments; what wraps a network needs no position. */
export type NetworkDenoiser = (x: Latent, sigma: number, timestep: number) => Promise<Denoised>;

/** A network seen as a denoiser in variance-exploding coordinates. */
export function fromNetwork(network: Network, prediction: Prediction): NetworkDenoiser {
  return async (x, sigma, timestep) => ({
    x0: cleanLatent(prediction, x, sigma, await network(networkInput(x, sigma), timestep)),
  });
}
