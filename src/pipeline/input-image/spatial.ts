import type { Picture } from '../../core/image/picture';
import { pictureToPlanes } from '../../core/image/planes';
import { resizeTo } from '../../core/image/resize-modes';
import type { GenerationRequest } from '../../core/request/request';
import type { PaintingModel } from '../../model/running/painting-model';
import type { LatentSize } from '../latent-size';
import { opaque } from './fill';
import { emptyInpaintChannels, isInpaintingModel } from './inpaint-channels';
import { pixelMode } from './prepared-image';

/** What a model is shown beside the latent where no picture is given: an inpainting one, that all is masked. */
export async function spatialWithout(model: PaintingModel, size: LatentSize): Promise<Float32Array | undefined> {
  return isInpaintingModel(model) ? emptyInpaintChannels(model, size) : undefined;
}

/** What a model is shown that makes pictures larger: the picture as small as the latent, its pixels -1..1. */
export function smallPicture(picture: Picture, size: LatentSize, request: GenerationRequest): Float32Array {
  return pictureToPlanes(opaque(resizeTo(pixelMode(request), picture, size).content));
}
