import { said } from '../errors';
import { shortEnough } from './text-limit';

/** EXIF (CIPA DC-008): tags and types of the TIFF structure that it is. */
const TAG = {
  imageDescription: 0x010e,
  make: 0x010f,
  model: 0x0110,
  orientation: 0x0112,
  exifFolder: 0x8769,
  userComment: 0x9286,
} as const;
const [ASCII, LONG, UNDEFINED] = [2, 4, 7];
/** Bytes of a value of each type, by its number. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

/** Where EXIF keeps texts, by the names that ImageMagick and ExifTool give these tags. */
const TEXT_TAGS: Readonly<Record<number, string>> = {
  [TAG.imageDescription]: 'ImageDescription',
  [TAG.make]: 'Make',
  [TAG.model]: 'Model',
  [TAG.userComment]: 'UserComment',
};

/**
 * The texts in an EXIF block: `UserComment`, where A1111 writes its settings, and the three in which ComfyUI writes its
 * graph. What cannot be read is left out, as are the camera's other tags.
 * @param exif from the byte order mark on; an `Exif\0\0` before it is skipped.
 * @throws EaselError `unsupported` for a text over 1 MB.
 */
export function exifTexts(exif: Uint8Array): Map<string, string> {
  const tiff = startsWith(exif, 'Exif\0\0') ? exif.subarray(6) : exif;
  const texts = new Map<string, string>();
  const littleEndian = startsWith(tiff, 'II*\0');
  if (!littleEndian && !startsWith(tiff, 'MM\0*')) return texts;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const folderAt = (offset: number) => {
    const entries = offset + 2 <= tiff.length ? view.getUint16(offset, littleEndian) : 0;
    let exifFolder: number | undefined;
    for (let at = offset + 2, k = 0; k < entries && at + 12 <= tiff.length; at += 12, k++) {
      const tag = view.getUint16(at, littleEndian);
      const type = view.getUint16(at + 2, littleEndian);
      const length = view.getUint32(at + 4, littleEndian) * (TYPE_BYTES[type] ?? 0);
      const value = length <= 4 ? at + 8 : view.getUint32(at + 8, littleEndian);
      if (tag === TAG.exifFolder) exifFolder = view.getUint32(at + 8, littleEndian);
      const name = TEXT_TAGS[tag];
      if (name === undefined || texts.has(name) || value + length > tiff.length) continue;
      const bytes = shortEnough(tiff.subarray(value, value + length), said`The EXIF ${name}`);
      const text =
        type === ASCII ? utf8(bytes) : tag === TAG.userComment ? commentText(bytes, littleEndian) : undefined;
      if (text) texts.set(name, text);
    }
    return exifFolder;
  };
  const exifFolder = tiff.length >= 8 ? folderAt(view.getUint32(4, littleEndian)) : undefined;
  if (exifFolder !== undefined) folderAt(exifFolder);
  return texts;
}

/**
 * How a picture is to be turned to be looked at, as EXIF numbers it: 1 as it is, 3 half a turn, 6 a quarter clockwise.
 * @param exif from the byte order mark on; an `Exif\0\0` before it is skipped.
 * @returns 1 where the block does not say, or not so
 */
export function exifOrientation(exif: Uint8Array): number {
  const tiff = startsWith(exif, 'Exif\0\0') ? exif.subarray(6) : exif;
  const littleEndian = startsWith(tiff, 'II*\0');
  if (tiff.length < 8 || (!littleEndian && !startsWith(tiff, 'MM\0*'))) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const folder = view.getUint32(4, littleEndian);
  const entries = folder + 2 <= tiff.length ? view.getUint16(folder, littleEndian) : 0;
  for (let at = folder + 2, k = 0; k < entries && at + 12 <= tiff.length; at += 12, k++) {
    if (view.getUint16(at, littleEndian) !== TAG.orientation) continue;
    const turn = view.getUint16(at + 8, littleEndian);
    return turn >= 1 && turn <= 8 ? turn : 1;
  }
  return 1;
}

/**
 * An EXIF block with a UserComment and nothing else, as A1111 writes it: big-endian, the text in UTF-16. The first
 * folder holds the way to the EXIF folder, and that the comment.
 * @returns from the byte order mark on, without `Exif\0\0`
 */
export function exifWithComment(text: string): Uint8Array<ArrayBuffer> {
  const [firstFolder, exifFolder, comment] = [8, 26, 44];
  const length = 8 + 2 * text.length;
  const view = new DataView(new ArrayBuffer(comment + length));
  const bytes = new Uint8Array(view.buffer);
  const writeText = (at: number, ascii: string) => bytes.set(new TextEncoder().encode(ascii), at);
  const writeFolder = (at: number, tag: number, type: number, count: number, value: number) => {
    view.setUint16(at, 1);
    view.setUint16(at + 2, tag);
    view.setUint16(at + 4, type);
    view.setUint32(at + 6, count);
    view.setUint32(at + 10, value);
  };
  writeText(0, 'MM\0*');
  view.setUint32(4, firstFolder);
  writeFolder(firstFolder, TAG.exifFolder, LONG, 1, exifFolder);
  writeFolder(exifFolder, TAG.userComment, UNDEFINED, length, comment);
  writeText(comment, 'UNICODE\0');
  for (let i = 0; i < text.length; i++) view.setUint16(comment + 8 + 2 * i, text.charCodeAt(i));
  return bytes;
}

/** A UserComment: eight bytes name its characters. */
function commentText(bytes: Uint8Array, littleEndian: boolean): string | undefined {
  const text = bytes.subarray(8);
  if (startsWith(bytes, 'UNICODE\0')) return utf16(text, littleEndian);
  if (startsWith(bytes, 'ASCII\0\0\0') || startsWith(bytes, '\0\0\0\0\0\0\0\0')) return utf8(text);
  return undefined; // JIS
}

/**
 * UTF-16 in whichever byte order it is: A1111 writes big-endian whatever the block's order is, others the block's own.
 * Most settings are of Latin letters, whose high byte is 0.
 */
function utf16(bytes: Uint8Array, littleEndian: boolean): string {
  let [even, odd] = [0, 0];
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    if (bytes[i] === 0) even++;
    if (bytes[i + 1] === 0) odd++;
  }
  const little = even === odd ? littleEndian : odd > even;
  return new TextDecoder(little ? 'utf-16le' : 'utf-16be').decode(bytes).replace(/\0+$/, '');
}

const utf8 = (bytes: Uint8Array) => new TextDecoder().decode(bytes).replace(/\0+$/, '');

/** Whether bytes begin with a text of Latin-1. */
export function startsWith(bytes: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false;
  return true;
}
