import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ByteRange, firstGap, prefixLength, totalLength, withRange } from './byte-ranges';

const SIZE = 40;
const someRange = fc
  .tuple(fc.nat(SIZE), fc.nat(SIZE))
  .map(([a, b]): ByteRange => ({ start: Math.min(a, b), end: Math.max(a, b) }));

/** The same by a flag a byte. */
function flags(ranges: readonly ByteRange[]): boolean[] {
  return Array.from({ length: SIZE }, (_, at) => ranges.some(({ start, end }) => at >= start && at < end));
}

it('holds every byte that was added once, in order and without touching ranges', () => {
  fc.assert(
    fc.property(fc.array(someRange), (added) => {
      const ranges = added.reduce<ByteRange[]>(withRange, []);
      const there = flags(added);
      expect(flags(ranges)).toEqual(there);
      expect(totalLength(ranges)).toBe(there.filter(Boolean).length);
      for (const [i, { start }] of ranges.entries()) if (i > 0) expect(start).toBeGreaterThan(ranges[i - 1].end);
      const missing = there.indexOf(false);
      expect(prefixLength(ranges)).toBe(missing === -1 ? SIZE : missing);
      const gap = firstGap(ranges, SIZE, 7);
      const next = there.indexOf(true, missing);
      const end = Math.min(next === -1 ? SIZE : next, missing + 7);
      expect(gap).toEqual(missing === -1 ? undefined : { start: missing, end });
    }),
  );
});
