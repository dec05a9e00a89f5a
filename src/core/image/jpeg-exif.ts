import { EaselError, said } from '../errors';
import { startsWith } from './exif';
import { joinBytes } from './join-bytes';

const SOS = 0xda;
const APP1 = 0xe1;

/** Whether a file begins like a JPEG. */
export const isJpeg = (bytes: Uint8Array): boolean => startsWith(bytes, '\xff\xd8\xff');

/**
 * The EXIF block of a JPEG (ITU T.81, annex B: segments before the first scan); undefined where it has none, or breaks
 * off before it.
 */
export function jpegExif(bytes: Uint8Array): Uint8Array | undefined {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++; // fill bytes
      continue;
    }
    if (marker === SOS) return undefined;
    const end = at + 2 + ((bytes[at + 2] << 8) | bytes[at + 3]);
    const data = bytes.subarray(at + 4, end);
    if (marker === APP1 && end <= bytes.length && startsWith(data, 'Exif\0\0')) return data;
    at = Math.max(end, at + 4);
  }
  return undefined;
}

/** A segment says its length, itself included, in two bytes. */
const MAX_SEGMENT_BYTES = 0xffff;

/**
 * A copy of a JPEG with an EXIF block as its first segment.
 * @param exif from the byte order mark on
 * @throws EaselError `unsupported` where it does not fit a segment of a JPEG, and so no JPEG can hold it
 */
export function withJpegExif(jpeg: Uint8Array, exif: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode('Exif\0\0');
  const length = 2 + name.length + exif.length;
  if (length > MAX_SEGMENT_BYTES)
    throw new EaselError(
      'unsupported',
      said`The settings of this picture are too long for a JPEG. Save it as PNG or WebP instead.`,
    );
  const head = Uint8Array.of(0xff, APP1, length >> 8, length & 255);
  return joinBytes([jpeg.subarray(0, 2), head, name, exif, jpeg.subarray(2)]);
}
