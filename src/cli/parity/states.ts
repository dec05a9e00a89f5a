import { inCoordinates } from '../../core/diffusion/latent-format';
import { samplerEntry } from '../../core/diffusion/samplers/index';
import type { Denoiser, Latent } from '../../core/diffusion/types';
import { type Run, sampleLatent } from '../../pipeline/denoise';

/**
 * A run's states in its scheduler's coordinates, the last one being what the autoencoder decodes. A state after a call
 * is what the next call sees; some samplers take several calls a step.
 */
export async function statesOf(denoiser: Denoiser, start: Latent, run: Run): Promise<Latent[]> {
  const { coordinates } = samplerEntry(run.sampler);
  const seen: Latent[] = [];
  const last = await sampleLatent(
    (x, sigma, at) => {
      seen.push(inCoordinates(coordinates, x.slice(), sigma));
      return denoiser(x, sigma, at);
    },
    start,
    run,
  );
  return [...seen.slice(1), last];
}
