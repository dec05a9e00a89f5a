import type { Denoised, Latent } from '../types';
import type { NoiseProcess } from './noise-process';

/** The raw network: what it is fed and told, to its raw output. */
export type Network = (input: Latent, timestep: number) => Promise<Latent>;

/**
 * A network seen as a denoiser, without guidance.
 * @param timestep what it is told; the process's own where left out.
 */
export function fromNetwork(process: NoiseProcess, network: Network) {
  return async (x: Latent, sigma: number, timestep = process.timestepAt(sigma)): Promise<Denoised> =>
    process.denoised(x, sigma, await network(process.input(x, sigma), timestep));
}
