import { describe, expect, it } from 'vitest';
import { said } from '../core/errors';
import { cropPicture, type Picture } from '../core/image/picture';
import { resizePicture } from '../core/image/resample';
import { type GenerationRequest, parseRequest } from '../core/request/request';
import { type Colour, colourModel } from './fixtures/models';
import { paint } from './generate';
import type { PaintHooks, PaintStep, PaintTile } from './progress';

const TARGET: Colour = [0.5, -0.25, 0.1];

const request = (fields: Partial<GenerationRequest> = {}) =>
  parseRequest({
    sampler: 'euler_a', // fresh noise in every step
    steps: 8,
    cfgScale: 1,
    seed: 7,
    width: 128,
    height: 128,
    sdUpscaleStrength: 0.5,
    sdUpscale: true,
    sdUpscaleOverlap: 32,
    ...fields,
  });

/** Of 96 x 64 pixels, transparent on its left edge. */
const picture: Picture = {
  width: 96,
  height: 64,
  data: Uint8ClampedArray.from({ length: 4 * 96 * 64 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 4) % 96, Math.floor(i / 4 / 96), i % 4];
    return c === 3 ? (x < 4 ? 100 : 255) : 128 + 90 * Math.sin((x + c * y) / 11);
  }),
};

const run = (fields: Partial<GenerationRequest>, hooks: PaintHooks = {}, given = picture) =>
  paint(colourModel(TARGET, 4, 0.3).model, request(fields), hooks, { given: { picture: given } });

/** What image-to-image makes of a part of the enlarged picture. */
async function partOf(x: number, seed: number, fields: Partial<GenerationRequest> = {}) {
  const large = resizePicture({ ...picture, data: picture.data.map((v, i) => (i % 4 === 3 ? 255 : v)) }, { width: 192, height: 128 }); // biome-ignore format: one line
  const part = cropPicture(large, { x, y: 0, width: 112, height: 128 });
  return run({ ...fields, sdUpscale: false, denoisingStrength: 0.5, width: 112, seed }, {}, part);
}

const at = ({ rgb, width }: { rgb: Uint8Array; width: number }, x: number, y: number) =>
  [0, 1, 2].map((c) => rgb[3 * (y * width + x) + c]);

describe('SD upscale', () => {
  it('is image-to-image of each tile of the enlarged picture, the seed counting up, and goes over between them', async () => {
    const painted = await run({});
    // 192 x 128 in two tiles of 112 x 128, which share 32 columns from 80 on.
    expect([painted.width, painted.height, painted.given]).toEqual([192, 128, 'picture']);
    const [left, right] = [await partOf(0, 7), await partOf(80, 8)];
    for (const [x, y] of [[0, 0], [60, 40], [79, 127]]) expect(at(painted, x, y)).toEqual(at(left, x, y)); // biome-ignore format: a list
    for (const [x, y] of [[112, 0], [150, 90], [191, 127]]) expect(at(painted, x, y)).toEqual(at(right, x - 80, y)); // biome-ignore format: a list
    for (const x of [81, 96, 110]) {
      const share = (x - 80 + 0.5) / 32;
      for (const [c, value] of at(painted, x, 50).entries())
        expect(
          Math.abs(value - (1 - share) * at(left, x, 50)[c] - share * at(right, x - 80, 50)[c]),
        ).toBeLessThanOrEqual(1);
    }
    // Alpha is the picture's own.
    expect([painted.alpha?.[0], painted.alpha?.[191]]).toEqual([100, 255]);
  });

  it('counts its steps over all tiles, and says which one it paints and where that lies', async () => {
    const steps: PaintStep[] = [];
    const tiles: (PaintTile | undefined)[] = [];
    await run(
      {},
      {
        onStep: (info) => void steps.push(info),
        onStage: (stage, _, tile) => stage === 'denoise' && tiles.push(tile),
      },
    );
    // Half of 8 steps and one, as A1111 counts them, twice.
    expect(steps.map(({ step, of }) => `${step} of ${of}`)).toEqual(Array.from({ length: 10 }, (_, i) => `${i} of 10`));
    expect(tiles).toEqual([{ number: 1, of: 2 }, { number: 2, of: 2 }]); // biome-ignore format: pairs
  });

  it('cancelled in its second tile keeps the first, and the rest enlarged', async () => {
    const stop = new AbortController();
    const onStep = ({ step }: PaintStep) => void (step === 6 && stop.abort(new Error('enough')));
    const painted = await run({}, { onStep, signal: stop.signal });
    expect(painted.tiles).toEqual({ done: 1, of: 2 });
    expect(painted.notes).toEqual([said`Cancelled after ${1} of ${2} tiles: the rest is enlarged only.`]);
    expect(at(painted, 40, 50)).toEqual(at(await run({}), 40, 50));
    const large = resizePicture(picture, { width: 192, height: 128 });
    expect(at(painted, 150, 50)).toEqual([...large.data.subarray(4 * (50 * 192 + 150), 4 * (50 * 192 + 150) + 3)]);
  });

  it('cancelled before its first tile is done leaves nothing', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const hooks = { onStep: () => stop.abort(reason), signal: stop.signal };
    await expect(run({}, hooks)).rejects.toBe(reason);
  });

  it('at strength 0 is enlarged only', async () => {
    const large = resizePicture(picture, { width: 192, height: 128 }, 'nearest');
    const { rgb } = await run({ sdUpscaleStrength: 0, sdUpscaleUpscaler: 'nearest' });
    expect([...rgb]).toEqual([...large.data.filter((_, i) => i % 4 < 3)]);
  });

  it('refuses by a sentence what is too small, too large, or names a network that was not given', async () => {
    const of = (width: number, height: number) => ({ width, height, data: new Uint8ClampedArray(4 * width * height) });
    await expect(run({}, {}, of(1, 1))).rejects.toThrow(/1 × 1 pixels enlarged 2× are 0 × 0: too few to paint/);
    await expect(run({ sdUpscaleFactor: 4 }, {}, of(2056, 64))).rejects.toThrow('8224 × 256. Keep each side to 8192');
    await expect(run({ sdUpscaleUpscaler: 'file:x' })).rejects.toThrow('The upscaler x was not given');
    expect(() => request({ sdUpscaleOverlap: 80 })).toThrow('Tile overlap must be at most 64');
  });
});
