import { EaselError, said } from '../../core/errors';
import { checkSize, type Picture } from '../../core/image/picture';
import { isPng } from '../../core/image/whole-file';
import { readApart } from '../reading/read-apart';
import type { ReadCanvas } from '../reading/read-canvas';

/** What the file picker offers; a browser may know more. */
export const PICTURE_TYPES = 'image/png,image/jpeg,image/webp,image/avif,image/gif,image/bmp';

/**
 * Reads a picture file in the browser, apart from the page, which goes on meanwhile.
 * @throws EaselError `unsupported` for what is no picture, `bad-request` for sides that are not 1..8192, and as
 * `decodePicture` does
 */
export async function readPictureFile(file: Blob, name: string): Promise<Picture> {
  await checkSides(file, name);
  return readApart('decodePicture', file, name);
}

/** The same as a canvas. @throws as `readPictureFile` */
export async function readCanvasFile(file: Blob, name: string): Promise<ReadCanvas> {
  await checkSides(file, name);
  return readApart('readCanvas', file, name);
}

/**
 * Refuses a picture too large before it takes memory: of most kinds the page's decoder reads no more than the header.
 * Of a PNG it unpacks the colour profile too, whatever that becomes, so it is left to the worker, which looks first.
 */
async function checkSides(file: Blob, name: string): Promise<void> {
  if (isPng(new Uint8Array(await file.slice(0, 8).arrayBuffer()))) return;
  const image = await loadImage(file, name);
  checkSize({ width: image.naturalWidth, height: image.naturalHeight });
}

async function loadImage(file: Blob, name: string): Promise<HTMLImageElement> {
  const image = new Image();
  const url = URL.createObjectURL(file);
  try {
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = reject;
      image.src = url;
    });
    return image;
  } catch (cause) {
    throw new EaselError(
      'unsupported',
      said`${name} is not a picture that this browser can read. Use PNG, JPEG, WebP, AVIF, GIF or BMP.`,
      { cause },
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}
