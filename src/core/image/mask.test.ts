import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blurMask, boxBlur, gaussianKernel, maskedBox } from './blur';
import { expandToRatio, latentMask, overlayMask, paddedBox, pasteBack } from './inpaint-region';
import { fillMasked } from './masked-content';
import { growMask, invertMask, shrinkMask } from './morphology';
import { overlapAround } from './overlap';
import { blankMask, blankPicture, cropMask, type Mask, type Picture } from './picture';

function maskOf(width: number, height: number, at: (x: number, y: number) => number): Mask {
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width))),
  };
}

function pictureOf(width: number, height: number, at: (x: number, y: number) => readonly number[]): Picture {
  const picture = blankPicture({ width, height });
  for (let i = 0; i < width * height; i++) picture.data.set(at(i % width, Math.floor(i / width)), 4 * i);
  return picture;
}

const inBox = (x: number, y: number, left: number, top: number, right: number, bottom: number) =>
  x >= left && x < right && y >= top && y < bottom;

const anyMask = fc
  .tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }))
  .chain(([width, height]) =>
    fc
      .uint8Array({ minLength: width * height, maxLength: width * height })
      .map((data): Mask => ({ width, height, data: Uint8Array.from(data, (v) => (v < 128 ? 0 : v)) })),
  );

describe('mask blur', () => {
  it('has A1111 kernel of 2 floor(2.5 sigma + 0.5) + 1 numbers', () => {
    expect([0, 1, 2, 4, 64].map((sigma) => gaussianKernel(sigma).length)).toEqual([1, 7, 11, 21, 321]);
    // cv2.getGaussianKernel(11, 2)
    const wanted = [0.0088122, 0.0271436, 0.0651141, 0.1216491, 0.1769984, 0.2005654];
    for (const [i, value] of wanted.entries()) expect(gaussianKernel(2)[i]).toBeCloseTo(value, 6);
  });

  // m = zeros((9, 12)); m[3:6, 4:8] = 255; m[0, 11] = 200; cv2.GaussianBlur along x with kernel (k, 1), then along y
  // (1, k); rows 0, 3, 4.
  const MASK = maskOf(12, 9, (x, y) => (inBox(x, y, 4, 3, 8, 6) ? 255 : x === 11 && y === 0 ? 200 : 0));
  const BLURRED: [number, number, number[]][] = [
    [1, 0, [0, 0, 0, 1, 1, 2, 2, 1, 1, 5, 19, 32]],
    [1, 3, [0, 1, 10, 54, 124, 166, 166, 124, 54, 10, 1, 0]],
    [2, 0, [4, 6, 12, 20, 29, 35, 35, 30, 23, 16, 13, 12]],
    [2, 4, [10, 16, 32, 55, 80, 95, 95, 80, 56, 32, 16, 11]],
  ];
  for (const [sigma, row, wanted] of BLURRED)
    it(`sigma ${sigma}, row ${row} as OpenCV to 1 in 255 (it rounds its kernel to 8 bits)`, () => {
      const { data } = blurMask(MASK, sigma);
      for (const [x, value] of wanted.entries()) expect(Math.abs(data[row * 12 + x] - value)).toBeLessThanOrEqual(1);
    });

  it('reaches no farther than its kernel; 0 changes nothing', () => {
    const mask = maskOf(60, 60, (x, y) => (inBox(x, y, 28, 28, 32, 32) ? 255 : 0));
    const box = maskedBox(blurMask(mask, 4))!;
    expect(box.x).toBeGreaterThanOrEqual(28 - 10);
    expect(box.x + box.width).toBeLessThanOrEqual(32 + 10);
    expect(blurMask(mask, 0).data).toEqual(mask.data);
    expect(maskedBox(blurMask(blankMask({ width: 5, height: 5 }), 4))).toBeUndefined();
    expect(blurMask(blankMask({ width: 7, height: 3 }, 255), 4).data.every((value) => value === 255)).toBe(true);
  });

  it('the wide blur is close to a Gaussian, as Pillow', () => {
    // Image.fromarray(eye(1, 41, 20) * 255).filter(GaussianBlur(2)), from index 15 (bytes, hence the tolerance)
    const line = new Float32Array(41);
    line[20] = 255;
    const out = boxBlur(line, { width: 41, height: 1 }, 1, 2);
    for (const [i, value] of [2, 8, 18, 32, 44, 49, 44].entries())
      expect(Math.abs(out[15 + i] - value)).toBeLessThan(1.5);
    expect(out.reduce((a, b) => a + b)).toBeCloseTo(255, 3);
  });
});

describe('grow, shrink, invert', () => {
  it('one pixel grows to a disk', () => {
    const grown = growMask(
      maskOf(7, 7, (x, y) => (x === 3 && y === 3 ? 200 : 0)),
      2,
    );
    const rows = Array.from({ length: 7 }, (_, y) =>
      [...grown.data.subarray(7 * y, 7 * y + 7)].map((v) => (v === 200 ? '#' : v === 0 ? '.' : '?')).join(''),
    );
    expect(rows).toEqual(['.......', '...#...', '..###..', '.#####.', '..###..', '...#...', '.......']);
  });

  it('equals the definition: the largest within the disk', () => {
    fc.assert(
      fc.property(anyMask, fc.integer({ min: 0, max: 6 }), (mask, radius) => {
        const naive = maskOf(mask.width, mask.height, (x, y) => {
          let best = 0;
          for (let v = 0; v < mask.height; v++)
            for (let u = 0; u < mask.width; u++)
              if ((u - x) ** 2 + (v - y) ** 2 <= radius ** 2) best = Math.max(best, mask.data[v * mask.width + u]);
          return best;
        });
        expect(growMask(mask, radius).data).toEqual(naive.data);
      }),
      { numRuns: 60 },
    );
  });

  it('shrinking is growing what is not masked; a full mask stays full; twice inverted is the same', () => {
    const square = maskOf(11, 11, (x, y) => (inBox(x, y, 2, 2, 9, 9) ? 255 : 0));
    expect(maskedBox(shrinkMask(square, 2))).toEqual({ x: 4, y: 4, width: 3, height: 3 });
    const full = blankMask({ width: 5, height: 4 }, 255);
    expect(shrinkMask(full, 3).data).toEqual(full.data);
    expect(invertMask(invertMask(square)).data).toEqual(square.data);
  });
});

describe('only masked', () => {
  it('the padded box stops at the edges', () => {
    const mask = maskOf(64, 48, (x, y) => (x === 20 && y === 2 ? 1 : x === 40 && y === 30 ? 255 : 0));
    expect(maskedBox(mask)).toEqual({ x: 20, y: 2, width: 21, height: 29 });
    expect(paddedBox(mask, 8)).toEqual({ x: 12, y: 0, width: 37, height: 39 });
    expect(paddedBox(mask, 200)).toEqual({ x: 0, y: 0, width: 64, height: 48 });
    expect(paddedBox(blankMask({ width: 4, height: 4 }), 8)).toBeUndefined();
  });

  // A1111 masking.expand_crop_region((x1, y1, x2, y2), processing w, h, image w, h) -> (x1, y1, x2, y2)
  const EXPANDED: [number[], number[], number[]][] = [
    [
      [10, 20, 138, 52],
      [512, 512, 512, 512],
      [10, 0, 138, 128],
    ],
    [
      [10, 20, 40, 152],
      [768, 512, 200, 160],
      [0, 20, 198, 152],
    ],
    [
      [0, 0, 500, 10],
      [512, 512, 512, 300],
      [0, 0, 500, 300],
    ],
    [
      [400, 200, 512, 211],
      [512, 640, 512, 512],
      [400, 136, 512, 276],
    ],
    [
      [5, 5, 10, 100],
      [512, 512, 64, 512],
      [0, 5, 64, 100],
    ],
    [
      [3, 7, 20, 19],
      [640, 384, 100, 100],
      [2, 7, 22, 19],
    ],
  ];
  for (const [[x, y, right, bottom], [w, h, width, height], wanted] of EXPANDED)
    it(`${x},${y}..${right},${bottom} for ${w} x ${h} becomes ${wanted}`, () => {
      const box = expandToRatio(
        { x, y, width: right - x, height: bottom - y },
        { width: w, height: h },
        { width, height },
      );
      expect([box.x, box.y, box.x + box.width, box.y + box.height]).toEqual(wanted);
    });

  it('pasting back leaves every pixel whose mask is 0 as it was, whatever is painted', () => {
    fc.assert(
      fc.property(anyMask, fc.integer({ min: 0, max: 3 }), fc.integer(), (mask, sigma, seed) => {
        const original = pictureOf(mask.width, mask.height, (x, y) => [
          (x * 37 + seed) & 255,
          (y * 91) & 255,
          (x * y) & 255,
          (x + y) % 3 === 0 ? 77 : 255,
        ]);
        const painted = pictureOf(16, 16, (x, y) => [255 - x, y, 3, 255]);
        const soft = blurMask(mask, sigma);
        const out = pasteBack(original, painted, { x: 0, y: 0, width: mask.width, height: mask.height }, soft);
        for (let i = 0; i < soft.data.length; i++)
          if (soft.data[i] === 0)
            expect(out.data.subarray(4 * i, 4 * i + 4)).toEqual(original.data.subarray(4 * i, 4 * i + 4));
      }),
      { numRuns: 50 },
    );
  });

  it('pastes into its box: 255 is the painting, 51 a fifth of it', () => {
    const original = pictureOf(4, 1, () => [100, 100, 100, 255]);
    const painted = pictureOf(2, 1, () => [200, 0, 100, 255]);
    const mask = { width: 4, height: 1, data: Uint8Array.of(255, 255, 51, 0) };
    const { data } = pasteBack(original, painted, { x: 1, y: 0, width: 2, height: 1 }, mask);
    expect([...data]).toEqual([100, 100, 100, 255, 200, 0, 100, 255, 120, 80, 100, 255, 100, 100, 100, 255]);
  });

  it('pastes a square into a box anywhere', () => {
    const original = pictureOf(9, 9, () => [0, 0, 0, 255]);
    const painted = pictureOf(4, 4, () => [90, 90, 90, 255]);
    const out = pasteBack(original, painted, { x: 5, y: 6, width: 3, height: 3 }, blankMask(original, 255));
    const rows = Array.from({ length: 9 }, (_, y) => Array.from({ length: 9 }, (_, x) => (out.data[4 * (9 * y + x)] > 0 ? '#' : '.')).join('')); // biome-ignore format: one line
    expect(rows).toEqual([...Array(6).fill('.........'), ...Array(3).fill('.....###.')]);
  });

  it('stretches what was stretched', () => {
    const original = pictureOf(4, 1, () => [0, 0, 0, 255]);
    const painted = pictureOf(2, 2, (x) => [x * 200, 0, 0, 255]);
    const stretched = pasteBack(
      original,
      painted,
      { x: 0, y: 0, width: 4, height: 1 },
      blankMask(original, 255),
      'just-resize',
    );
    expect(stretched.data[12]).toBeGreaterThan(stretched.data[0] + 150);
  });

  it('doubles the overlay mask; a crop beyond the edge is empty', () => {
    expect([...overlayMask({ width: 3, height: 1, data: Uint8Array.of(0, 60, 200) }).data]).toEqual([0, 120, 255]);
    expect([
      ...cropMask({ width: 2, height: 1, data: Uint8Array.of(5, 6) }, { x: -1, y: 0, width: 4, height: 1 }).data,
    ]).toEqual([0, 5, 6, 0]);
  });
});

it('along what is missing, a strip is painted too and fades out', () => {
  const missing = maskOf(64, 8, (x) => (x >= 40 ? 255 : 0));
  const { painted, shown } = overlapAround(missing, 16);
  const row = (mask: Mask) => [...mask.data.subarray(4 * 64, 5 * 64)];
  expect(row(painted)).toEqual(Array.from({ length: 64 }, (_, x) => (x >= 24 ? 255 : 0)));
  // All at the edge of what is missing, half in the strip's middle, nothing at its far side.
  expect(row(shown)[40]).toBeGreaterThan(250);
  expect(Math.abs(row(shown)[31] + row(shown)[32] - 255)).toBeLessThan(3);
  expect(row(shown).slice(0, 24)).toEqual(Array(24).fill(0));
});

describe('the mask on the latent grid', () => {
  const MASK = maskOf(48, 32, (x, y) => (inBox(x, y, 10, 4, 35, 20) ? 255 : inBox(x, y, 30, 20, 44, 28) ? 140 : 0));
  const rows = (data: Float32Array) => Array.from({ length: 4 }, (_, y) => [...data.subarray(6 * y, 6 * y + 6)]);

  it("A1111's: np.around(Image.resize((6, 4)) / 255)", () => {
    expect(rows(latentMask(MASK, 'a1111'))).toEqual([
      [0, 0, 1, 1, 0, 0],
      [0, 1, 1, 1, 0, 0],
      [0, 0, 0, 1, 0, 0],
      [0, 0, 0, 0, 0, 0],
    ]);
  });

  it("diffusers': (mask >= 0.5)[::8, ::8]", () => {
    expect(rows(latentMask(MASK, 'diffusers'))).toEqual([
      [0, 0, 0, 0, 0, 0],
      [0, 0, 1, 1, 1, 0],
      [0, 0, 1, 1, 1, 0],
      [0, 0, 0, 0, 1, 1],
    ]);
  });

  it('area keeps the share of each cell', () => {
    const share = latentMask(MASK, 'area');
    expect(share[1]).toBeCloseTo((6 * 4) / 64, 5); // columns 10..15, rows 4..7
    expect(share[8]).toBeCloseTo(1, 5);
    expect(share[23]).toBeCloseTo((4 * 4 * (140 / 255)) / 64, 5); // columns 40..43, rows 24..27
  });
});

describe('masked content: fill', () => {
  const picture = pictureOf(16, 12, (x, y) => [x * 16, y * 20, 128 + ((x * y) % 64), 255]);
  const mask = maskOf(16, 12, (x, y) => (inBox(x, y, 5, 3, 11, 9) ? 255 : x === 11 && y >= 3 && y < 9 ? 128 : 0));

  it('as A1111 masking.fill on Pillow, row 5, to 4 in 255 (Pillow keeps premultiplied bytes between)', () => {
    const wanted = [
      [61, 96, 143],
      [79, 94, 143],
      [103, 92, 145],
      [128, 91, 146],
      [156, 93, 149],
      [176, 95, 154],
      [184, 98, 169],
    ];
    const { data } = fillMasked(picture, mask);
    for (const [i, rgb] of wanted.entries())
      for (const [c, value] of rgb.entries())
        expect(Math.abs(data[4 * (5 * 16 + 5 + i) + c] - value)).toBeLessThanOrEqual(4);
  });

  it('keeps what is not masked, byte for byte, and leaves a wholly masked picture empty', () => {
    const { data } = fillMasked(picture, mask);
    for (let i = 0; i < mask.data.length; i++)
      if (mask.data[i] === 0) expect(data.subarray(4 * i, 4 * i + 4)).toEqual(picture.data.subarray(4 * i, 4 * i + 4));
    expect(fillMasked(picture, blankMask(picture, 255)).data.every((value) => value === 0)).toBe(true);
  });
});
