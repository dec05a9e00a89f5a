import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDirectory } from '../cli/directory';
import type { Picture } from '../core/image/picture';
import { failure } from '../model/fixtures/failure';
import { buildUpscaler } from '../model/graph/upscaler';
import { readUpscaler } from '../model/layouts/upscaler-file';
import { openUpscaler } from '../model/running/running-upscaler';
import { type ChosenDevice, chooseDevice } from '../model/runtime/device';
import { createSession } from '../model/runtime/session';
import { upscaleWith } from '../model/runtime/upscaler';
import { bindWeights } from '../model/weights/bind';
import { memoryFiles } from '../model/weights/memory-files';
import type { ModelFiles } from '../model/weights/model-files';
import { openFile } from '../model/weights/state-dict';
import { upscalePicture } from './upscale-picture';

// Tiny random upscalers (../shared/fixtures/upscalers).
let files: ModelFiles;
let device: ChosenDevice;

beforeAll(async () => {
  files = await openDirectory(join(import.meta.dirname, '../model/fixtures/upscalers'));
  device = await chooseDevice('wasm', 2);
});

/** Smooth colours with an edge across, so that a seam would be seen. */
function drawn(width: number, height: number, alphaAt: (x: number) => number = () => 255): Picture {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const edge = x + y > (width + height) / 2 ? 60 : 0;
      const colours = [Math.sin(x / 9), Math.cos(y / 7), Math.sin((x + y) / 15)].map((wave) => 90 + 80 * wave + edge);
      data.set([...colours, alphaAt(x)], 4 * (y * width + x));
    }
  return { width, height, data };
}

/** What the network makes of a picture as a whole, as bytes. */
async function whole(path: string, { width, height, data }: Picture): Promise<Uint8ClampedArray> {
  const { config, weights } = readUpscaler(await openFile(files, path));
  const graph = buildUpscaler(config, { operators: 'plain', precision: 'float32' });
  const session = await createSession(graph, bindWeights([graph], weights, path), device);
  const pixels = width * height;
  const planes = Float32Array.from(
    { length: 3 * pixels },
    (_, i) => data[4 * (i % pixels) + Math.floor(i / pixels)] / 255,
  );
  const out = await upscaleWith(session)(planes, height, width);
  await session.release();
  const large = out.length / 3;
  return Uint8ClampedArray.from({ length: 3 * large }, (_, i) => out[(i % 3) * large + Math.floor(i / 3)] * 255);
}

/** Mean step from each of these columns to the next. */
function meanStep({ width, height, data }: Picture, columns: readonly number[]): number {
  let sum = 0;
  for (const x of columns)
    for (let y = 0; y < height; y++)
      for (let c = 0; c < 3; c++) sum += Math.abs(data[4 * (y * width + x + 1) + c] - data[4 * (y * width + x) + c]);
  return sum / columns.length / height / 3;
}

/** An upscaler from the fixtures, twice the size if nothing else is asked. */
async function upscaled(path: string, picture: Picture, factor = 2, onTile?: (done: number, of: number) => void) {
  const network = await openUpscaler(files, path, device);
  const to = { width: picture.width * factor, height: picture.height * factor };
  try {
    return await upscalePicture(picture, to, { kind: 'network', network }, { onTile });
  } finally {
    await network.release();
  }
}

describe('an upscaler', () => {
  it('makes of a large picture in tiles what it makes of it as a whole, without a seam', async () => {
    const picture = drawn(300, 32);
    const heard: [number, number][] = [];
    const tiled = await upscaled('rrdb_x2.safetensors', picture, 2, (...tiles) => heard.push(tiles));
    expect(tiled).toMatchObject({ width: 600, height: 64 });
    expect(heard).toEqual([[1, 2], [2, 2]]); // biome-ignore format: pairs
    const wanted = await whole('rrdb_x2.safetensors', picture);
    const colours = tiled.data.filter((_, i) => i % 4 < 3);
    const difference = colours.reduce((sum, byte, i) => sum + Math.abs(byte - wanted[i]), 0) / colours.length;
    expect(difference).toBeLessThanOrEqual(1);
    // Two tiles of 166 columns share 32, from 134 on, of which the middle half counts; all of it twice as large.
    const near = Array.from({ length: 32 }, (_, i) => 284 + i);
    const inside = Array.from({ length: 200 }, (_, i) => 50 + i);
    const asWhole: Picture = { ...tiled, data: new Uint8ClampedArray(tiled.data) };
    for (let i = 0; i < wanted.length; i++) asWhole.data[4 * Math.floor(i / 3) + (i % 3)] = wanted[i];
    const rise = (columns: readonly number[]) => meanStep(tiled, columns) / meanStep(asWhole, columns);
    expect(rise(near)).toBeLessThanOrEqual(1.2 * rise(inside));
  });

  it('takes odd sides, and keeps what is transparent', async () => {
    const large = await upscaled(
      'rrdb_x2.safetensors',
      drawn(21, 13, (x) => (x < 10 ? 0 : 255)),
    );
    expect(large).toMatchObject({ width: 42, height: 26 });
    const alpha = (x: number) => large.data[4 * (13 * 42 + x) + 3];
    expect([alpha(2), alpha(39)]).toEqual([0, 255]);
  });

  it('runs again where it was not enough, and Lanczos brings it to the size; a single pixel is enough', async () => {
    const tiles: number[] = [];
    expect(await upscaled('compact_x2.pth', drawn(8, 6), 3, (done) => tiles.push(done))).toMatchObject({
      width: 24,
      height: 18,
    });
    expect(tiles).toEqual([1, 1]);
    expect(await upscaled('compact_x2.pth', drawn(1, 1))).toMatchObject({ width: 2, height: 2 });
  });

  it('refuses what is none, and sizes beyond 8192 pixels', async () => {
    const other = memoryFiles('x', { 'x.safetensors': await files.read('expected.safetensors') });
    expect((await failure(openUpscaler(other, 'x.safetensors', device))).message).toContain('x.safetensors');
    const wide = { width: 5000, height: 1, data: new Uint8ClampedArray(20000) };
    expect(await failure(upscaled('compact_x2.pth', wide))).toMatchObject({ code: 'bad-request' });
  });
});

it('a filter needs no network', async () => {
  const picture = drawn(5, 4);
  const large = await upscalePicture(picture, { width: 10, height: 8 }, { kind: 'filter', filter: 'nearest' });
  expect([...large.data.subarray(0, 8)]).toEqual([...picture.data.subarray(0, 4), ...picture.data.subarray(0, 4)]);
});
