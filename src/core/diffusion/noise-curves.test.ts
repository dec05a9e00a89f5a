import { describe, expect, it } from 'vitest';
import { diffused, logSnr } from './noise-curves';
import { betasFrom, cumulativeAlphas, linearBetas, sigmaTable } from './noise-schedules';

const betas = linearBetas(1e-4, 0.02, 1000);
const abar = cumulativeAlphas(betas);

describe('noise curves', () => {
  it('betas come back from their cumulative products', () => {
    const back = betasFrom(abar);
    expect(Math.max(...back.map((beta, t) => Math.abs(beta - betas[t])))).toBeLessThan(1e-12);
  });

  it('log-SNR is -2 ln sigma, falls, and crosses 0 where signal and noise are equal', () => {
    const curve = logSnr(abar);
    const { sigmas } = sigmaTable(abar);
    for (const [t, value] of curve.entries()) expect(value).toBeCloseTo(-2 * Math.log(sigmas[t]), 9);
    expect(curve.every((value, t) => t === 0 || value < curve[t - 1])).toBe(true);
    expect(logSnr([0.5])[0]).toBe(0);
  });

  it('diffuses: all signal at abar 1, all noise at 0, and the variance stays 1 between', () => {
    const [x0, noise] = [Float64Array.of(1, -2), Float64Array.of(0.5, 3)];
    expect(Array.from(diffused(x0, noise, 1))).toEqual([1, -2]);
    expect(Array.from(diffused(x0, noise, 0))).toEqual([0.5, 3]);
    const [signal] = diffused(Float64Array.of(1), Float64Array.of(0), 0.36);
    const [rest] = diffused(Float64Array.of(0), Float64Array.of(1), 0.36);
    expect([signal, rest]).toEqual([0.6, 0.8]);
  });
});
