import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaQuantile, regularisedBeta } from './incomplete-beta';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const shape = fc.double({ min: 0.05, max: 50, noNaN: true });

describe('regularised incomplete beta function', () => {
  // DLMF 8.17: I_x(a, 1) = x^a, I_x(1, b) = 1 - (1 - x)^b, I_x(1/2, 1/2) = 2/pi arcsin sqrt x.
  it.each([0.001, 0.2, 0.5, 0.77, 0.999])('has its closed forms at x = %f', (x) => {
    for (const a of [0.1, 1, 3, 40]) {
      expect(regularisedBeta(x, a, 1)).toBeCloseTo(x ** a, 13);
      expect(regularisedBeta(x, 1, a)).toBeCloseTo(1 - (1 - x) ** a, 13);
    }
    expect(regularisedBeta(x, 0.5, 0.5)).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 13);
  });
  it.each([
    // mpmath 1.3 at 40 digits: betainc(a, b, 0, x, regularized=True)
    [0.6, 0.6, 1e-9, 2.7470699572495195e-6],
    [0.6, 0.6, 0.2, 0.27136793282658245],
    [0.05, 0.05, 0.5, 0.5],
    [5, 2, 0.8, 0.6553600000000002],
    [80, 90, 0.5, 0.7790749157559086],
    [2, 0.5, 0.999, 0.9525816464857751],
  ])('a = %f, b = %f, x = %f', (a, b, x, expected) => {
    expect(regularisedBeta(x, a, b) / expected).toBeCloseTo(1, 12);
  });
  it('mirrors: I_x(a, b) = 1 - I_(1-x)(b, a)', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), shape, shape, (x, a, b) => {
        expect(regularisedBeta(x, a, b)).toBeCloseTo(1 - regularisedBeta(1 - x, b, a), 11);
      }),
    );
  });
  it('is 0 and 1 at the ends', () => {
    expect(regularisedBeta(0, 0.6, 2)).toBe(0);
    expect(regularisedBeta(1, 0.6, 2)).toBe(1);
  });
});

describe('beta quantile', () => {
  it.each([
    // mpmath 1.3 at 40 digits: betainc inverted by bisection
    [0.6, 0.6, 1e-12, 1.8558824624914106e-20],
    [0.05, 0.3, 0.1, 1.4691570638953812e-19],
    [5, 2, 0.0001, 0.11296855606792443],
    [100, 0.1, 0.25, 0.999645404858597],
    [0.1, 100, 0.9, 0.002669992025364134],
    [1000, 3000, 0.77, 0.25503946156452145],
  ])('a = %f, b = %f, q = %f', (a, b, q, expected) => {
    expect(betaQuantile(q, a, b) / expected).toBeCloseTo(1, 12);
  });
  it('is 0 and 1 at the ends', () => {
    expect(betaQuantile(0, 0.6, 2)).toBe(0);
    expect(betaQuantile(1, 0.6, 2)).toBe(1);
  });
  it('inverts it', () => {
    fc.assert(
      fc.property(share, shape, shape, (q, a, b) => {
        const x = betaQuantile(q, a, b);
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThanOrEqual(1);
        // Near 1 a double of x cannot tell q apart.
        if (x < 0.999) expect(regularisedBeta(x, a, b)).toBeCloseTo(q, 11);
      }),
      { numRuns: 500 },
    );
  });
});
