import { exifTexts } from './exif';
import { isJpeg, jpegExif } from './jpeg-exif';
import { type Inflate, pngExif, readTexts } from './png-chunks';
import { isWebp, webpExif } from './webp-exif';
import { isPng } from './whole-file';

/**
 * The texts that a picture file carries beside its pixels, by name: of a PNG those under the keywords that are asked
 * for, and of a PNG, a JPEG or a WebP those in its EXIF block. None for a file of another kind.
 * @throws EaselError as `readTexts` and `exifTexts` do.
 */
export async function pictureTexts(
  bytes: Uint8Array,
  keywords: readonly string[],
  inflate: Inflate,
): Promise<Map<string, string>> {
  const texts = isPng(bytes) ? await readTexts(bytes, keywords, inflate) : new Map<string, string>();
  const exif = exifOf(bytes);
  if (exif) for (const [name, text] of exifTexts(exif)) texts.set(name, text);
  return texts;
}

function exifOf(bytes: Uint8Array): Uint8Array | undefined {
  if (isPng(bytes)) return pngExif(bytes);
  if (isJpeg(bytes)) return jpegExif(bytes);
  return isWebp(bytes) ? webpExif(bytes) : undefined;
}
