import { concat } from '../../core/array';
import type { Latent } from '../../core/diffusion/types';
import { pictureToPlanes } from '../../core/image/planes';
import { resizePicture } from '../../core/image/resample';
import type { GenerationRequest } from '../../core/request/request';
import type { PaintingModel } from '../../model/running/painting-model';
import type { LatentSize } from '../latent-size';
import { encodedPlanes, posteriorDraw } from './encode';
import type { MaskedImage } from './prepared-image';

/**
 * Planes with grey (0) in the mask's place, as inpainting UNets were trained: `hole` is 1 where there is to be nothing.
 */
export function greyed(planes: Float32Array, hole: ArrayLike<number>): Float32Array {
  return planes.map((value, i) => value * (1 - hole[i % hole.length]));
}

/**
 * What an inpainting UNet of nine channels sees beside the latent: the mask on the latent grid and the latent of the
 * greyed picture.
 */
export function inpaintChannels(grid: Float32Array, greyedLatent: Latent): Float32Array {
  return concat([grid, Float32Array.from(greyedLatent)]);
}

/** Whether the UNet is an inpainting one, of nine channels with the usual four of the latent. */
export const isInpaintingModel = ({ info }: PaintingModel): boolean =>
  info.inputChannels === 2 * info.latentChannels + 1;

/** For an inpainting UNet with no picture, or with one all of which is painted: everything is masked. */
export async function emptyInpaintChannels(model: PaintingModel, size: LatentSize): Promise<Float32Array> {
  const { latentScale } = model.info;
  const pixels = { height: size.height * latentScale, width: size.width * latentScale };
  const grey = await encodedPlanes(model, new Float32Array(3 * pixels.height * pixels.width), pixels);
  return inpaintChannels(new Float32Array(size.height * size.width).fill(1), grey);
}

/** The mask and the picture around it for an inpainting UNet. */
export async function inpaintChannelsOf(
  model: PaintingModel,
  { content: picture, mask }: MaskedImage,
  grid: Float32Array,
  request: GenerationRequest,
): Promise<Float32Array> {
  const hole = Float32Array.from(mask.data, (value) => (request.softMask ? value / 255 : Number(value >= 128)));
  const content = resizePicture(picture, mask);
  const latent = await encodedPlanes(model, greyed(pictureToPlanes(content), hole), content, posteriorDraw(request));
  return inpaintChannels(grid, latent);
}
