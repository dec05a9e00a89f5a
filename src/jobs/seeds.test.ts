import { expect, it } from 'vitest';
import { resolveSeed } from './seeds';

it('draws a seed where a random one is asked for, and keeps any other', () => {
  expect(resolveSeed(-1, () => 7)).toBe(7);
  expect(resolveSeed(0, () => 7)).toBe(0);
});
