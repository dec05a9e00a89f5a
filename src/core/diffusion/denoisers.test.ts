import { describe, expect, it } from 'vitest';
import { seededNormal } from '../random';
import {
  cleanFrom,
  cleanFromScore,
  continuousTime,
  networkInput,
  noiseFrom,
  outputFor,
  type Prediction,
  scoreFrom,
} from './denoisers';
import { inCoordinates } from './latent-format';
import { abarOf, diffused, type NoiseLevel, sigmaOf, varianceExploding, variancePreserving } from './noise-level';
import {
  classifierGradient,
  logDensity,
  logResponsibilities,
  type Mixture,
  mixtureScore,
  posteriorExpectation,
  responsibilities,
} from './theory/mixture';

// The formulas' own numbers are checked against their references in src/cli/goldens/goldens.test.ts.

const MIXTURE: Mixture = {
  weights: [0.2, 0.5, 0.3],
  means: [
    [0.4, -0.7],
    [-1.1, 0.2],
    [0.9, 0.8],
  ],
  stds: [0.3, 0.5, 0.2],
};
const LEVELS: [string, NoiseLevel][] = [
  ['sigma 0.05', varianceExploding(0.05)],
  ['sigma 3', varianceExploding(3)],
  ['abar 0.97', variancePreserving(0.97)],
  ['abar 0.02', variancePreserving(0.02)],
  ['abar 0', variancePreserving(0)],
];
const KINDS: Prediction[] = ['epsilon', 'v_prediction', 'sample'];
const normal = seededNormal(4);
const draw = (n: number) => Float64Array.from(normal(n));

function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
}

/** Gradient by central differences. */
function slope(of: (x: Float64Array) => number, x: Float64Array): Float64Array {
  const h = 1e-5;
  return x.map((_, i) => {
    const moved = (by: number) => of(x.map((value, j) => (i === j ? value + by : value)));
    return (moved(h) - moved(-h)) / (2 * h);
  });
}

describe.each(LEVELS)('at %s', (_, level) => {
  const [x, x0] = [draw(5), draw(5)];

  it.each(KINDS)('%s to x0 undoes x0 to it', (kind) => {
    if (kind === 'epsilon' && level.signal === 0) return expect(noiseFrom(x, level, x0)).toEqual(x);
    expect(apart(cleanFrom(kind, x, level, outputFor(kind, x, level, x0)), x0)).toBeLessThan(1e-13);
  });

  it('the score is the slope of the log density, which the best denoiser implies (Tweedie)', () => {
    const y = draw(2);
    const score = mixtureScore(y, level, MIXTURE);
    expect(
      apart(
        score,
        slope((at) => logDensity(at, level, MIXTURE), y),
      ),
    ).toBeLessThan(1e-6);
    const mean = posteriorExpectation(y, level, MIXTURE);
    expect(apart(scoreFrom(y, level, mean), score)).toBeLessThan(1e-10);
    if (level.signal > 0) expect(apart(cleanFromScore(y, level, score), mean)).toBeLessThan(1e-12);
  });

  it('the classifier’s gradient is the slope of its logarithm, and its probabilities sum to 1', () => {
    const y = draw(2);
    for (const k of MIXTURE.weights.keys()) {
      const numeric = slope((at) => logResponsibilities(at, level, MIXTURE)[k], y);
      expect(apart(classifierGradient(y, k, level, MIXTURE), numeric)).toBeLessThan(1e-6);
    }
    expect(responsibilities(y, level, MIXTURE).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 14);
  });
});

it('the forward process is all signal at abar 1, all noise at 0, and keeps a variance of 1 between', () => {
  const [x0, noise] = [Float64Array.of(1, -2), Float64Array.of(0.5, 3)];
  expect([...diffused(x0, noise, variancePreserving(1))]).toEqual([1, -2]);
  expect([...diffused(x0, noise, variancePreserving(0))]).toEqual([0.5, 3]);
  expect(variancePreserving(0.36)).toEqual({ signal: 0.6, noise: 0.8 });
});

describe('the two coordinates', () => {
  const abar = 0.3;
  const vp = variancePreserving(abar);
  const ve = varianceExploding(sigmaOf(vp));
  const x = draw(4);
  const exploded = x.map((value) => value / Math.sqrt(abar));

  it('are the same state: abar and sigma, x scaled', () => {
    expect(abarOf(ve)).toBeCloseTo(abar, 14);
    expect(abarOf(vp)).toBeCloseTo(abar, 14);
    expect(apart(inCoordinates('variance-preserving', exploded, ve.noise), x)).toBeLessThan(1e-14);
    expect(apart(networkInput(exploded, ve.noise), x)).toBeLessThan(1e-14);
  });

  it.each(KINDS)('%s means the same x0 in both', (kind) => {
    const output = draw(4);
    expect(apart(cleanFrom(kind, x, vp, output), cleanFrom(kind, exploded, ve, output))).toBeLessThan(1e-13);
  });

  it('a continuous time is the cosine schedule’s: abar = cos^2(pi t / 2)', () => {
    for (const sigma of [0.01, 0.7, 5, 300])
      expect(Math.cos((Math.PI / 2) * continuousTime(sigma)) ** 2).toBeCloseTo(abarOf(varianceExploding(sigma)), 14);
  });
});
