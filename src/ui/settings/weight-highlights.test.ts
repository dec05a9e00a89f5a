import { expect, it } from 'vitest';
import { tintOf } from './weight-highlights';

it.each([
  [1, undefined],
  // What (a) in [b] comes to: 1.1 times 1 / 1.1, rounded twice.
  [1.1 * (1 / 1.1), undefined],
  [1.1, 'weight-more-1'],
  [1.21, 'weight-more-2'],
  [1.331, 'weight-more-3'],
  [2, 'weight-more-4'],
  [1 / 1.1, 'weight-less-1'],
  [0.8, 'weight-less-2'],
  [0.7, 'weight-less-3'],
  [0.5, 'weight-less-4'],
  [0, 'weight-less-4'],
  [-1.2, 'weight-less-4'],
])('tints a weight of %d as %s', (weight, tint) => {
  expect(tintOf(weight)).toBe(tint);
});
