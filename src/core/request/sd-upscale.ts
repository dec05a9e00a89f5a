/**
 * A1111's script "SD upscale" (`scripts/sd_upscale.py`): a picture is enlarged and painted in tiles that overlap, each
 * of the request's width x height, with the seed counting up from tile to tile.
 */

import { EaselError, said } from '../errors';
import { MAX_SIDE, type Size } from '../image/picture';
import { type PixelUpscaler, type PixelWay, UPSCALERS } from '../image/upscalers';
import { type FileChoice, fileChosen } from './field';
import { FIELDS } from './fields';

/** What of a request says how a picture becomes larger. */
interface SdUpscale {
  sdUpscaleFactor?: number;
  sdUpscaleUpscaler?: PixelUpscaler | FileChoice;
}

/** What enlarges the picture before it is painted. */
export function sdUpscaler({ sdUpscaleUpscaler: chosen = FIELDS.sdUpscaleUpscaler.default }: SdUpscale): PixelWay {
  const name = fileChosen(chosen);
  return name === undefined ? UPSCALERS[chosen as PixelUpscaler].way : { works: 'network', name };
}

/**
 * The size that a picture is painted at, in pixels: whole cells of the latent, as A1111's upscalers have it.
 * @param cell pixels of a latent cell, along a side
 * @throws EaselError `bad-request` for a size that is too small to be painted, or beyond what Easel handles
 */
export function sdUpscaleSize(
  { width, height }: Size,
  { sdUpscaleFactor = FIELDS.sdUpscaleFactor.default }: SdUpscale,
  cell: number,
): Size {
  const whole = (side: number) => Math.floor((side * sdUpscaleFactor) / cell) * cell;
  const size = { width: whole(width), height: whole(height) };
  const becomes = said`${width} × ${height} pixels enlarged ${sdUpscaleFactor}× are ${size.width} × ${size.height}`;
  const { min } = FIELDS.width;
  if (Math.min(size.width, size.height) < min)
    throw new EaselError(
      'bad-request',
      said`${becomes}: too few to paint. Each side needs ${min} at least; Lanczos and Nearest enlarge any picture.`,
    );
  if (Math.max(size.width, size.height) > MAX_SIDE)
    throw new EaselError('bad-request', said`${becomes}. Keep each side to ${MAX_SIDE} at most.`);
  return size;
}
