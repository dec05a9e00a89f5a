import { EaselError, type Said, said } from '../errors';
import { joinBytes } from './join-bytes';
import type { Size } from './picture';
import { shortEnough } from './text-limit';

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
  if (SIGNATURE.some((byte, i) => png[i] !== byte)) throw new EaselError('corrupt', said`This is not a PNG file.`);
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= png.length; ) {
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > png.length) throw new EaselError('corrupt', said`The PNG file is cut short.`);
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    chunks.push({ type, start: at, end, data: png.subarray(at + 8, end - 4) });
    at = end;
    if (type === 'IEND') break; // what stands behind it is no chunk
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

function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return false;
  return true;
}

function fromLatin1(bytes: Uint8Array): string {
  const atOnce = 8192; // arguments of one call
  let text = '';
  for (let at = 0; at < bytes.length; at += atOnce) text += String.fromCharCode(...bytes.subarray(at, at + atOnce));
  return text;
}

/**
 * A copy of a PNG with a text entry before its pixels: tEXt where Latin-1 can say it, else iTXt in UTF-8, as Pillow
 * writes it.
 * @throws EaselError `corrupt` when the bytes are no PNG.
 */
export function withText(png: Uint8Array, keyword: string, text: string): Uint8Array<ArrayBuffer> {
  return withRaw(png, textChunk(keyword, text));
}

/** A copy of a PNG with a chunk before its pixels. @throws EaselError `corrupt` when the bytes are no PNG. */
export function withChunk(png: Uint8Array, type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  return withRaw(png, chunk(type, data));
}

function withRaw(png: Uint8Array, whole: Uint8Array): Uint8Array<ArrayBuffer> {
  const at = chunksOf(png).find((known) => known.type === 'IDAT')?.start;
  if (at === undefined) throw new EaselError('corrupt', said`The PNG file has no pixels.`);
  return joinBytes([png.subarray(0, at), whole, png.subarray(at)]);
}

function textChunk(keyword: string, text: string): Uint8Array {
  return isLatin1(text)
    ? chunk('tEXt', latin1(`${keyword}\0${text}`))
    : chunk('iTXt', joinBytes([latin1(`${keyword}\0\0\0\0\0`), new TextEncoder().encode(text)]));
}

/** PNG's colour types by the channels of a pixel: RGB, and RGB with alpha. */
const COLOUR_TYPES = { 3: 2, 4: 6 } as const;

/**
 * A PNG of 8 bits a channel.
 * @param pixels its rows, each behind the number of its filter, as zlib data
 * @param texts by their keywords
 */
export function pngFile(
  { width, height }: Size,
  channels: 3 | 4,
  pixels: Uint8Array,
  texts: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, COLOUR_TYPES[channels]], 8);
  const entries = Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text));
  return joinBytes([
    Uint8Array.from(SIGNATURE),
    chunk('IHDR', header),
    ...entries,
    chunk('IDAT', pixels),
    chunk('IEND', new Uint8Array()),
  ]);
}

/** Packed bytes can grow a thousandfold: what they may become, text or other. */
const MAX_INFLATED_BYTES = 16 * 2 ** 20;
/** Colour profiles of pictures have a few hundred kB at most. */
const MAX_PROFILE_BYTES = 4 * 2 ** 20;

/**
 * Unpacks zlib data; a parameter, since what does it differs between browser and Node.
 * @returns undefined where there is more than `atMost` bytes in it: then no more than about that has been unpacked
 */
export type Inflate = (bytes: Uint8Array, atMost: number) => Promise<Uint8Array | undefined>;

/** The text of a PNG under one keyword. @throws as `readTexts` */
export async function readText(png: Uint8Array, keyword: string, inflate: Inflate): Promise<string | undefined> {
  return (await readTexts(png, [keyword], inflate)).get(keyword);
}

/**
 * The texts that stand under some keywords in a PNG, of each the last where there are several: tEXt, zTXt or iTXt,
 * compressed or not. No other text is unpacked.
 * @throws EaselError `corrupt` when the bytes are no PNG, are cut short, or hold a text that cannot be unpacked;
 * `unsupported` for a text over 1 MB or one that unpacks to over 16 MB.
 */
export async function readTexts(
  png: Uint8Array,
  keywords: readonly string[],
  inflate: Inflate,
): Promise<Map<string, string>> {
  const entries = chunksOf(png).filter(({ type }) => /^(tEXt|zTXt|iTXt)$/.test(type));
  const texts = new Map<string, string>();
  for (const keyword of keywords) {
    const named = latin1(`${keyword}\0`);
    const entry = entries.findLast(({ data }) => named.every((byte, i) => data[i] === byte));
    if (entry) texts.set(keyword, await textOf(entry.type, entry.data.subarray(named.length), keyword, inflate));
  }
  return texts;
}

async function textOf(type: string, rest: Uint8Array, keyword: string, inflate: Inflate): Promise<string> {
  const what = said`The text "${keyword}" in the PNG file`;
  if (type === 'tEXt') return latin1OrUtf8(shortEnough(rest, what));
  if (type === 'zTXt') return latin1OrUtf8(shortEnough(await unpacked(rest.subarray(1), what, inflate), what));
  // After an iTXt keyword: compression flag and method, language tag, translated keyword, text.
  const language = rest.indexOf(0, 2);
  const text = rest.subarray(rest.indexOf(0, language + 1) + 1);
  return new TextDecoder().decode(shortEnough(rest[0] === 1 ? await unpacked(text, what, inflate) : text, what));
}

/** What is to be Latin-1 but is right as UTF-8 was written by a program that did not care: no text reads as both. */
function latin1OrUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fromLatin1(bytes);
  }
}

/** The EXIF block of a PNG (third edition, 11.3.4.5), undefined where it has none. @throws EaselError as `readTexts` */
export function pngExif(png: Uint8Array): Uint8Array | undefined {
  return chunksOf(png).find(({ type }) => type === 'eXIf')?.data;
}

async function unpacked(
  bytes: Uint8Array,
  what: Said,
  inflate: Inflate,
  atMost = MAX_INFLATED_BYTES,
): Promise<Uint8Array> {
  let text: Uint8Array | undefined;
  try {
    text = await inflate(bytes, atMost);
  } catch (cause) {
    throw new EaselError('corrupt', said`${what} cannot be unpacked.`, { cause });
  }
  if (text) return text;
  throw new EaselError(
    'unsupported',
    said`${what} unpacks to more than ${atMost / 2 ** 20} MB. Save the picture again without it, in a painting program.`,
  );
}

/** The sides that a PNG's header names. @throws EaselError `corrupt` for what is no PNG or has no header. */
export function pngSize(png: Uint8Array): Size {
  const header = chunksOf(png).find(({ type, data }) => type === 'IHDR' && data.length === 13)?.data;
  if (!header) throw new EaselError('corrupt', said`The PNG file has no header.`);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  return { width: view.getUint32(0), height: view.getUint32(4) };
}

/**
 * Refuses a PNG whose colour profile unpacks to more than any profile has.
 * @throws EaselError `unsupported` for more than 4 MB, `corrupt` for what is no PNG or cannot be unpacked.
 */
export async function checkProfile(png: Uint8Array, name: string, inflate: Inflate): Promise<void> {
  const profile = chunksOf(png).find(({ type }) => type === 'iCCP')?.data;
  // A name, its end, and the compression's number stand before it.
  if (profile)
    await unpacked(
      profile.subarray(profile.indexOf(0) + 2),
      said`The colour profile of ${name}`,
      inflate,
      MAX_PROFILE_BYTES,
    );
}

/** Chunks that say how a PNG's pixels are meant: their colour space, and which way up they are. */
const MEANING = ['cICP', 'iCCP', 'gAMA', 'cHRM', 'eXIf'];

/** Whether a PNG is shown otherwise than by its pixels as they are. @throws EaselError `corrupt` for what is no PNG. */
export const isConverted = (png: Uint8Array): boolean => chunksOf(png).some(({ type }) => MEANING.includes(type));

/** A copy of a PNG whose pixels are meant as those of another. @throws EaselError `corrupt` for what is no PNG. */
export function withMeaningOf(png: Uint8Array, other: Uint8Array): Uint8Array {
  const meaning = chunksOf(other).filter(({ type }) => MEANING.includes(type));
  return meaning.reduce((written, { type, data }) => withChunk(written, type, data), png);
}

/**
 * A PNG of 8-bit RGBA reduced to header and pixels, for a decoder that would unpack whatever else it finds; undefined
 * for other kinds of pixels, and where there are more than its sides tell.
 * @throws EaselError `corrupt` for what is no PNG.
 */
export async function onlyPixels(png: Uint8Array, inflate: Inflate): Promise<Uint8Array | undefined> {
  const chunks = chunksOf(png);
  const header = chunks.find(({ type }) => type === 'IHDR')?.data;
  const [depth, colour] = header?.subarray(8) ?? [];
  if (!header || depth !== 8 || colour !== 6) return undefined;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const pixels = joinBytes(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data));
  // A byte a row names its filter; interlaced, there are up to twice as many rows, and a few more.
  const atMost = 4 * view.getUint32(0) * view.getUint32(4) + 2 * view.getUint32(4) + 16;
  if ((await inflate(pixels, atMost)) === undefined) return undefined;
  return joinBytes([
    Uint8Array.from(SIGNATURE),
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', new Uint8Array()),
  ]);
}
