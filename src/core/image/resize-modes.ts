import { type Box, blankMask, blankPicture, intersection, type Mask, type Picture, type Size } from './picture';
import { type Filter, resizeMask, resizePicture } from './resample';

/** A1111's resize modes that work on pixels; its fourth, "Just resize (latent upscale)", works on the latent. */
export const RESIZE_MODES = [
  { id: 'just-resize', label: 'Just resize', hint: 'Stretches the picture to the size.' },
  { id: 'crop-and-resize', label: 'Crop and resize', hint: 'Fills the size, cropping the excess.' },
  { id: 'resize-and-fill', label: 'Resize and fill', hint: 'Fits into the size, filling the rest from the edges.' },
] as const;

export type ResizeMode = (typeof RESIZE_MODES)[number]['id'];

/**
 * Where a picture of one size comes to stand in another, with whole numbers as A1111's `resize_image` has them: the box
 * may reach beyond the new picture (crop and resize) or leave part of it free (resize and fill).
 */
export function placement(mode: ResizeMode, from: Size, to: Size): Box {
  const wider = to.width * from.height > from.width * to.height;
  const byHeight = Math.max(1, Math.floor((from.width * to.height) / from.height));
  const byWidth = Math.max(1, Math.floor((from.height * to.width) / from.width));
  const centred = (width: number, height: number): Box => ({
    x: Math.floor(to.width / 2) - Math.floor(width / 2),
    y: Math.floor(to.height / 2) - Math.floor(height / 2),
    width,
    height,
  });
  switch (mode) {
    case 'just-resize':
      return { ...to, x: 0, y: 0 };
    case 'crop-and-resize':
      return wider ? centred(to.width, byWidth) : centred(byHeight, to.height);
    case 'resize-and-fill':
      return wider ? centred(byHeight, to.height) : centred(to.width, byWidth);
    default:
      mode satisfies never;
      throw new RangeError(`Unknown resize mode "${String(mode)}".`);
  }
}

/** What of a picture, in its pixels, is seen in a `part` of what it was resized to; beyond it, where that is filler. */
export function sourceOf(mode: ResizeMode, from: Size, to: Size, part: Box): Box {
  const full = placement(mode, from, to);
  const across = (x: number) => Math.round(((x - full.x) * from.width) / full.width);
  const down = (y: number) => Math.round(((y - full.y) * from.height) / full.height);
  const [x, y] = [across(part.x), down(part.y)];
  return { x, y, width: across(part.x + part.width) - x, height: down(part.y + part.height) - y };
}

/** The part of a box, from its own corner, that stands in the new picture. */
function visible(box: Box, to: Size): Box {
  const { x, y, width, height } = intersection(box, { ...to, x: 0, y: 0 });
  return { x: x - box.x, y: y - box.y, width, height };
}

/** Copies `from` to its place in `to`; what stays free repeats the nearest edge pixel. */
function place<T extends Uint8Array | Uint8ClampedArray>(from: T, box: Box, out: T, to: Size, channels: number): void {
  for (let y = 0; y < to.height; y++) {
    const row = Math.min(box.height - 1, Math.max(0, y - box.y)) * box.width;
    for (let x = 0; x < to.width; x++) {
      const source = (row + Math.min(box.width - 1, Math.max(0, x - box.x))) * channels;
      const target = (y * to.width + x) * channels;
      for (let c = 0; c < channels; c++) out[target + c] = from[source + c];
    }
  }
}

/** A resized picture or mask and the box of it that shows the original; outside stands filler. */
export interface Placed<T> {
  content: T;
  box: Box;
}

/**
 * A picture brought to a size in one of A1111's ways. @throws EaselError `bad-request` for a size that is not 1..8192 a
 * side.
 */
export function resizeTo(mode: ResizeMode, picture: Picture, to: Size, filter: Filter = 'lanczos'): Placed<Picture> {
  const full = placement(mode, picture, to);
  const box = intersection(full, { ...to, x: 0, y: 0 });
  const content = blankPicture(to);
  place(resizePicture(picture, full, filter, visible(full, to)).data, box, content.data, to, 4);
  return { content, box };
}

/** A mask brought to a size as its picture is. */
export function resizeMaskTo(mode: ResizeMode, mask: Mask, to: Size, filter: Filter = 'lanczos'): Placed<Mask> {
  const full = placement(mode, mask, to);
  const box = intersection(full, { ...to, x: 0, y: 0 });
  const content = blankMask(to);
  place(resizeMask(mask, full, filter, visible(full, to)).data, box, content.data, to, 1);
  return { content, box };
}
