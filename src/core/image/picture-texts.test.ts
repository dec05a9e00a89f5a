import { describe, expect, it } from 'vitest';
import { exifBlock, jpegWith, PIXEL_PNG, webpWith } from './fixtures/exif';
import { pictureTexts } from './picture-texts';
import { withChunk } from './png-chunks';

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

it('a folder of EXIF that points at itself is read once', async () => {
  const block = exifBlock(TEXT, 'utf-16be', false);
  new DataView(block.buffer).setUint32(6 + 18, 8);
  expect(await read(webpWith(block))).toEqual(new Map());
});
