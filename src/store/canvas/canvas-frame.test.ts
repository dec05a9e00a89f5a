import { expect, it } from 'vitest';
import { paintingSize } from './canvas-frame';

it('paints a frame at its own size where the model is at home, else at the model’s number of pixels in the frame’s ratio', () => {
  const own = { width: 512, height: 512 };
  expect(paintingSize({ width: 512, height: 640 }, own)).toEqual({ width: 512, height: 640 });
  expect(paintingSize({ width: 511, height: 512 }, own)).toEqual({ width: 512, height: 512 });
  // 4000 x 3000: 512^2 pixels in 4:3 are 591 x 443, on the grid of 32 pixels 576 x 448.
  expect(paintingSize({ width: 4000, height: 3000 }, own)).toEqual({ width: 576, height: 448 });
  expect(paintingSize({ width: 64, height: 64 }, own)).toEqual({ width: 512, height: 512 });
  expect(paintingSize({ width: 8192, height: 64 }, own)).toEqual({ width: 2048, height: 64 });
});
