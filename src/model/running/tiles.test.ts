import { describe, expect, it } from 'vitest';
import { EaselError, said } from '../../core/errors';
import { parseAutoencoderConfig } from '../graph/autoencoder-config';
import type { ChosenDevice } from '../runtime/device';
import { decodeTiled, inTilesThatFit, largestTile } from './tiles';

const SCALE = 2;

/** Each cell as 2 x 2 pixels of its first channel, in three planes; `tint` is what a tile adds to all its pixels. */
function enlarge(tint: (call: number) => number = () => 0) {
  const calls: [height: number, width: number][] = [];
  const decode = async (latent: Float32Array, height: number, width: number) => {
    calls.push([height, width]);
    const pixel = (y: number, x: number) => latent[(y >> 1) * width + (x >> 1)] + tint(calls.length);
    const plane = Array.from({ length: height * width * SCALE ** 2 }, (_, i) =>
      pixel(Math.floor(i / (width * SCALE)), i % (width * SCALE)),
    );
    return Float32Array.from([...plane, ...plane, ...plane]);
  };
  return { decode, calls };
}
const wave = (height: number, width: number) =>
  Float32Array.from({ length: 4 * height * width }, (_, i) => Math.sin(i));

describe('decoding in tiles', () => {
  it.each([
    [40, 90, 30],
    [33, 33, 32],
    [70, 20, 24],
  ])(
    '%d x %d cells with tiles of %d at most: what looks at a cell alone comes out as if it were whole',
    async (height, width, side) => {
      const latent = wave(height, width);
      const { decode, calls } = enlarge();
      const tiled = await decodeTiled(decode, latent, { height, width, side });
      expect(calls.length).toBeGreaterThan(1);
      for (const [rows, columns] of calls) expect(Math.max(rows, columns)).toBeLessThanOrEqual(side);
      const whole = await decode(latent, height, width);
      expect(tiled).toHaveLength(whole.length);
      expect(Math.max(...tiled.map((value, i) => Math.abs(value - whole[i])))).toBeLessThan(1e-6);
    },
  );

  it('leaves alone what fits, also where it is long', async () => {
    const { decode, calls } = enlarge();
    await decodeTiled(decode, wave(8, 100), { height: 8, width: 100, side: 32 });
    expect(calls).toEqual([[8, 100]]);
  });

  it('goes over from tile to tile without a step', async () => {
    // Tiles that differ by 1, as group normalisation makes them differ a little.
    const { decode } = enlarge((call) => call);
    const [height, width] = [32, 48];
    const out = await decodeTiled(decode, new Float32Array(4 * height * width), { height, width, side: 32 });
    const line = Array.from(out.subarray(0, width * SCALE));
    expect([line[0], line[line.length - 1]]).toEqual([1, 2]);
    const steps = line.slice(1).map((value, i) => value - line[i]);
    // 16 shared cells are 32 pixels.
    for (const step of steps) expect(step).toBeLessThanOrEqual(1 / 32 + 1e-6);
    for (const step of steps) expect(step).toBeGreaterThanOrEqual(-1e-6);
  });
});

describe('tiles for which memory is short', () => {
  const shortAbove = (most: number) => async (side: number) => {
    if (side > most) throw new EaselError('out-of-memory', said`There is no room for ${side}.`);
    return side;
  };

  it('become smaller, which is said; other faults do not make them smaller', async () => {
    const told: [number, number][] = [];
    const onShort = async (...sides: [number, number]) => void told.push(sides);
    expect(await inTilesThatFit([256, 128, 64], shortAbove(100), onShort)).toBe(64);
    expect(told).toEqual([[256, 128], [128, 64]]); // biome-ignore format: pairs
    await expect(inTilesThatFit([256, 128], shortAbove(100), onShort)).rejects.toThrow('no room for 128');
    const broken = () => Promise.reject(new EaselError('corrupt', said`Broken.`));
    await expect(inTilesThatFit([256, 128], broken, onShort)).rejects.toThrow('Broken.');
    expect(told).toHaveLength(3);
  });
});

describe('the largest tile of SD’s autoencoder', () => {
  const sd = parseAutoencoderConfig({
    block_out_channels: [128, 256, 512, 512],
    down_block_types: new Array(4).fill('DownEncoderBlock2D'),
    up_block_types: new Array(4).fill('UpDecoderBlock2D'),
    layers_per_block: 2,
  });
  const report = { provider: 'webgpu', precision: 'float16', name: 'card', threads: 1, reason: said`` } as const;
  const card = (bytes: number): ChosenDevice => ({
    report,
    limits: { maxBufferSize: bytes, maxStorageBufferBindingSize: bytes },
  });

  it.each([
    // 256 channels of float32 in a buffer: 1,024 bytes a pixel.
    ['a card that binds 2 GiB: 1,448 pixels', card(2 ** 31), 181],
    ['one that binds 128 MiB, the least of all: 362 pixels', card(2 ** 27), 45],
    // 2 GiB at 4 (128 + 256) 2 bytes a pixel.
    ['the CPU: 836 pixels', { report } as ChosenDevice, 104],
  ])('%s', (_, device, cells) => {
    expect(largestTile(sd, device)).toBe(cells);
  });
});
