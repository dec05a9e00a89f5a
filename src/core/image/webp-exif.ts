import { EaselError, said } from '../errors';
import { startsWith } from './exif';
import { joinBytes } from './join-bytes';
import type { Size } from './picture';

/** Whether a file begins like a WebP: a RIFF container of that kind. */
export const isWebp = (bytes: Uint8Array): boolean =>
  startsWith(bytes, 'RIFF') && startsWith(bytes.subarray(8), 'WEBP');

interface Chunk {
  name: string;
  /** Cut short where the file breaks off within it. */
  data: Uint8Array;
  isWhole: boolean;
}

/** The chunks of a WebP (RFC 9649): each a name, a length, and data filled up to an even one. */
function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    const data = bytes.subarray(at + 8, at + 8 + length);
    yield { name: String.fromCharCode(...bytes.subarray(at, at + 4)), data, isWhole: data.length === length };
    at += 8 + length + (length % 2);
  }
}

/** The EXIF chunk of a WebP; undefined where it has none, or breaks off before its end. */
export function webpExif(bytes: Uint8Array): Uint8Array | undefined {
  for (const { name, data, isWhole } of chunksOf(bytes)) if (name === 'EXIF') return isWhole ? data : undefined;
  return undefined;
}

/** Flags in the head of an extended WebP. */
const FLAG = { exif: 0x08, alpha: 0x10 } as const;

/**
 * A copy of a still WebP with an EXIF chunk behind its pixels. One of the simple form gets the head that other chunks
 * need (RFC 9649, section 2.7).
 * @param exif from the byte order mark on
 * @param size of the picture
 * @throws EaselError `corrupt` where the bytes hold no pixels
 */
export function withWebpExif(webp: Uint8Array, exif: Uint8Array, size: Size): Uint8Array<ArrayBuffer> {
  const chunks = [...chunksOf(webp)].filter(({ name }) => name !== 'EXIF');
  const [first] = chunks;
  if (!isWebp(webp) || !first) throw new EaselError('corrupt', said`The WebP file has no pixels.`);
  const isExtended = first.name === 'VP8X';
  const head = isExtended ? first.data.slice() : extendedHead(first, size);
  head[0] |= FLAG.exif;
  const kept = (isExtended ? chunks.slice(1) : chunks).map(({ name, data }) => chunk(name, data));
  const body = joinBytes([ascii('WEBP'), chunk('VP8X', head), ...kept, chunk('EXIF', exif)]);
  return chunk('RIFF', body);
}

/** Of a picture whose only chunk is its pixels: whether they are transparent anywhere, a lossless one says itself. */
function extendedHead({ name, data }: Chunk, { width, height }: Size): Uint8Array {
  const head = new Uint8Array(10);
  const view = new DataView(head.buffer);
  // After a signature byte and twice 14 bits of size.
  if (name === 'VP8L' && data[4] & 0x10) head[0] = FLAG.alpha;
  // Two numbers of three bytes each, the second over the fourth byte of the first.
  view.setUint32(4, width - 1, true);
  view.setUint16(7, (height - 1) & 0xffff, true);
  head[9] = (height - 1) >> 16;
  return head;
}

const ascii = (text: string) => new TextEncoder().encode(text);

function chunk(name: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, data.length, true);
  return joinBytes([ascii(name), length, data, new Uint8Array(data.length % 2)]);
}
