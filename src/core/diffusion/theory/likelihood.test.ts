import { describe, expect, it } from 'vitest';
import { approximateNormalCdf, logLikelihoods, normalKl } from './likelihood';
import { erfc, logNormalCdf, normalBetween, normalCdf } from './normal-cdf';

describe('the normal distribution function', () => {
  // C's erfc, as Python's math.erfc prints it.
  it.each([
    [-3, 1.9999779095030015],
    [-0.3, 1.3286267594591274],
    [0, 1],
    [1e-9, 0.9999999988716208],
    [0.1, 0.8875370839817152],
    [0.9999, 0.15734072195124052],
    [1, 0.15729920705028513],
    [1.0001, 0.1572577004514797],
    [2, 0.004677734981047265],
    [5, 1.5374597944280351e-12],
    [10, 2.088487583762545e-45],
    [26, 5.663192408856143e-296],
  ])('erfc(%d)', (x, expected) => {
    expect(erfc(x) / expected).toBeCloseTo(1, 13);
  });

  it('keeps its logarithm where the probability is no longer a number', () => {
    const z = 60; // asymptotic series of Mills' ratio (DLMF 7.12.1)
    const series = 1 - 1 / z ** 2 + 3 / z ** 4 - 15 / z ** 6;
    const expected = -(z ** 2) / 2 - Math.log(z * Math.sqrt(2 * Math.PI)) + Math.log(series);
    expect(normalCdf(-z)).toBe(0);
    expect(logNormalCdf(-z)).toBeCloseTo(expected, 9);
    expect(logNormalCdf(9)).toBeCloseTo(-normalCdf(-9), 30);
  });

  it('measures an interval the same in either tail', () => {
    expect(normalBetween(6, 7)).toBe(normalBetween(-7, -6));
    expect(normalBetween(-1, 1)).toBeCloseTo(0.6826894921370859, 14); // the 68 of "68-95-99.7"
  });

  it('by tanh is within 3e-4 everywhere', () => {
    for (let z = -6; z <= 6; z += 0.01) expect(Math.abs(approximateNormalCdf(z) - normalCdf(z))).toBeLessThan(3e-4);
  });
});

describe('the discretised likelihood', () => {
  const bytes = Float64Array.from({ length: 256 }, (_, i) => i / 127.5 - 1);
  const total = (mean: number, scale: number, cdf: 'tanh' | 'exact') => {
    const fill = (value: number) => new Float64Array(256).fill(value);
    const logs = logLikelihoods(bytes, fill(mean), fill(Math.log(scale)), cdf);
    return logs.reduce((sum, log) => sum + Math.exp(log), 0);
  };
  it.each([
    [0, 0.3],
    [0.9, 0.5],
    [-1.4, 2],
    [0.123, 0.02],
  ])('of all 256 bytes together is 1: mean %d, deviation %d', (mean, scale) => {
    expect(total(mean, scale, 'exact')).toBeCloseTo(1, 9); // impossible bytes count as 1e-12 each
    expect(total(mean, scale, 'tanh')).toBeCloseTo(1, 9);
  });
});

describe('the divergence of two Gaussians', () => {
  it('is 0 for the same, positive for any other, however near', () => {
    expect(normalKl(0.3, -2, 0.3, -2)).toBe(0);
    for (const by of [1e-9, -1e-9, 1e-4, 0.5]) expect(normalKl(0, by, 0, 0)).toBeGreaterThan(0);
    expect(normalKl(0, 1e-6, 0, 0) / (1e-12 / 4)).toBeCloseTo(1, 5); // second order: (log ratio)^2 / 4
  });

  it('is the integral of p log(p / q)', () => {
    const [a, b] = [
      { mean: 0.4, log: -0.7 },
      { mean: -0.2, log: 0.3 },
    ];
    const log = (x: number, g: typeof a) =>
      -((x - g.mean) ** 2) / (2 * Math.exp(g.log)) - g.log / 2 - Math.log(2 * Math.PI) / 2;
    const h = 0.001;
    let sum = 0;
    for (let x = -12; x <= 12; x += h) sum += Math.exp(log(x, a)) * (log(x, a) - log(x, b)) * h;
    expect(normalKl(a.mean, a.log, b.mean, b.log)).toBeCloseTo(sum, 9);
  });
});
