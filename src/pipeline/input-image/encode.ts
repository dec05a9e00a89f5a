import { concatenated } from '../../core/array';
import { posteriorSample } from '../../core/diffusion/image-to-image';
import type { Latent } from '../../core/diffusion/types';
import type { Mask, Picture, Size } from '../../core/image/picture';
import { pictureToPlanes } from '../../core/image/planes';
import { resizePicture } from '../../core/image/resample';
import { type NormalGenerator, seededNormal } from '../../core/random';
import type { GenerationRequest } from '../../core/request';
import { MAX_SEED } from '../../core/request-fields';
import type { PaintingModel } from '../../model/types';
import type { LatentSize } from '../denoise';

type Encoder = Pick<PaintingModel, 'encode'>;

/**
 * The latent of RGB planes [3, height, width] of -1..1: its posterior's mean, or a draw from it.
 * @param draw standard normal noise for the draw.
 */
export async function encodedPlanes(
  model: Encoder,
  planes: Float32Array,
  { height, width }: Size,
  draw?: NormalGenerator,
): Promise<Float64Array> {
  const { mean, logvar } = await model.encode(planes, height, width);
  return draw ? posteriorSample(mean, logvar, draw(mean.length)) : Float64Array.from(mean);
}

/** The posterior's draw comes from a generator of its own, so that the run's noise is the same with and without it. */
export function posteriorDraw({ posterior, seed, noiseSource }: GenerationRequest): NormalGenerator | undefined {
  return posterior === 'sample' ? seededNormal((seed + 1) % (MAX_SEED + 1), noiseSource) : undefined;
}

/** Planes with grey (0) in the mask's place, as inpainting UNets were trained: `hole` is 1 where there is to be nothing. */
export function greyed(planes: Float32Array, hole: ArrayLike<number>): Float32Array {
  return planes.map((value, i) => value * (1 - hole[i % hole.length]));
}

/** What an inpainting UNet of nine channels sees beside the latent: the mask on the latent grid and the latent of the greyed picture. */
export function besideLatent(mask: Float32Array, greyedLatent: Latent): Float32Array {
  return concatenated([mask, Float32Array.from(greyedLatent)]);
}

/** Whether the UNet is an inpainting one, of nine channels with the usual four of the latent. */
export const takesMask = ({ info }: PaintingModel): boolean => info.inputChannels === 2 * info.latentChannels + 1;

/** For an inpainting UNet with no picture: everything is masked. */
export async function besideNothing(model: PaintingModel, size: LatentSize): Promise<Float32Array> {
  const { latentScale } = model.info;
  const pixels = { height: size.height * latentScale, width: size.width * latentScale };
  const grey = await encodedPlanes(model, new Float32Array(3 * pixels.height * pixels.width), pixels);
  return besideLatent(new Float32Array(size.height * size.width).fill(1), grey);
}

/** The mask and the picture around it for an inpainting UNet. */
export async function besidePicture(
  model: PaintingModel,
  picture: Picture,
  mask: Mask,
  grid: Float32Array,
  request: GenerationRequest,
): Promise<Float32Array> {
  const hole = Float32Array.from(mask.data, (value) => (request.softMask ? value / 255 : Number(value >= 128)));
  const content = resizePicture(picture, mask);
  const latent = await encodedPlanes(model, greyed(pictureToPlanes(content), hole), content, posteriorDraw(request));
  return besideLatent(grid, latent);
}
