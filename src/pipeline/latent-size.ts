import { EaselError, said } from '../core/errors';
import type { GenerationRequest } from '../core/request/request';
import type { PaintingModel } from '../model/running/painting-model';

/** Latent sides, in cells. */
export interface LatentSize {
  height: number;
  width: number;
}

/**
 * The sides of the latent that a request is painted in.
 * @throws EaselError `bad-request` for a size or a clip skip that the model cannot do.
 */
export function latentSizeOf({ info }: PaintingModel, { width, height, clipSkip = 1 }: GenerationRequest): LatentSize {
  const { latentScale, maxClipSkip, fixedSide, sideMultiple = latentScale } = info;
  const size = { height: height / latentScale, width: width / latentScale };
  if (height % sideMultiple !== 0 || width % sideMultiple !== 0)
    throw new EaselError('bad-request', said`Width and height must be multiples of ${sideMultiple}.`);
  if (fixedSide !== undefined && (width !== fixedSide || height !== fixedSide))
    throw new EaselError(
      'bad-request',
      said`${info.name} paints pictures of ${fixedSide} × ${fixedSide} pixels alone.`,
    );
  if (clipSkip > maxClipSkip)
    throw new EaselError('bad-request', said`Clip skip can be at most ${maxClipSkip} with this model.`);
  return size;
}
