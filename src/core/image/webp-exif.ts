import { startsWith } from './exif';

/** Whether a file begins like a WebP: a RIFF container of that kind. */
export const isWebp = (bytes: Uint8Array): boolean =>
  startsWith(bytes, 'RIFF') && startsWith(bytes.subarray(8), 'WEBP');

/**
 * The EXIF chunk of a WebP (RFC 9649: chunks of a name, a length, and data filled up to an even one); undefined where
 * it has none, or breaks off before its end.
 */
export function webpExif(bytes: Uint8Array): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (startsWith(bytes.subarray(at), 'EXIF')) return data.length === length ? data : undefined;
    at += 8 + length + (length % 2);
  }
  return undefined;
}
