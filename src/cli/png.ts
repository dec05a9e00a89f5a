import { readFile } from 'node:fs/promises';
import { type DecodedPng, decode } from 'fast-png';
import { EaselError, said } from '../core/errors';
import { blankMask, blankPicture, type Mask, type Picture } from '../core/image/picture';

/** A PNG from the disk, of any kind of pixels; 16 bits are cut to 8. @throws EaselError `corrupt` for what is none. */
export async function readPicture(path: string): Promise<Picture> {
  return pictureOf(decoded(await readFile(path), path));
}

/** A PNG as a mask: how bright it is says how much is painted anew; what is transparent counts as black. */
export async function readMask(path: string): Promise<Mask> {
  const picture = await readPicture(path);
  const mask = blankMask(picture);
  for (let i = 0; i < mask.data.length; i++) {
    const [r, g, b, alpha] = picture.data.subarray(4 * i, 4 * i + 4);
    // Rec. 601, as Pillow's "L".
    mask.data[i] = Math.round(((0.299 * r + 0.587 * g + 0.114 * b) * alpha) / 255);
  }
  return mask;
}

function decoded(bytes: Uint8Array, path: string): DecodedPng {
  try {
    return decode(bytes);
  } catch (error) {
    throw new EaselError('corrupt', said`${path} cannot be read as a PNG (${(error as Error).message}).`);
  }
}

/** Pixels of 1 to 4 channels of 1 to 16 bits, or of a palette, as RGBA. */
export function pictureOf({ width, height, data, depth, channels, palette, transparency }: DecodedPng): Picture {
  const picture = blankPicture({ width, height }, [0, 0, 0, 255]);
  // Rows of less than a byte a sample are packed, each beginning at a whole byte.
  const rowBytes = Math.ceil((width * channels * depth) / 8);
  const sample = (y: number, i: number) => {
    if (depth >= 8) return data[y * width * channels + i];
    const bit = i * depth;
    return (data[y * rowBytes + (bit >> 3)] >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  };
  const scale = 255 / (2 ** depth - 1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const raw = Array.from({ length: channels }, (_, c) => sample(y, x * channels + c));
      const at = 4 * (y * width + x);
      if (palette) picture.data.set(palette[raw[0]], at);
      else {
        const [r, g, b, a] = raw.map((value) => value * scale);
        picture.data.set(channels < 3 ? [r, r, r, g ?? 255] : [r, g, b, a ?? 255], at);
        if (transparency && raw.every((value, c) => value === transparency[c])) picture.data[at + 3] = 0;
      }
    }
  }
  return picture;
}
