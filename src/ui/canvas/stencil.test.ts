import { expect, it } from 'vitest';
import { blankMask } from '../../core/image/picture';
import { stencilOf } from './stencil';

const alphaOf = (rgba: Uint8ClampedArray) => [...rgba].filter((_, i) => i % 4 === 3);

it('shows of a preview what the mask lets change, at the preview’s size', () => {
  // 4 x 2, the right half masked.
  const mask = { ...blankMask({ width: 4, height: 2 }), data: Uint8Array.of(0, 0, 255, 255, 0, 0, 255, 128) };
  const whole = { x: 0, y: 0, width: 4, height: 2 };
  expect(alphaOf(stencilOf(mask, whole, { width: 4, height: 2 }, false))).toEqual([...mask.data]);
  expect(alphaOf(stencilOf(mask, whole, { width: 4, height: 2 }, true))).toEqual([...mask.data].map((v) => 255 - v));
  expect(alphaOf(stencilOf(mask, whole, { width: 2, height: 1 }, false))).toEqual([0, 128]);
  // "Only masked" paints a part, here one that reaches a pixel beyond the mask.
  const part = { x: 3, y: 0, width: 2, height: 2 };
  expect(alphaOf(stencilOf(mask, part, { width: 4, height: 2 }, false))).toEqual([255, 255, 0, 0, 128, 128, 0, 0]);
});
