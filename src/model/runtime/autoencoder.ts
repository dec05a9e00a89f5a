import type { Session } from './session';

export interface Posterior {
  mean: Float32Array;
  logvar: Float32Array;
}

/** Runs the graph of `buildVaeDecoder`: latent [channels, height, width] in the VAE's own scale -> RGB planes, -1..1. */
export function decodeWith(session: Session) {
  return async (latent: Float32Array, height: number, width: number): Promise<Float32Array> => {
    const dims = [1, latent.length / (height * width), height, width];
    return (await session.run({ latent_sample: { data: latent, dims } })).sample;
  };
}

/** Runs the graph of `buildVaeEncoder`: RGB planes [3, height, width], -1..1 -> the posterior over latents, in the VAE's own scale. */
export function encodeWith(session: Session) {
  return async (image: Float32Array, height: number, width: number): Promise<Posterior> => {
    const out = await session.run({ sample: { data: image, dims: [1, 3, height, width] } });
    return { mean: out.mean, logvar: out.logvar };
  };
}
