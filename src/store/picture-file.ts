import { decode } from 'fast-png';
import { EaselError } from '../core/errors';
import { checkSize, type Picture } from '../core/image/picture';
import { breaksOff, isPng } from '../core/image/whole-file';

/** A picture out of a file, with what the person should know about it. */
export interface OpenedPicture {
  picture: Picture;
  /** Some of it is transparent. */
  transparent: boolean;
  /** The file holds more frames; this is the first. */
  animated: boolean;
}

/** What the file picker offers; a browser may know more. */
export const PICTURE_TYPES = 'image/png,image/jpeg,image/webp,image/avif,image/gif,image/bmp';

/**
 * Decodes a picture file in the browser: PNG, JPEG (turned as its EXIF says), WebP, AVIF, GIF, BMP, whatever it knows, converted to 8-bit sRGB; the
 * first frame of an animated one.
 * @throws EaselError `unsupported` for what is no picture, `corrupt` for one that breaks off, `bad-request` for sides that are not 1..8192
 */
export async function openPictureFile(file: File | Blob, name = 'The picture'): Promise<OpenedPicture> {
  const image = await loadImage(file, name);
  // Only the header has been read so far: a picture too large is refused before it takes memory.
  checkSize({ width: image.naturalWidth, height: image.naturalHeight });
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (breaksOff(bytes))
    throw new EaselError('corrupt', `${name} breaks off in the middle. Download or export it again.`);
  const picture = await pixelsOf(image, name);
  const transparent = picture.data.some((value, i) => i % 4 === 3 && value < 255);
  return {
    picture: transparent ? withHiddenColours(picture, bytes) : picture,
    transparent,
    animated: await isAnimated(file),
  };
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

async function pixelsOf(image: HTMLImageElement, name: string): Promise<Picture> {
  const { naturalWidth: width, naturalHeight: height } = image;
  try {
    await image.decode();
  } catch (cause) {
    throw new EaselError('corrupt', `${name} is damaged. Download or export it again.`, { cause });
  }
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' });
  if (!context) throw new EaselError('out-of-memory', `${name} is too large for the memory this page has left.`);
  context.drawImage(image, 0, 0);
  return { width, height, data: context.getImageData(0, 0, width, height).data as Picture['data'] };
}

/** A canvas forgets the colour of what is fully transparent; painting programs keep it there for whoever erases their mask. */
function withHiddenColours(picture: Picture, bytes: Uint8Array): Picture {
  if (!isPng(bytes)) return picture;
  const { data, channels, depth, width, height } = decode(bytes);
  const fits = channels === 4 && depth === 8 && width === picture.width && height === picture.height;
  return fits ? { ...picture, data: new Uint8ClampedArray(data) as Picture['data'] } : picture;
}

/** Whether a file holds several frames, where the browser can tell. */
async function isAnimated(file: Blob): Promise<boolean> {
  if (typeof ImageDecoder === 'undefined' || !(await ImageDecoder.isTypeSupported(file.type))) return false;
  const decoder = new ImageDecoder({ data: await file.arrayBuffer(), type: file.type });
  try {
    await decoder.tracks.ready;
    return decoder.tracks.selectedTrack?.animated ?? false;
  } catch {
    return false;
  } finally {
    decoder.close();
  }
}
