import { posteriorSample } from '../../core/diffusion/image-to-image';
import { interpolate } from '../../core/image/interpolate';
import type { Size } from '../../core/image/picture';
import { pictureToPlanes } from '../../core/image/planes';
import { type NormalGenerator, seededNormal } from '../../core/random';
import { type GenerationRequest, seedAfter } from '../../core/request/request';
import type { PaintingModel } from '../../model/running/painting-model';
import type { PaintRun } from '../run';
import type { PreparedImage } from './prepared-image';

/**
 * The latent of RGB planes [3, height, width] of -1..1: its posterior's mean, or a draw from it.
 * @param draw standard normal noise for the draw.
 */
export async function encodedPlanes(
  model: Pick<PaintingModel, 'encode'>,
  planes: Float32Array,
  { height, width }: Size,
  draw?: NormalGenerator,
): Promise<Float64Array> {
  const { mean, logvar } = await model.encode(planes, height, width);
  return draw ? posteriorSample(mean, logvar, draw(mean.length)) : Float64Array.from(mean);
}

/** The posterior's draw comes from a generator of its own, so that the run's noise is the same with and without it. */
export function posteriorDraw({ posterior, seed, noiseSource }: GenerationRequest): NormalGenerator | undefined {
  return posterior === 'sample' ? seededNormal(seedAfter(seed, 1), noiseSource) : undefined;
}

/** A picture's latent, stretched to the painting's where it was encoded at another size (latent resize). */
export async function encodedImage(
  { model, request, size }: Pick<PaintRun, 'model' | 'request' | 'size'>,
  { content }: PreparedImage,
): Promise<Float64Array> {
  const latent = await encodedPlanes(model, pictureToPlanes(content), content, posteriorDraw(request));
  const { latentScale } = model.info;
  const from = { height: content.height / latentScale, width: content.width / latentScale };
  if (from.height === size.height && from.width === size.width) return latent;
  return interpolate(latent, from, size, 'bilinear');
}
