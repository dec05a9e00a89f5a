import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { readTexts } from '../core/image/png-chunks';
import { seededNormal } from '../core/random';
import { packPng } from './pack-png';

const TEXTS = { parameters: 'a fox\nSteps: 5', postprocessing: 'by: 2, with: ☃' };

// The last is more than one band of rows.
it.each([
  [1, 1, 3],
  [7, 5, 4],
  [64, 9, 3],
  [1024, 700, 3],
] as const)(
  '%d x %d pixels of %d channels are read by another reader, with their texts',
  async (width, height, channels) => {
    // biome-ignore format: one line
    const data = Uint8Array.from(seededNormal(3)(width * height * channels), (value, i) => 128 + 40 * value + i / 999);
    const png = await packPng({ width, height, data, channels }, TEXTS);
    const read = decode(png);
    expect([read.width, read.height, read.channels, read.depth]).toEqual([width, height, channels, 8]);
    expect(Buffer.compare(Buffer.from(read.data.buffer, read.data.byteOffset, data.length), data)).toBe(0);
    expect(Object.fromEntries(await readTexts(png, Object.keys(TEXTS), async () => undefined))).toEqual(TEXTS);
  },
);
