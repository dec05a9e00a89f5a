import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withProducts } from './matrix-product';

const wave = (length: number, step: number) => Float32Array.from({ length }, (_, i) => Math.sin(step * i + 1));

function expectSum(rows: number, ranks: number, columns: number, scale: number): void {
  const [values, left, right] = [wave(rows * columns, 0.7), wave(rows * ranks, 1.3), wave(ranks * columns, 2.9)];
  const sum = (i: number) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    let total = 0;
    for (let r = 0; r < ranks; r++) total += left[row * ranks + r] * right[r * columns + column];
    return values[i] + scale * total;
  };
  const expected = Array.from(values, (_, i) => sum(i));
  const sums = withProducts(rows, columns, [{ left, right, scale }], (memory) => memory.set(values));
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(sums[i] - expected[i]));
  // Sums of `ranks` terms of at most `scale`, in float32.
  expect(largest).toBeLessThan(1e-7 * (4 + 2 * ranks * Math.abs(scale)));
}

it('adds left times right, at any size', () => {
  const side = fc.integer({ min: 1, max: 70 });
  fc.assert(fc.property(side, side, side, fc.constantFrom(1, -0.5, 0), expectSum), { numRuns: 100 });
});

it('takes more memory when it is needed', () => {
  expectSum(3, 2, 40_000, 0.8);
  expectSum(1500, 3, 800, 0.8);
});
