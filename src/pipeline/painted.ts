import type { Said } from '../core/errors';
import type { Box, Picture } from '../core/image/picture';
import type { Timings } from './progress';

/** A result's pixels, as bytes. */
export interface PaintedPixels {
  /** Interleaved, 3 a pixel. */
  rgb: Uint8Array<ArrayBuffer>;
  /** One byte a pixel; absent where all is opaque. */
  alpha?: Uint8Array<ArrayBuffer>;
  width: number;
  height: number;
  /** Where it belongs in the picture that it was painted from, in that one's pixels. */
  place?: Box;
}

/** What a recipe made. */
export interface Result extends PaintedPixels {
  /** What it was painted from, if not from noise alone. */
  given?: 'picture' | 'picture-and-mask';
  /** How many of the tiles that it is painted in are painted, where not all are. */
  tiles?: { done: number; of: number };
  /** What was done otherwise than asked, in sentences. */
  notes: readonly Said[];
}

export interface Painted extends Result {
  timings: Timings;
}

/** A picture as bytes of colour, and of alpha where any of it is transparent. */
export function pixelsOf({ width, height, data }: Picture): PaintedPixels {
  const rgb = new Uint8Array(3 * width * height);
  const alpha = new Uint8Array(width * height);
  for (let i = 0; i < alpha.length; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[4 * i + c];
    alpha[i] = data[4 * i + 3];
  }
  return { rgb, alpha: alpha.every((value) => value === 255) ? undefined : alpha, width, height };
}
