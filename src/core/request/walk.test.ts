import { describe, expect, it } from 'vitest';
import { seededNormal } from '../random';
import { slerp, statesBetween } from './walk';

const length = (x: ArrayLike<number>) => Math.hypot(...Array.from(x));
const angle = (x: Float64Array, y: Float64Array) =>
  Math.acos(x.reduce((sum, value, i) => sum + value * y[i], 0) / (length(x) * length(y)));

describe('slerp', () => {
  const from = Float64Array.of(3, 0, 0);
  const to = Float64Array.of(0, 3, 0);

  it('keeps the length and divides the angle evenly', () => {
    for (const share of [0.1, 0.25, 0.5, 0.9]) {
      const between = slerp(from, to, share);
      expect(length(between)).toBeCloseTo(3, 12);
      expect(angle(from, between)).toBeCloseTo((share * Math.PI) / 2, 12);
    }
  });

  it('begins and ends exactly where it is told', () => {
    const [a, b] = [seededNormal(1)(64), seededNormal(2)(64)];
    expect(slerp(a, b, 0)).toEqual(a);
    expect(slerp(a, b, 1)).toEqual(b);
  });

  it('takes the straight line where there is no great circle: the same, the opposite, nothing', () => {
    expect(Array.from(slerp(from, from, 0.25))).toEqual([3, 0, 0]);
    expect(Array.from(slerp(from, Float64Array.of(-3, 0, 0), 0.5))).toEqual([0, 0, 0]);
    expect(Array.from(slerp(new Float64Array(2), Float64Array.of(0, 1), 0.5))).toEqual([0, 0.5]);
  });
});

describe('a walk', () => {
  it('keeps the variance of noise all the way', () => {
    const noise = slerp(seededNormal(5)(10_000), seededNormal(6)(10_000), 0.5);
    // The deviation of a sample variance of 10,000 normals is 0.014.
    expect(length(noise) ** 2 / noise.length).toBeCloseTo(1, 1);
  });

  it('mixes states in a straight line and refuses those of other lengths', () => {
    expect(Array.from(statesBetween(Float32Array.of(0, 4), Float32Array.of(2, 0), 0.25))).toEqual([0.5, 3]);
    expect(() => statesBetween(new Float32Array(2), new Float32Array(3), 0.5)).toThrow('do not mix');
  });
});
