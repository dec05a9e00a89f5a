import { EaselError, said } from '../core/errors';
import { checkSize, type InputImage, type Mask, type Picture } from '../core/image/picture';
import type { NamedFile, PaintInputs } from './protocol';
import { NamedFileSchema, rasterSchema, read } from './wire';

/**
 * Checks what a picture is painted from and with, as it came over the wire.
 * @throws EaselError `bad-request` that says what is wrong with it.
 */
export function parseInputs(value: PaintInputs | undefined): { given?: InputImage; upscaler?: NamedFile } {
  if (value === undefined) return {};
  const { upscaler: file, ...rasters } = value ?? {};
  const upscaler = file && read(NamedFileSchema, file, said`The upscaler is not a file.`);
  const isGiven = !upscaler || rasters.picture !== undefined || rasters.mask !== undefined;
  return { ...(isGiven && { given: parseGiven(rasters) }), ...(upscaler && { upscaler }) };
}

/**
 * Checks a picture to paint from, as it came over the wire.
 * @throws EaselError `bad-request` that says what is wrong with it.
 */
export function parseGiven(value: unknown): InputImage {
  const { picture, mask } = (value ?? {}) as { picture?: unknown; mask?: unknown };
  const checked: Picture = raster(picture, 'picture', Uint8ClampedArray, 4);
  if (mask === undefined) return { picture: checked };
  const checkedMask: Mask = raster(mask, 'mask', Uint8Array, 1);
  if (checkedMask.width !== checked.width || checkedMask.height !== checked.height)
    throw new EaselError(
      'bad-request',
      said`The mask is ${checkedMask.width} x ${checkedMask.height} pixels, but the picture is ${checked.width} x ${checked.height}. Give a mask as large as the picture.`,
    );
  return { picture: checked, mask: checkedMask };
}

interface Raster<Bytes> {
  width: number;
  height: number;
  data: Bytes;
}

function raster<Bytes extends Uint8Array | Uint8ClampedArray>(
  value: unknown,
  name: 'picture' | 'mask',
  bytes: abstract new (...args: never[]) => Bytes,
  channels: number,
): Raster<Bytes> {
  const sentence = said`The given ${name} needs a width, a height and its bytes (${bytes.name}).`;
  const { width, height, data } = read(rasterSchema(bytes), value, sentence);
  checkSize({ width, height });
  if (data.length !== width * height * channels)
    throw new EaselError(
      'bad-request',
      said`The given ${name} of ${width} x ${height} pixels needs ${width * height * channels} bytes and has ${data.length}.`,
    );
  return { width, height, data };
}
