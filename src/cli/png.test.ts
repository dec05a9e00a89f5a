import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DecodedPng, decode, encode, type ImageData } from 'fast-png';
import { expect, it } from 'vitest';
import { pictureOf, readMask, readPicture } from './png';

const kept = (image: ImageData) => [...pictureOf(decode(encode(image))).data];
const packed = (fields: Partial<DecodedPng>) => [...pictureOf({ width: 3, height: 2, channels: 1, text: {}, ...fields } as DecodedPng).data]; // biome-ignore format: one line

it('reads every kind of pixel as RGBA', () => {
  const size = { width: 2, height: 1 };
  expect(kept({ ...size, channels: 4, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) })).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(kept({ ...size, channels: 3, data: Uint8Array.of(1, 2, 3, 5, 6, 7) })).toEqual([1, 2, 3, 255, 5, 6, 7, 255]);
  expect(kept({ ...size, channels: 1, data: Uint8Array.of(9, 200) })).toEqual([9, 9, 9, 255, 200, 200, 200, 255]);
  expect(kept({ ...size, channels: 2, data: Uint8Array.of(9, 10, 200, 0) })).toEqual([9, 9, 9, 10, 200, 200, 200, 0]);
  expect(kept({ ...size, channels: 1, depth: 16, data: Uint16Array.of(0, 65535) })).toEqual([0, 0, 0, 255, 255, 255, 255, 255]); // biome-ignore format: one line
});

it('unpacks bits and palettes, row by row', () => {
  // 101 / 010, each row in a byte of its own.
  const bits = { depth: 1 as const, data: Uint8Array.of(0b10100000, 0b01000000) };
  expect(packed(bits).filter((_, i) => i % 4 === 0)).toEqual([255, 0, 255, 0, 255, 0]);
  const coloured = packed({ ...bits, palette: [[1, 2, 3], [4, 5, 6, 7]] }); // biome-ignore format: one line
  expect(coloured.slice(0, 8)).toEqual([4, 5, 6, 7, 1, 2, 3, 255]);
  expect(packed({ ...bits, transparency: Uint16Array.of(1) }).filter((_, i) => i % 4 === 3)).toEqual([0, 255, 0, 255, 0, 255]); // biome-ignore format: one line
});

it('takes a mask from how bright a picture is, and names a file that is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'easel-'));
  const path = join(folder, 'mask.png');
  await writeFile(path, encode({ width: 3, height: 1, channels: 4, data: Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 255, 255, 255, 255, 0) })); // biome-ignore format: one line
  expect([...(await readMask(path)).data]).toEqual([255, 0, 0]);
  await writeFile(path, 'no picture');
  await expect(readPicture(path)).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining(path) });
});
