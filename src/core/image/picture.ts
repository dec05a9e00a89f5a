import { EaselError, said } from '../errors';

export interface Size {
  width: number;
  height: number;
}

/** A rectangle in whole pixels; `x` and `y` may be negative, as when a frame reaches beyond the picture. */
export interface Box extends Size {
  x: number;
  y: number;
}

/** sRGB bytes, RGBA interleaved, alpha not premultiplied: what a browser's ImageData holds. */
export interface Picture extends Size {
  data: Uint8ClampedArray<ArrayBuffer>;
}

/** How much of each pixel is to be repainted: 0 keeps it, 255 replaces it, between is a soft mask. */
export interface Mask extends Size {
  data: Uint8Array<ArrayBuffer>;
}

/** A picture to paint from: alpha 0 is where nothing is yet; the mask, as large, says what is repainted. */
export interface InputImage {
  picture: Picture;
  mask?: Mask;
}

/** A's longest side at most: what browsers decode and canvases hold everywhere. */
export const MAX_SIDE = 8192;

/** @throws EaselError `bad-request` when a side is no whole number of 1..8192. */
export function checkSize({ width, height }: Size): void {
  for (const [name, side] of Object.entries({ width, height }))
    if (!Number.isInteger(side) || side < 1 || side > MAX_SIDE)
      throw new EaselError(
        'bad-request',
        said`The picture's ${name} is ${side} pixels. Use a picture of 1 to ${MAX_SIDE} pixels a side.`,
      );
}

/** A picture of one colour, transparent by default. @throws as checkSize. */
export function blankPicture(size: Size, rgba: readonly [number, number, number, number] = [0, 0, 0, 0]): Picture {
  checkSize(size);
  const data = new Uint8ClampedArray(size.width * size.height * 4);
  new Uint32Array(data.buffer).fill(new Uint32Array(Uint8Array.from(rgba).buffer)[0]);
  return { width: size.width, height: size.height, data };
}

/** A mask of one value, empty by default. @throws as checkSize. */
export function blankMask(size: Size, value = 0): Mask {
  checkSize(size);
  return { width: size.width, height: size.height, data: new Uint8Array(size.width * size.height).fill(value) };
}

/** The part of two boxes that lies in both; a side of 0 when they do not meet. */
export function intersection(a: Box, b: Box): Box {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  return {
    x,
    y,
    width: Math.max(0, Math.min(a.x + a.width, b.x + b.width) - x),
    height: Math.max(0, Math.min(a.y + a.height, b.y + b.height) - y),
  };
}

/** The smallest box around both; an empty box adds nothing. */
export function union(a: Box, b: Box): Box {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

export const isEmpty = ({ width, height }: Size): boolean => width <= 0 || height <= 0;

/** A box moved by a point: from where the point is the corner to where all is counted from. */
export const movedBy = (box: Box, by: { x: number; y: number }): Box => ({ ...box, x: box.x + by.x, y: box.y + by.y });

/** A box grown by `by` pixels on every side. */
export function inflate(box: Box, by: number): Box {
  return { x: box.x - by, y: box.y - by, width: box.width + 2 * by, height: box.height + 2 * by };
}

/** Whether every pixel is opaque, as in nearly every photograph. */
export function isOpaque({ data }: Picture): boolean {
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false;
  return true;
}

/** The bytes of `box` out of a raster of `channels` bytes a pixel; zero where the box reaches beyond it. */
function cropBytes(from: Uint8Array | Uint8ClampedArray, size: Size, box: Box, channels: number, out: typeof from) {
  const part = intersection(box, { x: 0, y: 0, ...size });
  for (let y = part.y; y < part.y + part.height; y++) {
    const start = (y * size.width + part.x) * channels;
    out.set(from.subarray(start, start + part.width * channels), ((y - box.y) * box.width + part.x - box.x) * channels);
  }
}

/** A part of a picture; transparent where the box reaches beyond it. */
export function cropPicture(picture: Picture, box: Box): Picture {
  const out = blankPicture(box);
  cropBytes(picture.data, picture, box, 4, out.data);
  return out;
}

/** A part of a mask; 0 where the box reaches beyond it. */
export function cropMask(mask: Mask, box: Box): Mask {
  const out = blankMask(box);
  cropBytes(mask.data, mask, box, 1, out.data);
  return out;
}
