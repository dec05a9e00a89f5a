import { expect, it } from 'vitest';
import { paintingSize } from './canvas-frame';

it('paints a frame at its own size where the model is at home, else at about the model’s number of pixels in its ratio', () => {
  const own = { width: 512, height: 512 };
  expect(paintingSize({ width: 512, height: 640 }, own)).toEqual({ width: 512, height: 640 });
  expect(paintingSize({ width: 511, height: 512 }, own)).toEqual({ width: 512, height: 512 });
  // 4000 x 3000: 512^2 pixels in 4:3 are 591 x 443. On the grid of 32 pixels the nearest is 576 x 448, 3.7 % too high;
  // on that of 16 it is 576 x 432, which is 4:3 exactly.
  expect(paintingSize({ width: 4000, height: 3000 }, own)).toEqual({ width: 576, height: 432 });
  // Outpainted twice with a model of 256 pixels: 5:4 exactly, where 288 x 224 would be 2.9 % too wide.
  expect(paintingSize({ width: 640, height: 512 }, { width: 256, height: 256 })).toEqual({ width: 280, height: 224 });
  // A ratio that the coarsest grid has stays on it.
  expect(paintingSize({ width: 2048, height: 1024 }, own)).toEqual({ width: 704, height: 352 });
  expect(paintingSize({ width: 64, height: 64 }, own)).toEqual({ width: 512, height: 512 });
  expect(paintingSize({ width: 8192, height: 64 }, own)).toEqual({ width: 2048, height: 16 });
});
