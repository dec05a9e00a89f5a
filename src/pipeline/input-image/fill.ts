import { fillMasked } from '../../core/image/masked-content';
import { type Box, blankMask, cropMask, type Mask, type Picture, type Size } from '../../core/image/picture';
import type { GenerationRequest } from '../../core/request/request';

/** What stands under the mask before it is encoded; A1111 fills it for every masked content but "original". */
export function prepared(
  content: Picture,
  mask: () => Mask,
  { maskedContent = 'original' }: GenerationRequest,
): Picture {
  return opaque(maskedContent === 'original' ? filled(content) : fillMasked(content, mask()));
}

/** What is transparent, filled from around. */
export function filled(picture: Picture): Picture {
  for (let i = 3; i < picture.data.length; i += 4)
    if (picture.data[i] < 255) return fillMasked(picture, blankMask(picture));
  return picture;
}

const GREY = 128;

/**
 * Whatever colour was reached by, as A1111 takes it; mid grey, the middle of what an autoencoder encodes, where nothing
 * was.
 */
export function opaque(picture: Picture): Picture {
  const data = picture.data.slice();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 0) data.fill(GREY, i, i + 3);
    data[i + 3] = 255;
  }
  return { ...picture, data };
}

/** Where a picture is fully transparent: nothing is there yet. Undefined where it is nowhere. */
export function holesOf({ width, height, data }: Picture): Mask | undefined {
  const holes = blankMask({ width, height });
  let any = false;
  for (let i = 0; i < holes.data.length; i++) {
    if (data[4 * i + 3] > 0) continue;
    holes.data[i] = 255;
    any = true;
  }
  return any ? holes : undefined;
}

/** What either mask paints. */
export function unionMasks(mask: Mask, holes: Mask | undefined): Mask {
  if (!holes) return mask;
  return { ...mask, data: mask.data.map((value, i) => Math.max(value, holes.data[i])) };
}

/** Everything that a mask paints at all. */
export const binarize = (mask: Mask): Mask => ({ ...mask, data: mask.data.map((value) => (value > 0 ? 255 : 0)) });

/** A mask of a box as one of all the picture. */
export const placeMask = (mask: Mask, box: Box, { width, height }: Size): Mask =>
  cropMask(mask, { x: -box.x, y: -box.y, width, height });
