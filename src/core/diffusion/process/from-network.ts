import type { Denoised, Latent } from '../types';
import type { NoiseProcess } from './noise-process';

/** The raw network: from its scaled input and timestep to its raw output. */
export type Network = (input: Latent, timestep: number) => Promise<Latent>;

/**
 * A network seen as a denoiser, without guidance.
 * @param timestep that it is conditioned on; the process's own by default.
 */
export function fromNetwork(process: NoiseProcess, network: Network) {
  return async (x: Latent, sigma: number, timestep = process.timestepAt(sigma)): Promise<Denoised> =>
    process.denoised(x, sigma, await network(process.input(x, sigma), timestep));
}
