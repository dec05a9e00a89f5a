import { describe, expect, it } from 'vitest';
import { trainedSigmas } from '../core/diffusion/noise-schedules';
import { planSteps } from '../core/diffusion/plan-steps';
import { tableLevels } from '../core/diffusion/process/discrete';
import { SAMPLERS, type SamplerId } from '../core/diffusion/samplers/index';
import { said, spoken } from '../core/errors';
import { blurMask } from '../core/image/blur';
import { overlayMask } from '../core/image/inpaint-region';
import { blankMask, blankPicture, type InputImage, type Mask, type Picture } from '../core/image/picture';
import { seededNormal } from '../core/random';
import { type GenerationRequest, parseRequest } from '../core/request/request';
import { type Colour, colourModel } from './fixtures/models';
import { paint } from './generate';
import type { Painted } from './painted';

const TARGET: Colour = [0.5, -0.5, 0.25];
/** The same in bytes. */
const PAINTED = TARGET.map((value) => Math.round((value / 2 + 0.5) * 255));

const request = (fields: Partial<GenerationRequest> = {}) =>
  parseRequest({ prompt: 'b', sampler: 'euler', cfgScale: 1, steps: 10, seed: 7, width: 64, height: 64, ...fields });

/** A picture that differs from pixel to pixel. */
function pattern(width: number, height: number): Picture {
  const picture = blankPicture({ width, height }, [0, 0, 0, 255]);
  for (let i = 0; i < width * height; i++)
    picture.data.set([(i * 7) % 256, (i * 13) % 200, 40 + ((i * 29) % 90)], 4 * i);
  return picture;
}

function maskOf(width: number, height: number, box: readonly [number, number, number, number], value = 255): Mask {
  const mask = blankMask({ width, height });
  const [left, top, right, bottom] = box;
  for (let y = top; y < bottom; y++) mask.data.fill(value, y * width + left, y * width + right);
  return mask;
}

const pixel = ({ rgb, width }: Painted, x: number, y: number) => [
  ...rgb.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];
const givenPixel = ({ data, width }: Picture, x: number, y: number) => [
  ...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3),
];

const run = (fields: Partial<GenerationRequest>, given: InputImage | undefined, channels = 4) => {
  const { model, calls, encoded } = colourModel(TARGET, channels);
  return paint(model, request(fields), {}, { given }).then((painted) => ({ painted, calls, encoded }));
};

function expectNear(actual: readonly number[], wanted: readonly number[], within: number, message?: string): void {
  for (const [i, value] of wanted.entries()) expect(Math.abs(actual[i] - value), message).toBeLessThanOrEqual(within);
}

/** Bytes that samplers which end above no noise may be off by. */
const NOISY: Partial<Record<SamplerId, number>> = {
  dpm_fast: 12,
  dpm_adaptive: 12,
  langevin: 40,
  predictor_corrector: 40,
};

/** Every pixel where the mask is 0 is the given picture's own. */
function expectKept(painted: Painted, { picture }: InputImage, overlay: Mask, message?: string): void {
  let kept = 0;
  for (let i = 0; i < overlay.data.length; i++) {
    if (overlay.data[i] > 0) continue;
    kept++;
    for (let c = 0; c < 3; c++)
      if (painted.rgb[3 * i + c] !== picture.data[4 * i + c]) expect.fail(`${message ?? ''} pixel ${i} was changed`);
  }
  expect(kept).toBeGreaterThan(0);
}

describe('from a picture', () => {
  const given = { picture: pattern(64, 64) };

  it('strength 0 gives back the input, pixel by pixel, without a model call', async () => {
    const { painted, calls } = await run({ denoisingStrength: 0 }, given);
    for (let i = 0; i < 64 * 64; i++) expect(painted.rgb.subarray(3 * i, 3 * i + 3)).toEqual(Uint8Array.from(given.picture.data.subarray(4 * i, 4 * i + 3))); // biome-ignore format: one line
    expect(calls).toHaveLength(0);
    expect(painted.given).toBe('picture');
  });

  it.each([
    [{ denoisingStrength: 0.5 }, 6], // t_enc = int(0.5 * 10), and one more
    [{ denoisingStrength: 1 }, 10],
    [{ denoisingStrength: 0.5, exactSteps: true }, 10],
    [{ denoisingStrength: 0.01, steps: 3 }, 1],
  ])('%j runs %i steps', async (fields, steps) => {
    const { painted, calls } = await run(fields, given);
    expect(calls).toHaveLength(steps);
    expectNear(pixel(painted, 20, 20), PAINTED, 1);
  });

  it('starts, as A1111 does, at the picture’s latent with the seed’s noise at the first of the last steps’ levels', async () => {
    const { calls, encoded } = await run({ denoisingStrength: 0.5 }, given);
    const { model } = colourModel(TARGET);
    const levels = tableLevels(trainedSigmas(model.info.scheduler));
    const { sigmas } = planSteps({ sampler: 'euler', schedule: 'automatic', steps: 10, levels, config: model.info.scheduler }); // biome-ignore format: one line
    const sigma = sigmas[4];
    const { mean } = await model.encode(encoded[0], 64, 64);
    const noise = seededNormal(7)(256);
    for (let i = 0; i < 256; i++)
      expect(calls[0].sample[i]).toBeCloseTo((mean[i] + sigma * noise[i]) / Math.sqrt(sigma ** 2 + 1), 4);
  });

  it('encodes the posterior’s mean, or a draw from it that follows the seed', async () => {
    const first = async (fields: Partial<GenerationRequest>) => (await run(fields, given)).calls[0].sample;
    const mean = await first({});
    const drawn = await first({ posterior: 'sample' });
    expect(drawn).not.toEqual(mean);
    expect(await first({ posterior: 'sample' })).toEqual(drawn);
    expect(await first({ posterior: 'mean' })).toEqual(mean);
  });

  it.each([
    ['just-resize', { x: 0, y: 0, width: 128, height: 64 }],
    ['crop-and-resize', { x: 32, y: 0, width: 64, height: 64 }],
    ['resize-and-fill', { x: 0, y: -32, width: 128, height: 128 }],
    ['latent-resize', { x: 0, y: 0, width: 128, height: 64 }],
  ] as const)('%s of another shape: width x height, and where it belongs', async (resizeMode, place) => {
    const { painted, encoded } = await run({ resizeMode }, { picture: pattern(128, 64) });
    expect([painted.width, painted.height, painted.place]).toEqual([64, 64, place]);
    // The latent is stretched only after encoding.
    expect(encoded[0]).toHaveLength(3 * 64 * (resizeMode === 'latent-resize' ? 128 : 64));
  });

  it('a transparent picture is encoded with the colours around its holes', async () => {
    const picture = blankPicture({ width: 64, height: 64 }, [200, 100, 50, 255]);
    for (let y = 20; y < 40; y++) picture.data.fill(0, 4 * (y * 64 + 20), 4 * (y * 64 + 40));
    const { encoded } = await run({}, { picture });
    for (let c = 0; c < 3; c++)
      expect(encoded[0][c * 4096 + 30 * 64 + 30]).toBeCloseTo([200, 100, 50][c] / 127.5 - 1, 1);
  });
});

describe('through a mask', () => {
  const picture = pattern(128, 96);
  const mask = maskOf(128, 96, [40, 24, 88, 72]);
  const given = { picture, mask };
  const overlay = overlayMask(blurMask(mask, 4));

  it('is as large as the given picture: painted inside, its own bytes outside', async () => {
    const { painted } = await run({}, given);
    expect([painted.width, painted.height, painted.given]).toEqual([128, 96, 'picture-and-mask']);
    expect(painted.place).toEqual({ x: 0, y: 0, width: 128, height: 96 });
    expect(painted.alpha).toBeUndefined();
    expectKept(painted, given, overlay);
    expectNear(pixel(painted, 64, 48), PAINTED, 1);
  });

  it('is what A1111’s loop gives: the clean latent outside the mask is the original’s at every call', async () => {
    const { model, calls } = colourModel(TARGET);
    const small = { picture: pattern(64, 64), mask: maskOf(64, 64, [16, 16, 48, 48]) };
    await paint(model, request({ denoisingStrength: 0.6, maskBlur: 0 }), {}, { given: small });
    const levels = tableLevels(trainedSigmas(model.info.scheduler));
    const { sigmas } = planSteps({ sampler: 'euler', schedule: 'automatic', steps: 10, levels, config: model.info.scheduler }); // biome-ignore format: one line
    const noise = seededNormal(7)(256);
    const outside = (i: number) =>
      i % 8 < 2 || i % 8 >= 6 || Math.floor((i % 64) / 8) < 2 || Math.floor((i % 64) / 8) >= 6;
    // A run of Euler from init + sigma noise whose denoised is the init outside: it is init + sigma noise at every
    // level.
    const init = Float32Array.from(calls[0].sample, (v, i) => v * Math.sqrt(sigmas[3] ** 2 + 1) - sigmas[3] * noise[i]);
    for (const [k, { sample }] of calls.entries()) {
      const sigma = sigmas[3 + k];
      for (let i = 0; i < 256; i++)
        if (outside(i)) expect(sample[i]).toBeCloseTo((init[i] + sigma * noise[i]) / Math.sqrt(sigma ** 2 + 1), 3);
    }
  });

  it.each(['a1111', 'diffusers'] as const)(
    'every sampler works from a picture and in a mask, kept %s’ way',
    async (inpaintWay) => {
      for (const sampler of Object.keys(SAMPLERS) as SamplerId[]) {
        for (const denoisingStrength of [0.3, 0.75, 1]) {
          const fields = { sampler, denoisingStrength, steps: 12, inpaintWay, eta: undefined };
          const { painted } = await run(fields, given);
          expectKept(painted, given, overlay, sampler);
          expectNear(pixel(painted, 64, 48), PAINTED, NOISY[sampler] ?? 4, `${sampler} at ${denoisingStrength}`); // biome-ignore format: one line
          const { painted: whole } = await run(fields, { picture });
          expect(new Set(whole.rgb).size, sampler).toBeGreaterThan(1);
        }
      }
    },
  );

  it('inverted, paints what is not masked', async () => {
    const { painted } = await run({ maskMode: 'not-masked', maskBlur: 0 }, given);
    expectNear(pixel(painted, 4, 4), PAINTED, 1);
    expect(pixel(painted, 64, 48)).toEqual(givenPixel(picture, 64, 48));
  });

  it('covering everything, paints everything', async () => {
    const { painted } = await run({}, { picture, mask: blankMask(picture, 255) });
    for (const [x, y] of [[0, 0], [127, 95], [64, 48]]) expectNear(pixel(painted, x, y), PAINTED, 1); // biome-ignore format: one line
  });

  it('empty, is img2img and says so; too faint, paints nothing and says so', async () => {
    const { painted } = await run({}, { picture, mask: blankMask(picture) });
    expect(painted.notes).toEqual([said`The mask is empty: painted as img2img.`]);
    expect([painted.width, painted.height, painted.given]).toEqual([64, 64, 'picture']);
    const { painted: faint, calls } = await run({}, { picture, mask: maskOf(128, 96, [40, 24, 88, 72], 60) });
    expect(spoken(faint.notes[0])).toMatch(/too faint/);
    expect(calls).toHaveLength(0);
    expectKept(faint, given, blankMask(picture));
  });

  it('at strength 0 gives back the input', async () => {
    const { painted, calls } = await run({ denoisingStrength: 0 }, given);
    expectKept(painted, given, blankMask(picture));
    expect(calls).toHaveLength(0);
  });

  it.each([
    ['original', (cell: number, _: number, original: number) => expect(cell).toBeCloseTo(original, 4)],
    ['fill', (cell: number, _: number, original: number) => expect(cell).not.toBeCloseTo(original, 4)],
    ['latent-noise', (cell: number, noise: number) => expect(cell).toBeCloseTo(noise, 4)],
    ['latent-nothing', (cell: number) => expect(cell).toBeCloseTo(0, 4)],
  ] as const)('masked content %s stands under the mask before painting', async (maskedContent, check) => {
    const flat = blankPicture({ width: 64, height: 64 }, [255, 0, 0, 255]);
    for (let y = 16; y < 48; y++) for (let x = 16; x < 48; x++) flat.data.set([0, 0, 255], 4 * (y * 64 + x));
    const { calls } = await run(
      { maskedContent, maskBlur: 0 },
      { picture: flat, mask: maskOf(64, 64, [16, 16, 48, 48]) },
    );
    const { model } = colourModel(TARGET);
    const levels = tableLevels(trainedSigmas(model.info.scheduler));
    const { sigmas } = planSteps({ sampler: 'euler', schedule: 'automatic', steps: 10, levels, config: model.info.scheduler }); // biome-ignore format: one line
    const sigma = sigmas[2]; // of 0.75: eight of ten steps
    const noise = seededNormal(7)(256);
    const start = (i: number) => calls[0].sample[i] * Math.sqrt(sigma ** 2 + 1) - sigma * noise[i];
    check(start(4 * 8 + 4), noise[4 * 8 + 4], -1); // red in the middle of the mask
    expect(start(0)).toBeCloseTo(1, 4); // and outside of it
  });

  it('only masked: the part around the mask is painted at full size', async () => {
    const large = pattern(256, 256);
    const spot = maskOf(256, 256, [120, 120, 136, 136]);
    const { painted, encoded } = await run(
      { inpaintArea: 'only-masked', inpaintPadding: 16, maskBlur: 2 },
      { picture: large, mask: spot },
    );
    expect([painted.width, painted.height]).toEqual([256, 256]);
    expectKept(painted, { picture: large }, blurMask(spot, 2));
    expectNear(pixel(painted, 128, 128), PAINTED, 1);
    // 16 + 2 * (5 of blur + 16 of padding) pixels of the picture fill the 64 of the painting, not the whole 256.
    expect(encoded[0]).toHaveLength(3 * 64 * 64);
    const shown = blankPicture({ width: 256, height: 256 }, [0, 0, 0, 255]);
    for (let y = 99; y < 157; y++) for (let x = 99; x < 157; x++) shown.data.set([255, 255, 255], 4 * (y * 256 + x));
    const { encoded: white } = await run(
      { inpaintArea: 'only-masked', inpaintPadding: 16, maskBlur: 2 },
      { picture: shown, mask: spot },
    );
    expect(white[0].every((value) => value > 0.99)).toBe(true);
  });

  it('only masked in a picture that is too narrow for the ratio is not squeezed', async () => {
    const strip = { picture: pattern(300, 40), mask: maskOf(300, 40, [100, 10, 200, 30]) };
    const { painted } = await run({ inpaintArea: 'only-masked', width: 256, height: 256 }, strip);
    expectKept(painted, strip, blurMask(strip.mask, 4));
    expectNear(pixel(painted, 150, 20), PAINTED, 1);
  });

  it.each(['crop-and-resize', 'resize-and-fill', 'latent-resize'] as const)(
    '%s finds its way back into the picture',
    async (resizeMode) => {
      const { painted } = await run({ resizeMode }, given);
      expectKept(painted, given, overlay);
      expectNear(pixel(painted, 64, 48), PAINTED, 1);
      // Crop and resize shows 16 .. 112 of the width; a mask beyond it is not reached.
      if (resizeMode !== 'crop-and-resize') return;
      const { painted: beyond } = await run({ resizeMode }, { picture, mask: maskOf(128, 96, [0, 24, 8, 72]) });
      expect(spoken(beyond.notes[0])).toMatch(/outside what is painted/);
    },
  );

  it('a soft mask’s greys are strengths: the change grows strictly over five of them', async () => {
    for (const inpaintWay of ['a1111', 'diffusers'] as const)
      for (const sampler of ['euler', 'dpmpp_2m', 'dpm_adaptive', 'ddim'] as const) {
        const changes: number[] = [];
        for (const grey of [0, 64, 128, 192, 255]) {
          const { model } = colourModel(TARGET, 4, 0.5);
          const square = blankPicture({ width: 64, height: 64 }, [128, 128, 128, 255]);
          // A corner keeps the mask from being empty at grey 0.
          const soft = maskOf(64, 64, [0, 0, 48, 64], grey);
          soft.data.set(maskOf(64, 64, [56, 0, 64, 64]).data.map((v, i) => Math.max(v, soft.data[i])));
          const fields = request({
            softMask: true,
            maskBlur: 0,
            sampler,
            inpaintWay,
            denoisingStrength: 0.9,
            eta: undefined,
          });
          const painted = await paint(model, fields, {}, { given: { picture: square, mask: soft } });
          let change = 0;
          for (let y = 0; y < 64; y++)
            for (let x = 0; x < 40; x++) for (const v of pixel(painted, x, y)) change += Math.abs(v - 128);
          changes.push(change);
        }
        expect(changes[0], sampler).toBe(0);
        for (let k = 1; k < 5; k++)
          expect(changes[k], `${sampler} ${inpaintWay} ${changes}`).toBeGreaterThan(changes[k - 1]);
      }
  });
});

describe('outpainting', () => {
  // 64 pixels of nothing to the right.
  const wide = blankPicture({ width: 128, height: 64 });
  for (let y = 0; y < 64; y++) for (let x = 0; x < 64; x++) wide.data.set([200, 100, 50, 255], 4 * (y * 128 + x));

  it.each(['whole', 'only-masked'] as const)(
    'paints what is not there, opaque, and keeps what is (%s)',
    async (inpaintArea) => {
      const { painted, encoded } = await run({ inpaintArea, width: 128 }, { picture: wide, mask: blankMask(wide) });
      expect(painted.alpha).toBeUndefined();
      expectNear(pixel(painted, 100, 30), PAINTED, 1);
      expect(pixel(painted, 30, 30)).toEqual([200, 100, 50]);
      // Filled from the surroundings before encoding, although the masked content is "original".
      for (let c = 0; c < 3; c++)
        expect(encoded[0][c * 64 * 128 + 30 * 128 + 100]).toBeCloseTo([200, 100, 50][c] / 127.5 - 1, 1);
    },
  );

  it('fades into the picture over three latent cells, and leaves what is farther away as it was', async () => {
    for (const fields of [{}, { maskBlur: 0 }, { inpaintArea: 'only-masked', width: 128 }] as const) {
      // On a painting of half the width a cell is twice as wide.
      const reach = 'width' in fields ? 24 : 48;
      const { painted } = await run(fields, { picture: wide, mask: blankMask(wide) });
      const greens = Array.from({ length: 128 }, (_, x) => pixel(painted, x, 30)[1]);
      expect(new Set(greens.slice(0, 64 - reach - 2))).toEqual(new Set([100]));
      for (let x = 40; x < 100; x++) expect(greens[x + 1], `at ${x}`).toBeLessThanOrEqual(greens[x] + 1);
      const steps = greens.slice(1).map((value, x) => Math.abs(value - greens[x]));
      expect(Math.max(...steps)).toBeLessThan(12); // of 36 from the picture to the painting
      expectNear(pixel(painted, 65, 30), PAINTED, 3);
    }
  });

  it('leaves transparent what the resize mode cuts off', async () => {
    const { painted } = await run({ resizeMode: 'crop-and-resize' }, { picture: wide, mask: blankMask(wide) });
    expect(painted.alpha?.[30 * 128 + 127]).toBe(0);
    expect(painted.alpha?.[30 * 128 + 80]).toBe(255);
  });

  it('a picture of nothing at all is painted whole', async () => {
    const nothing = blankPicture({ width: 64, height: 64 });
    const { painted, encoded } = await run({}, { picture: nothing, mask: blankMask(nothing) });
    expectNear(pixel(painted, 30, 30), PAINTED, 1);
    expect(Math.abs(encoded[0][2000])).toBeLessThan(0.01);
  });
});

describe('an inpainting UNet of nine channels', () => {
  const picture = blankPicture({ width: 64, height: 64 }, [255, 255, 255, 255]);
  const given = { picture, mask: maskOf(64, 64, [16, 16, 48, 48]) };

  it('sees the mask and the picture with grey under it', async () => {
    const { calls } = await run({ maskBlur: 0 }, given, 9);
    for (const { sample } of calls) {
      expect(sample).toHaveLength(9 * 64);
      const [inside, outside] = [4 * 8 + 4, 0];
      expect([sample[256 + inside], sample[256 + outside]]).toEqual([1, 0]);
      expect([sample[320 + inside], sample[320 + outside]].map((v) => Math.round(1000 * v) / 1000)).toEqual([0, 1]);
    }
  });

  it('without a mask or a picture, everything is masked', async () => {
    for (const from of [undefined, { picture }]) {
      const { calls, painted } = await run({}, from, 9);
      expect(calls[0].sample.subarray(256, 320).every((value) => value === 1)).toBe(true);
      expect(calls[0].sample.subarray(320).every((value) => value === 0)).toBe(true);
      expectNear(pixel(painted, 30, 30), PAINTED, 1);
    }
  });

  it('keeps the rest A1111’s way, or is left to itself diffusers’ way; the pasted picture keeps it either way', async () => {
    for (const inpaintWay of ['a1111', 'diffusers'] as const) {
      const { painted } = await run({ inpaintWay, maskBlur: 0 }, given, 9);
      expectKept(painted, given, given.mask);
      expectNear(pixel(painted, 30, 30), PAINTED, 1);
    }
  });
});
