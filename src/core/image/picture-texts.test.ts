import { describe, expect, it } from 'vitest';
import { exifOrientation, exifWithComment } from './exif';
import { exifBlock, jpegWith, PIXEL_PNG, webpWith } from './fixtures/exif';
import { jpegExif, withJpegExif } from './jpeg-exif';
import { pictureTexts } from './picture-texts';
import { withChunk } from './png-chunks';
import { withWebpExif } from './webp-exif';

const TEXT = 'a fox 🦊\nSteps: 20, Sampler: Euler, Seed: 5';
const never = () => Promise.reject(new Error('unpacked'));
const read = (bytes: Uint8Array) => pictureTexts(bytes, ['parameters'], never);

describe('the UserComment of EXIF', () => {
  // A1111 (piexif) writes UTF-16 in big-endian order whatever the block's own is, others in the block's.
  it.each([
    ['big-endian', 'utf-16be', false],
    ['little-endian block, big-endian text', 'utf-16be', true],
    ['little-endian', 'utf-16le', true],
    ['UTF-8 under no name', 'utf-8', true],
  ] as const)('%s', async (_, encoding, littleEndian) => {
    const block = exifBlock(TEXT, encoding, littleEndian);
    for (const bytes of [jpegWith(block), webpWith(block), withChunk(PIXEL_PNG, 'eXIf', block.subarray(6))])
      expect((await read(bytes)).get('UserComment')).toBe(TEXT);
  });

  it('is none where the file breaks off before its end, or holds something else', async () => {
    const whole = jpegWith(exifBlock(TEXT, 'utf-16be', false));
    for (let length = 0; length < whole.length; length++)
      expect((await read(whole.subarray(0, length))).get('UserComment') ?? TEXT).toBe(TEXT);
    expect(await read(whole.subarray(0, 40))).toEqual(new Map());
    expect(await read(new TextEncoder().encode('GIF89a'))).toEqual(new Map());
    expect(await read(jpegWith(new Uint8Array(6)))).toEqual(new Map());
  });

  it('is refused by its size over 1 MB', async () => {
    const block = exifBlock('x'.repeat(600_000), 'utf-16be', false);
    await expect(read(webpWith(block))).rejects.toThrow('The EXIF UserComment has 1.2 MB');
  });
});

it('an orientation is read in either byte order, and none where it is not said so', () => {
  const block = (order: readonly number[], ...entry: readonly number[]) => Uint8Array.from([...order, ...entry]);
  const big = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1];
  const little = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0];
  expect(exifOrientation(block(big, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0))).toBe(6);
  expect(exifOrientation(block(little, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 8, 0, 0, 0))).toBe(8);
  expect(exifOrientation(block(big, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 9, 0, 0))).toBe(1);
  expect(exifOrientation(block(big, 0x01, 0x12, 0, 3))).toBe(1);
  expect(exifOrientation(exifWithComment('x'))).toBe(1);
  expect(exifOrientation(new Uint8Array(3))).toBe(1);
});

it('a folder of EXIF that points at itself is read once', async () => {
  const block = exifBlock(TEXT, 'utf-16be', false);
  new DataView(block.buffer).setUint32(6 + 18, 8);
  expect(await read(webpWith(block))).toEqual(new Map());
});

describe('a UserComment that Easel writes', () => {
  const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xda, 9, 9);
  const riff = (...chunks: readonly number[][]) =>
    Uint8Array.from([...'RIFF\0\0\0\0WEBP'].map((letter) => letter.charCodeAt(0)).concat(...chunks));
  const chunk = (name: string, ...data: readonly number[]) => [
    ...[...name].map((letter) => letter.charCodeAt(0)),
    ...[data.length, 0, 0, 0],
    ...data,
    ...(data.length % 2 ? [0] : []),
  ];
  const size = { width: 640, height: 70_000 };

  it('is the block that piexif, with which A1111 writes, would write', () => {
    // 'MM', 42, first folder at 8; ExifIFD (0x8769, LONG) at 26; UserComment (0x9286, UNDEFINED) of 10 bytes at 44.
    const folder = (...numbers: readonly number[]) => [0, 1, ...numbers, 0, 0, 0, 0];
    expect([...exifWithComment('é')]).toEqual([
      ...[0x4d, 0x4d, 0, 42, 0, 0, 0, 8],
      ...folder(0x87, 0x69, 0, 4, 0, 0, 0, 1, 0, 0, 0, 26),
      ...folder(0x92, 0x86, 0, 7, 0, 0, 0, 10, 0, 0, 0, 44),
      ...[0x55, 0x4e, 0x49, 0x43, 0x4f, 0x44, 0x45, 0, 0, 0xe9],
    ]);
  });

  it('is read back from a JPEG and from a WebP of each form, whose pixels stay', async () => {
    const exif = exifWithComment(TEXT);
    const inJpeg = withJpegExif(jpeg, exif);
    expect((await read(inJpeg)).get('UserComment')).toBe(TEXT);
    expect(inJpeg.subarray(-10)).toEqual(jpeg.subarray(2));
    const extended = [0x10, 0, 0, 0, 127, 2, 0, 111, 17, 1];
    for (const webp of [
      riff(chunk('VP8 ', 1, 2, 3)),
      riff(chunk('VP8L', 0x2f, 0, 0, 0, 0x10)),
      riff(chunk('VP8X', ...extended), chunk('ALPH', 7), chunk('VP8 ', 1)),
    ]) {
      const written = withWebpExif(webp, exif, size);
      expect((await read(written)).get('UserComment')).toBe(TEXT);
      expect(new DataView(written.buffer).getUint32(4, true)).toBe(written.length - 8);
      // Again: one block, not two.
      expect(withWebpExif(written, exif, size)).toEqual(written);
    }
  });

  it('comes with the head of an extended WebP: its flags, and the size less one in three bytes each', () => {
    const headOf = (webp: Uint8Array) => [...withWebpExif(webp, exifWithComment('x'), size).subarray(12, 30)];
    const head = (flags: number) => chunk('VP8X', flags, 0, 0, 0, 0x7f, 0x02, 0, 0x6f, 0x11, 0x01);
    expect(headOf(riff(chunk('VP8 ', 1, 2)))).toEqual(head(0x08));
    expect(headOf(riff(chunk('VP8L', 0x2f, 0, 0, 0, 0x10)))).toEqual(head(0x18));
    expect(headOf(riff(chunk('VP8X', 0x20, 0, 0, 0, 9, 0, 0, 9, 0, 0), chunk('VP8 ', 1)))[8]).toBe(0x28);
  });

  it('of more than a segment of a JPEG is refused with a way out; a file without pixels, too', () => {
    const most = (0xffff - 2 - 6 - 44 - 8) / 2;
    const whole = withJpegExif(jpeg, exifWithComment('x'.repeat(Math.floor(most))));
    expect(jpegExif(whole)).toBeDefined();
    expect(() => withJpegExif(jpeg, exifWithComment('x'.repeat(40_000)))).toThrow('Save it as PNG or WebP instead.');
    expect(() => withWebpExif(riff(), exifWithComment('x'), size)).toThrow('no pixels');
  });
});
