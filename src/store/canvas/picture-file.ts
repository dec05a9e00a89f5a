import { EaselError } from '../../core/errors';
import { checkSize } from '../../core/image/picture';
import type { OpenedPicture } from '../reading/decode-picture';
import { readApart } from '../reading/read-apart';

/** What the file picker offers; a browser may know more. */
export const PICTURE_TYPES = 'image/png,image/jpeg,image/webp,image/avif,image/gif,image/bmp';

/**
 * Opens a picture file in the browser; it is decoded apart from the page, which goes on meanwhile.
 * @throws EaselError `unsupported` for what is no picture, `bad-request` for sides that are not 1..8192, and as
 * `decodePicture` does
 */
export async function openPictureFile(file: File | Blob, name = 'The picture'): Promise<OpenedPicture> {
  const image = await loadImage(file, name);
  // Only the header has been read so far: a picture too large is refused before it takes memory.
  checkSize({ width: image.naturalWidth, height: image.naturalHeight });
  return readApart('decodePicture', file, name);
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
      `${name} is not a picture that this browser can read. Use PNG, JPEG, WebP, AVIF, GIF or BMP.`,
      { cause },
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}
