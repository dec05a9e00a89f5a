import { describe, expect, it } from 'vitest';
import { blankPicture, type Picture } from './picture';
import { pictureToPlanes, planesToRgb, rgbToPicture } from './planes';
import { type Filter, resample, resizeMask, resizePicture } from './resample';
import { placement, resizeMaskTo, resizeTo, sourceOf } from './resize-modes';

const expectClose = (actual: ArrayLike<number>, wanted: readonly number[], tolerance: number) => {
  expect(actual.length).toBe(wanted.length);
  for (const [i, value] of wanted.entries())
    expect(Math.abs(actual[i] - value), `at ${i}`).toBeLessThanOrEqual(tolerance);
};

describe('resampling', () => {
  // Pillow 12.3: Image.fromarray(np.float32([[0, 50, 100, 150, 200, 250, 20, 90]]), 'F').resize((n, 1), LANCZOS or
  // BICUBIC)
  const ROW = new Float32Array([0, 50, 100, 150, 200, 250, 20, 90]);
  const cases: [Filter, number[]][] = [
    ['lanczos', [38.895, 182.9053, 110.748]],
    ['lanczos', [15.1108, 90.5248, 192.1692, 183.6127, 48.3441]],
    [
      'lanczos',
      [
        -3.6322, 14.5894, 52.3789, 85.3004, 112.4932, 144.9881, 168.1522, 212.4294, 268.048, 176.8752, 24.1331, 43.1256,
        104.6256,
      ],
    ],
    ['bicubic', [45.0303, 178.0697, 108.972]],
    [
      'bicubic',
      [
        -3.6662, 16.4735, 51.9231, 82.6923, 113.4615, 144.2308, 175, 207.4181, 256.667, 179.3508, 23.7113, 52.466,
        95.1327,
      ],
    ],
  ];
  for (const [filter, wanted] of cases)
    it(`${filter} of 8 to ${wanted.length} pixels as Pillow`, () => {
      const to = { width: wanted.length, height: 1 };
      expectClose(resample(ROW, { width: 8, height: 1 }, to, filter), wanted, 2e-3);
    });

  const SQUARES = Float32Array.from({ length: 24 }, (_, i) => i * i); // np.arange(24).reshape(4, 6) ** 2
  it('lanczos along both axes as Pillow', () => {
    const wanted = [
      1.5389, 7.0953, 17.9093, 32.558, 85.7505, 114.8178, 150.7978, 188.9574, 299.3587, 351.9367, 413.0831, 474.7534,
    ];
    expectClose(resample(SQUARES, { width: 6, height: 4 }, { width: 4, height: 3 }, 'lanczos'), wanted, 1e-2);
  });

  it('bilinear as torch interpolate(align_corners=False), which A1111 resizes latents with', () => {
    // interpolate([0, 1, 4], 6): a quarter and three quarters of the way from pixel to pixel, the ends repeated.
    expectClose(resample(Float32Array.of(0, 1, 4), { width: 3, height: 1 }, { width: 6, height: 1 }, 'bilinear'), [0, 0.25, 0.75, 1.75, 3.25, 4], 1e-6); // biome-ignore format: one line
  });

  it('area as cv2.INTER_AREA', () => {
    const wanted = [10.3333, 17, 30.3333, 45, 96.3333, 123, 161.3333, 196, 290.3333, 337, 400.3333, 455];
    expectClose(resample(SQUARES, { width: 6, height: 4 }, { width: 4, height: 3 }, 'area'), wanted, 1e-3);
  });

  it('a constant stays constant with every filter, up and down', () => {
    for (const filter of ['lanczos', 'bicubic', 'bilinear', 'area', 'nearest'] as const)
      for (const size of [1, 3, 7, 16, 40]) {
        const out = resample(
          new Float32Array(11 * 13).fill(3),
          { width: 11, height: 13 },
          { width: size, height: size + 1 },
          filter,
        );
        expectClose(out, Array(size * (size + 1)).fill(3), 1e-5);
      }
  });

  it('what is transparent bleeds no colour', () => {
    // Left half opaque red, right half transparent green.
    const picture = blankPicture({ width: 8, height: 2 });
    for (let i = 0; i < 16; i++) picture.data.set(i % 8 < 4 ? [255, 0, 0, 255] : [0, 255, 0, 0], 4 * i);
    const { data } = resizePicture(picture, { width: 4, height: 1 }, 'area');
    expect([...data]).toEqual([255, 0, 0, 255, 255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0]);
    const across = resizePicture(picture, { width: 3, height: 1 }, 'area').data;
    expect([...across.subarray(4, 8)]).toEqual([255, 0, 0, 128]); // half of its footprint is red
  });

  it('a part equals the same part of the whole; the same size equal bytes', () => {
    const picture = noise(20, 15);
    const whole = resizePicture(picture, { width: 33, height: 31 });
    const part = resizePicture(picture, { width: 33, height: 31 }, 'lanczos', { x: 5, y: 9, width: 7, height: 4 });
    for (let y = 0; y < 4; y++)
      expect([...part.data.subarray(y * 28, y * 28 + 28)]).toEqual([
        ...whole.data.subarray(((y + 9) * 33 + 5) * 4, ((y + 9) * 33 + 12) * 4),
      ]);
    expect(resizePicture(picture, picture).data).toEqual(picture.data);
  });

  it('refuses impossible sizes by name', () => {
    expect(() => resizePicture(noise(4, 4), { width: 0, height: 4 })).toThrow(/width is 0 pixels.*1 to 8192/);
    expect(() => resizePicture(noise(4, 4), { width: 4, height: 30000 })).toThrow(/height is 30000/);
  });
});

function noise(width: number, height: number): Picture {
  let state = 7;
  const next = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state % 256;
  };
  return {
    width,
    height,
    data: Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 255 : next())),
  };
}

describe('resize modes', () => {
  it('places as A1111: stretched, standing over, or fitted', () => {
    // resize_image of 100 x 50 to 64 x 64: src_w = 100 * 64 // 50 = 128; fitted src_h = 50 * 64 // 100 = 32.
    const [from, to] = [
      { width: 100, height: 50 },
      { width: 64, height: 64 },
    ];
    expect(placement('just-resize', from, to)).toEqual({ x: 0, y: 0, width: 64, height: 64 });
    expect(placement('crop-and-resize', from, to)).toEqual({ x: -32, y: 0, width: 128, height: 64 });
    expect(placement('resize-and-fill', from, to)).toEqual({ x: 0, y: 16, width: 64, height: 32 });
    expect(placement('crop-and-resize', { width: 50, height: 100 }, to)).toEqual({
      x: 0,
      y: -32,
      width: 64,
      height: 128,
    });
    expect(placement('resize-and-fill', { width: 50, height: 101 }, to)).toEqual({
      x: 32 - 15,
      y: 0,
      width: 31,
      height: 64,
    });
  });

  it('tells what of the old picture a part of the new one shows', () => {
    const [from, to] = [
      { width: 100, height: 50 },
      { width: 64, height: 64 },
    ];
    const all = { x: 0, y: 0, ...to };
    expect(sourceOf('just-resize', from, to, all)).toEqual({ x: 0, y: 0, width: 100, height: 50 });
    // 128 x 64 stands for 100 x 50: 64 new pixels are 50 old ones, from 32 -> 25.
    expect(sourceOf('crop-and-resize', from, to, all)).toEqual({ x: 25, y: 0, width: 50, height: 50 });
    // 64 x 32 stands for 100 x 50: the frame reaches 16 new pixels, 25 old ones, beyond it.
    expect(sourceOf('resize-and-fill', from, to, all)).toEqual({ x: 0, y: -25, width: 100, height: 100 });
    expect(sourceOf('resize-and-fill', from, to, { x: 0, y: 16, width: 64, height: 32 })).toEqual({ x: 0, y: 0, width: 100, height: 50 }); // biome-ignore format: one line
  });

  it('crop keeps the middle; fill repeats the edge rows', () => {
    const picture = blankPicture({ width: 4, height: 2 });
    for (let i = 0; i < 8; i++) picture.data.set([10 * i, 0, 0, 255], 4 * i);
    const cropped = resizeTo('crop-and-resize', picture, { width: 2, height: 2 });
    expect(cropped.content.data.filter((_, i) => i % 4 === 0)).toEqual(Uint8ClampedArray.of(10, 20, 50, 60));
    const filled = resizeTo('resize-and-fill', picture, { width: 4, height: 6 });
    expect(filled.box).toEqual({ x: 0, y: 2, width: 4, height: 2 });
    const rows = [0, 0, 0, 40, 40, 40].map((first) => [first, first + 10, first + 20, first + 30]);
    expect([...filled.content.data.filter((_, i) => i % 4 === 0)]).toEqual(rows.flat());
    const mask = { width: 4, height: 2, data: Uint8Array.of(0, 0, 0, 9, 0, 0, 0, 0) };
    expect([...resizeMaskTo('resize-and-fill', mask, { width: 4, height: 6 }).content.data.subarray(0, 4)]).toEqual([
      0, 0, 0, 9,
    ]);
  });

  it('crops a strip of extreme ratio without resizing all of it', () => {
    const { content } = resizeTo('crop-and-resize', noise(8192, 10), { width: 512, height: 512 });
    expect(content.data.length).toBe(512 * 512 * 4);
  });
});

describe('planes', () => {
  it('bytes -> planes -> bytes is the identity', () => {
    const picture = noise(16, 16);
    const back = rgbToPicture(planesToRgb(pictureToPlanes(picture)), 16, 16);
    expect(back.data).toEqual(picture.data);
    expect([...pictureToPlanes({ width: 1, height: 1, data: Uint8ClampedArray.of(0, 255, 51, 9) })]).toEqual([
      -1,
      1,
      Math.fround(-0.6),
    ]);
  });

  it('masks keep their bytes at the same size', () => {
    const mask = { width: 2, height: 2, data: Uint8Array.of(1, 2, 3, 4) };
    expect(resizeMask(mask, mask).data).toEqual(mask.data);
    expect([...resizeMask(mask, { width: 1, height: 1 }, 'area').data]).toEqual([2]); // 2.5, ties to even
  });
});
