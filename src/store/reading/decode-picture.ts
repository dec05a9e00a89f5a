import { decode, encode } from 'fast-png';
import { EaselError, said } from '../../core/errors';
import { exifOrientation } from '../../core/image/exif';
import { checkSize, isOpaque, type Picture } from '../../core/image/picture';
import { checkProfile, isConverted, onlyPixels, pngSize, withMeaningOf } from '../../core/image/png-chunks';
import { isWebp, webpExif } from '../../core/image/webp-exif';
import { breaksOff, isPng } from '../../core/image/whole-file';
import { inflate } from './inflate';

/**
 * Decodes a picture file: PNG, JPEG (turned as its EXIF says), WebP, AVIF, GIF, BMP, whatever the browser knows,
 * converted to 8-bit sRGB; the first frame of an animated one. Of a PNG, sides and colour profile are looked at before
 * any decoder of the browser sees it.
 * @throws EaselError `corrupt` for one that breaks off or is damaged, `bad-request` for a PNG whose sides are not
 * 1..8192, `unsupported` for a colour profile that is none, `out-of-memory`
 */
export async function decodePicture(file: Blob, name: string): Promise<Picture> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (breaksOff(bytes))
    throw new EaselError('corrupt', said`${name} breaks off in the middle. Download or export it again.`);
  if (isPng(bytes)) {
    checkSize(pngSize(bytes));
    await checkProfile(bytes, name, inflate);
  }
  const picture = isWebp(bytes) ? await turnedPixelsOf(file, name, bytes) : await pixelsOf(file, name);
  return isPng(bytes) && !isOpaque(picture) ? withHiddenColours(picture, bytes) : picture;
}

/** A WebP turned as its EXIF says, which not every browser does. */
function turnedPixelsOf(file: Blob, name: string, bytes: Uint8Array): Promise<Picture> {
  const exif = webpExif(bytes);
  return pixelsOf(file, name, exif && exifOrientation(exif));
}

/** What turns a picture of a width and a height by EXIF's number, as a canvas's transformation. */
const TURNS: readonly ((w: number, h: number) => [number, number, number, number, number, number])[] = [
  () => [1, 0, 0, 1, 0, 0],
  (w) => [-1, 0, 0, 1, w, 0],
  (w, h) => [-1, 0, 0, -1, w, h],
  (_, h) => [1, 0, 0, -1, 0, h],
  () => [0, 1, 1, 0, 0, 0],
  (_, h) => [0, 1, -1, 0, h, 0],
  (w, h) => [0, -1, -1, 0, h, w],
  (w) => [0, -1, 1, 0, 0, w],
];

/** @param turn EXIF's number; the browser turns the picture itself where it is left out */
async function pixelsOf(file: Blob, name: string, turn?: number): Promise<Picture> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: turn === undefined ? 'from-image' : 'none' });
  } catch (cause) {
    throw new EaselError('corrupt', said`${name} is damaged. Download or export it again.`, { cause });
  }
  const [width, height] = turn && turn > 4 ? [bitmap.height, bitmap.width] : [bitmap.width, bitmap.height];
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' });
  if (!context) throw new EaselError('out-of-memory', said`${name} is too large for the memory this page has left.`);
  if (turn) context.setTransform(...TURNS[turn - 1](bitmap.width, bitmap.height));
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { width, height, data: context.getImageData(0, 0, width, height).data as Picture['data'] };
}

/**
 * A canvas forgets the colour of what is fully transparent, and some of that of what nearly is; painting programs keep
 * it there for whoever erases their mask. The browser converts and turns it as the rest, if it sees it opaque.
 */
async function withHiddenColours(picture: Picture, bytes: Uint8Array): Promise<Picture> {
  const bare = await onlyPixels(bytes, inflate);
  if (!bare) return picture;
  const { data, width, height } = decode(bare);
  if (!isConverted(bytes)) return { ...picture, data: new Uint8ClampedArray(data) as Picture['data'] };
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  const opaque = encode({ data, width, height, channels: 4 }, { zlib: { level: 1 } });
  const shown = await pixelsOf(new Blob([withMeaningOf(opaque, bytes) as Uint8Array<ArrayBuffer>]), 'The picture');
  for (let i = 3; i < shown.data.length; i += 4) shown.data[i] = picture.data[i];
  return shown;
}
