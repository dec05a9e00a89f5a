import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededNormal } from '../../random';
import { brownianNoise } from './brownian';

const RANGE = [0.03, 14.6] as const;
const path = (seed: number, n = 4) => brownianNoise(seed, RANGE, n, (node, count) => seededNormal(node, 'nv')(count));
const level = fc.double({ min: RANGE[0], max: RANGE[1], noNaN: true });

describe('Brownian noise', () => {
  it('of a step is the weighted sum of the noises of the steps it is split into', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), level, level, level, (seed, a, b, c) => {
        const [low, middle, high] = [a, b, c].sort((x, y) => x - y);
        fc.pre(middle - low > 1e-6 && high - middle > 1e-6);
        const noise = path(seed);
        const whole = noise(high, low);
        const [first, second] = [noise(high, middle), noise(middle, low)];
        for (let i = 0; i < whole.length; i++) {
          const sum = first[i] * Math.sqrt(high - middle) + second[i] * Math.sqrt(middle - low);
          expect(whole[i] * Math.sqrt(high - low)).toBeCloseTo(sum, 4);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is the same in whatever order, and with whatever others, it is asked for', () => {
    const one = path(7);
    for (const sigma of [9, 0.5, 3]) one(sigma, 0.1);
    expect(one(5, 2)).toEqual(path(7)(5, 2));
    expect(path(8)(5, 2)).not.toEqual(path(7)(5, 2));
  });

  it('is standard normal and independent from step to step', () => {
    const noise = path(1, 40_000);
    const steps = [14.6, 9.1, 5.4, 3.1, 1.7, 0.9, 0.4, 0.2, 0.08, 0.03];
    const drawn = steps.slice(1).map((next, i) => noise(steps[i], next));
    const product = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).reduce((sum, v, i) => sum + v * b[i], 0) / a.length;
    for (const [i, z] of drawn.entries()) {
      expect(product(z, new Float64Array(z.length).fill(1)), `mean of ${i}`).toBeCloseTo(0, 1.5);
      expect(product(z, z), `variance of ${i}`).toBeCloseTo(1, 1.2);
      for (const other of drawn.slice(0, i)) expect(Math.abs(product(z, other))).toBeLessThan(0.03);
    }
  });

  it('overlapping steps share what they have in common', () => {
    const noise = path(2, 40_000);
    const [a, b] = [noise(10, 4), noise(10, 1)];
    const correlation = Array.from(a).reduce((sum, v, i) => sum + v * b[i], 0) / a.length;
    expect(correlation).toBeCloseTo(Math.sqrt(6 / 9), 1.3); // sqrt(overlap / longer step)
  });
});
