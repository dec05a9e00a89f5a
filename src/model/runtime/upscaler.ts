import type { Session } from './session';

/** Runs an upscaler: RGB planes [3, height, width] of 0..1 -> [3, scale height, scale width], about 0..1. */
export function upscaleWith(session: Session) {
  return async (image: Float32Array, height: number, width: number): Promise<Float32Array> =>
    (await session.run({ image: { data: image, dims: [1, 3, height, width] } })).upscaled;
}
