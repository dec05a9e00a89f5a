import type { Session } from './session';

export interface Posterior {
  mean: Float32Array;
  logvar: Float32Array;
}

/**
 * Runs an autoencoder's decoder: latent [channels, height, width] in the autoencoder's own scale -> RGB planes, -1..1.
 */
export function decodeWith(session: Session) {
  return async (latent: Float32Array, height: number, width: number): Promise<Float32Array> => {
    const dims = [1, latent.length / (height * width), height, width];
    return (await session.run({ latent_sample: { data: latent, dims } })).sample;
  };
}

/**
 * Runs an autoencoder's encoder: RGB planes [3, height, width], -1..1 -> the posterior over latents, in the
 * autoencoder's own scale. One that gives latents outright (VQ, TAESD) has no spread: its log variance is minus
 * infinity.
 */
export function encodeWith(session: Session) {
  return async (image: Float32Array, height: number, width: number): Promise<Posterior> => {
    const out = await session.run({ sample: { data: image, dims: [1, 3, height, width] } });
    const mean = out.mean ?? out.latents;
    return { mean, logvar: out.logvar ?? new Float32Array(mean.length).fill(Number.NEGATIVE_INFINITY) };
  };
}
