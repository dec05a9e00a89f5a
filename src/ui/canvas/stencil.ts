import type { Box, Mask, Size } from '../../core/image/picture';

/**
 * What of a preview may be seen, as RGBA bytes whose alpha is the mask.
 * @param part of the mask that the preview shows; 0 where it reaches beyond
 * @param size of the stencil, each of its pixels the nearest of the mask's
 * @param isInverted where what is not masked is painted
 */
export function stencilOf(mask: Mask, part: Box, size: Size, isInverted: boolean): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(4 * size.width * size.height);
  const columns = Array.from({ length: size.width }, (_, x) => nearest(x, part.x, part.width, size.width));
  for (let y = 0; y < size.height; y++) {
    const row = nearest(y, part.y, part.height, size.height);
    if (row < 0 || row >= mask.height) continue;
    for (let x = 0; x < size.width; x++) {
      const column = columns[x];
      if (column < 0 || column >= mask.width) continue;
      const value = mask.data[row * mask.width + column];
      out[4 * (y * size.width + x) + 3] = isInverted ? 255 - value : value;
    }
  }
  return out;
}

/** Where a stencil's pixel lies in the mask, along one side. */
const nearest = (at: number, start: number, length: number, size: number): number =>
  start + Math.floor(((at + 0.5) * length) / size);
