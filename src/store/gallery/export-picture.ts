import { EaselError, said } from '../../core/errors';
import { exifWithComment } from '../../core/image/exif';
import { withJpegExif } from '../../core/image/jpeg-exif';
import { withWebpExif } from '../../core/image/webp-exif';

/** Formats that take a fraction of a PNG's room: what the browser calls them, and their files end in. */
const EXPORTS = {
  jpeg: { type: 'image/jpeg', label: 'JPEG', ending: 'jpg', isOpaque: true, withExif: withJpegExif },
  webp: { type: 'image/webp', label: 'WebP', ending: 'webp', isOpaque: false, withExif: withWebpExif },
} as const;

export type ExportFormat = keyof typeof EXPORTS;

export const endingOf = (format: ExportFormat): string => EXPORTS[format].ending;

/**
 * A picture in another format, with its settings in the EXIF UserComment as A1111 writes them. What is transparent
 * becomes white in a JPEG, which cannot hold it.
 * @param parameters A1111's text of settings
 * @param quality of 1 to 100
 * @throws EaselError `unsupported` where the browser does not write the format, or it cannot hold so long a text
 */
export async function exportPicture(
  png: Blob,
  parameters: string,
  format: ExportFormat,
  quality: number,
): Promise<Blob> {
  const { type, label, isOpaque, withExif } = EXPORTS[format];
  const canvas = await drawn(png, isOpaque);
  const encoded = await canvas.convertToBlob({ type, quality: quality / 100 });
  // A browser that does not write a format writes PNG in its place.
  if (encoded.type !== type)
    throw new EaselError('unsupported', said`This browser cannot write ${label}. Save the picture as PNG instead.`);
  const { width, height } = canvas;
  const bytes = withExif(new Uint8Array(await encoded.arrayBuffer()), exifWithComment(parameters), { width, height });
  return new Blob([bytes], { type });
}

/** A result as a file: its PNG, which has its settings, or another format with them. */
export async function pictureFile(
  png: Blob,
  parameters: string,
  format: 'png' | ExportFormat,
  quality: number,
): Promise<{ file: Blob; ending: string }> {
  if (format === 'png') return { file: png, ending: 'png' };
  return { file: await exportPicture(png, parameters, format, quality), ending: endingOf(format) };
}

async function drawn(png: Blob, onWhite: boolean): Promise<OffscreenCanvas> {
  const picture = await createImageBitmap(png);
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext('2d');
  if (!context)
    throw new EaselError('unsupported', said`This browser gives no 2D canvas. Save the picture as PNG instead.`);
  if (onWhite) {
    context.fillStyle = 'white';
    context.fillRect(0, 0, canvas.width, canvas.height);
  }
  context.drawImage(picture, 0, 0);
  picture.close();
  return canvas;
}
