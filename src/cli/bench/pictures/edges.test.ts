import { expect, it } from 'vitest';
import { blurMask } from '../../../core/image/blur';
import { overlayMask } from '../../../core/image/inpaint-region';
import { blankMask } from '../../../core/image/picture';
import { edgeContrast, seamContrast } from './edges';

const size = { width: 64, height: 48 };
const grey = (at: (x: number, y: number) => number) =>
  Uint8Array.from({ length: 3 * 64 * 48 }, (_, i) => at(Math.floor(i / 3) % 64, Math.floor(i / 192)));
const box = blankMask(size);
for (let y = 12; y < 36; y++) box.data.fill(255, y * 64 + 16, y * 64 + 48);
const mask = overlayMask(blurMask(box, 2));

it('an even slope is as steep at the edge as within; a step at the edge is steeper, and one beyond it is none', () => {
  // Brightness rises by 2 a pixel along both axes: 2 along each axis within, 2 along the normal of each straight edge.
  expect(
    edgeContrast(
      grey((x, y) => 2 * x + 2 * y),
      size,
      mask,
    ),
  ).toBeCloseTo(1, 0);
  const ripple = (x: number) => (x % 4 < 2 ? 100 : 104);
  const seamless = edgeContrast(grey(ripple), size, mask);
  const stepped = edgeContrast(
    grey((x, y) => ripple(x) + (x >= 14 && x < 50 && y >= 10 && y < 38 ? 60 : 0)),
    size,
    mask,
  );
  expect(seamless).toBeLessThan(1.2);
  expect(stepped).toBeGreaterThan(3 * seamless);
});

it('a seam is the step to its column over the steps beyond it', () => {
  // Steps of 2 everywhere, of 6 at column 40.
  expect(
    seamContrast(
      grey((x) => 2 * x + (x >= 40 ? 4 : 0)),
      size,
      40,
    ),
  ).toBeCloseTo(3, 5);
});
