import { expect, it } from 'vitest';
import { spans } from './tiles';

it('covers an axis in parts of one length that share 16 cells', () => {
  expect(spans(128, 104)).toEqual([
    { from: 0, cells: 72 },
    { from: 56, cells: 72 },
  ]);
  expect(spans(64, 104)).toEqual([{ from: 0, cells: 64 }]);
  for (let length = 20; length < 300; length++) {
    const parts = spans(length, 40);
    expect(parts[0].from).toBe(0);
    expect(parts[parts.length - 1].from + parts[0].cells).toBe(length);
    for (const [i, { from, cells }] of parts.entries()) {
      expect(cells).toBeLessThanOrEqual(40);
      if (i > 0) expect(parts[i - 1].from + parts[i - 1].cells - from).toBeGreaterThanOrEqual(16);
    }
  }
});

it('has tiles of whole multiples that share what is asked, however the axis is long', () => {
  for (let length = 104; length < 400; length += 8) {
    const parts = spans(length, 96, { overlap: 32, multiple: 8 });
    expect(parts[parts.length - 1].from + parts[0].cells).toBe(length);
    for (const [i, { from, cells }] of parts.entries()) {
      expect([cells % 8, cells <= 96]).toEqual([0, true]);
      if (i > 0) expect(parts[i - 1].from + parts[i - 1].cells - from).toBeGreaterThanOrEqual(32);
    }
  }
});
