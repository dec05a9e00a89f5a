import { EaselError } from '../errors';

/** PNG (RFC 2083 and W3C PNG, third edition): an 8-byte signature, then chunks of length, type, data and CRC. */
const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

interface Chunk {
  type: string;
  /** Of the whole chunk in the file. */
  start: number;
  end: number;
  data: Uint8Array;
}

function chunksOf(png: Uint8Array): Chunk[] {
  if (SIGNATURE.some((byte, i) => png[i] !== byte)) throw new EaselError('corrupt', 'This is not a PNG file.');
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= png.length; ) {
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > png.length) throw new EaselError('corrupt', 'The PNG file is cut short.');
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    chunks.push({ type, start: at, end, data: png.subarray(at + 8, end - 4) });
    at = end;
  }
  return chunks;
}

let crcTable: Uint32Array | undefined;

/** CRC-32 as PNG appends it to each chunk (annex D). */
export function crc32(bytes: Uint8Array): number {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
  });
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  out.set(latin1(type), 4);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc32(out.subarray(4, 8 + data.length)));
  return out;
}

const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const fromLatin1 = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

/**
 * A copy of a PNG with a text entry before its pixels: tEXt where Latin-1 can say it, else iTXt in UTF-8, as Pillow writes it.
 * @throws EaselError `corrupt` when the bytes are no PNG.
 */
export function withText(png: Uint8Array, keyword: string, text: string): Uint8Array<ArrayBuffer> {
  const at = chunksOf(png).find(({ type }) => type === 'IDAT')?.start;
  if (at === undefined) throw new EaselError('corrupt', 'The PNG file has no pixels.');
  const isLatin1 = Array.from(text).every((c) => c.charCodeAt(0) < 256 && c.length === 1);
  const entry = isLatin1
    ? chunk('tEXt', latin1(`${keyword}\0${text}`))
    : chunk('iTXt', joinBytes(latin1(`${keyword}\0\0\0\0\0`), new TextEncoder().encode(text)));
  return joinBytes(png.subarray(0, at), entry, png.subarray(at));
}

function joinBytes(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Unpacks zlib data; a parameter, since what does it differs between browser and Node. */
export type Inflate = (bytes: Uint8Array) => Promise<Uint8Array>;

/**
 * The text entries of a PNG by keyword: tEXt, zTXt and iTXt, compressed or not.
 * @throws EaselError `corrupt` when the bytes are no PNG, are cut short, or hold a text that cannot be unpacked.
 */
export async function readText(png: Uint8Array, inflate: Inflate): Promise<Record<string, string>> {
  const entries: Record<string, string> = {};
  const unpack: Inflate = async (bytes) => {
    try {
      return await inflate(bytes);
    } catch (cause) {
      throw new EaselError('corrupt', 'A text in the PNG file cannot be unpacked.', { cause });
    }
  };
  for (const { type, data } of chunksOf(png)) {
    if (type !== 'tEXt' && type !== 'zTXt' && type !== 'iTXt') continue;
    const zero = data.indexOf(0);
    if (zero < 1) continue;
    const keyword = fromLatin1(data.subarray(0, zero));
    const rest = data.subarray(zero + 1);
    if (type === 'tEXt') entries[keyword] = fromLatin1(rest);
    else if (type === 'zTXt') entries[keyword] = fromLatin1(await unpack(rest.subarray(1)));
    else entries[keyword] = await internationalText(rest, unpack);
  }
  return entries;
}

/** After an iTXt keyword: compression flag and method, language tag, translated keyword, text. */
async function internationalText(bytes: Uint8Array, inflate: Inflate): Promise<string> {
  const language = bytes.indexOf(0, 2);
  const translated = bytes.indexOf(0, language + 1);
  const text = bytes.subarray(translated + 1);
  return new TextDecoder().decode(bytes[0] === 1 ? await inflate(text) : text);
}
