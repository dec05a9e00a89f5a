import { startsWith } from './exif';

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
