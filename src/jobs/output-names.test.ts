import { expect, it } from 'vitest';
import { outputNames } from './output-names';

it('keeps a picture’s name, and the ending of those that would share one', () => {
  const names = outputNames(['a.JPG', 'b.png', 'c.old.webp', 'd.jpg', 'D.webp', 'é 1.avif']);
  expect([...names.values()]).toEqual(['a.png', 'b.png', 'c.old.png', 'd.jpg.png', 'D.webp.png', 'é 1.png']);
  expect(new Set([...names.values()].map((name) => name.toLowerCase())).size).toBe(6);
});
