import { describe, expect, it } from 'vitest';
import { seededNormal } from '../random';
import { noiseFrom } from './denoisers';
import { classifierGuided, classifierShifted, composed, deviations, guidanceActs, guided, rescaled } from './guidance';
import { variancePreserving } from './noise-level';
import { classifierGradient, type Mixture, posteriorExpectation } from './theory/mixture';

// Numbers of the references are checked in src/cli/goldens/goldens.test.ts; here is what follows from the formulas.

const normal = seededNormal(12);
const draw = (n: number) => Float64Array.from(normal(n));
const [cond, uncond] = [draw(12), draw(12)];

function close(actual: ArrayLike<number>, expected: ArrayLike<number>) {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of Array.from(expected).entries()) expect(actual[i]).toBeCloseTo(value, 12);
}

describe('classifier-free guidance', () => {
  it('is the conditional prediction at scale 1, the other one at 0', () => {
    expect([...guided(cond, uncond, 1)]).toEqual([...cond]);
    expect([...guided(cond, uncond, 0)]).toEqual([...uncond]);
  });

  it('rescaled by phi 0 is itself; by 1 it has the deviation of the conditional prediction, picture by picture', () => {
    const output = guided(cond, uncond, 7.5);
    expect([...rescaled(output, cond, 0, 3)]).toEqual([...output]);
    close(deviations(rescaled(output, cond, 1, 3), 3), deviations(cond, 3));
    expect(deviations(output, 3)[0]).toBeGreaterThan(1.5 * deviations(cond, 3)[0]);
  });

  it('leaves a flat prediction alone, whose deviation is 0', () => {
    const flat = new Float64Array(12).fill(2);
    expect([...rescaled(flat, cond, 0.7)]).toEqual([...flat]);
  });

  it('acts within its interval: above the low end, up to the high one', () => {
    const interval = { low: 0.3, high: 5 };
    expect([0.1, 0.3, 0.31, 5, 5.1].map((sigma) => guidanceActs(sigma, interval))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
    expect(guidanceActs(80, { low: 0, high: Number.POSITIVE_INFINITY })).toBe(true);
  });
});

describe('several prompts', () => {
  it('one of weight 1 is plain guidance; two halves of the same are, too', () => {
    close(composed(uncond, [{ prediction: cond, weight: 1 }], 7), guided(cond, uncond, 7));
    const half = { prediction: cond, weight: 0.5 };
    close(composed(uncond, [half, half], 7), guided(cond, uncond, 7));
    expect([...composed(uncond, [], 7)]).toEqual([...uncond]);
  });
});

describe('classifier guidance', () => {
  const mixture: Mixture = {
    weights: [0.6, 0.4],
    means: [
      [1, -0.5],
      [-0.8, 0.3],
    ],
    stds: [0.4, 0.7],
  };
  const alone: Mixture = { weights: [1], means: [mixture.means[1]], stds: [mixture.stds[1]] };
  const level = variancePreserving(0.4);
  const x = draw(2);
  const eps = noiseFrom(x, level, posteriorExpectation(x, level, mixture));
  const gradient = classifierGradient(x, 1, level, mixture);

  it('by the true classifier, at scale 1, is the denoiser of that class alone (Bayes)', () => {
    const own = noiseFrom(x, level, posteriorExpectation(x, level, alone));
    close(classifierGuided(eps, gradient, level.noise, 1), own);
  });

  it('moves the mean of a step along the gradient, by its variance', () => {
    close(classifierShifted(x, gradient, 0.01, 3), [x[0] + 0.03 * gradient[0], x[1] + 0.03 * gradient[1]]);
  });
});
