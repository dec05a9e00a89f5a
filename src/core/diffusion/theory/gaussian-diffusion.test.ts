import { describe, expect, it } from 'vitest';
import { linspace, meanSquaredError } from '../../array';
import { seededNormal } from '../../random';
import { cleanFrom } from '../denoisers';
import { diffused } from '../noise-level';
import { betasFrom, cosineBetas, linearBetas } from '../noise-schedules';
import type { Latent } from '../types';
import {
  boundTerm,
  chainLevel,
  diffusionChain,
  modelLogVariance,
  modelStep,
  posteriorLogVariance,
  posteriorMean,
  posteriorVariance,
  priorTerm,
  stepLevel,
  variationalBound,
} from './gaussian-diffusion';
import { type Mixture, posteriorExpectation } from './mixture';

// The formulas' own numbers are checked against improved-diffusion in src/cli/goldens/goldens.test.ts.

const CHAIN = diffusionChain(linearBetas(1e-4, 0.02, 1000));
const normal = seededNormal(21);
const draw = (n: number) => Float64Array.from(normal(n));

describe('the chain', () => {
  it('splits variance 1 between picture and noise', () => {
    for (const chain of [CHAIN, diffusionChain(cosineBetas(100))])
      for (const [t, abar] of chain.alphasCumprod.entries()) expect(abar + chain.variances[t]).toBeCloseTo(1, 13);
  });

  it('is its steps one after another, in closed form', () => {
    let [mean, variance] = [Float64Array.of(3), 0];
    for (let t = 0; t < 1000; t++) {
      const { signal, noise } = stepLevel(CHAIN, t);
      mean = diffused(mean, Float64Array.of(0), { signal, noise });
      variance = signal ** 2 * variance + noise ** 2;
      if (t % 100 !== 99) continue;
      const level = chainLevel(CHAIN, t);
      expect(mean[0] / (3 * level.signal)).toBeCloseTo(1, 12);
      expect(variance / level.noise ** 2).toBeCloseTo(1, 12);
    }
  });

  it('keeps every digit of the first variance, which is beta itself', () => {
    expect(CHAIN.variances[0]).toBe(1e-4); // 1 - abar has only 12 of them
  });

  it('of some steps stands where the whole one does', () => {
    const steps = [10, 300, 999];
    const strided = diffusionChain(betasFrom(CHAIN.alphasCumprod, steps));
    for (const [i, t] of steps.entries()) expect(strided.variances[i]).toBeCloseTo(CHAIN.variances[t], 13);
  });

  it('refuses one step, and a beta that is no variance', () => {
    expect(() => diffusionChain([0.1])).toThrow(/at least two/);
    expect(() => diffusionChain([0.1, 1.2])).toThrow(/beta 1.2 of step 1/);
    expect(() => diffusionChain([0, 0.1])).toThrow(/beta 0 of step 0/);
    expect(() => diffusionChain([0.1, Number.NaN])).toThrow(/beta NaN/);
  });
});

describe('the posterior', () => {
  it.each([1, 50, 999])('at t = %i is what Bayes makes of the two forward steps, on a grid', (t) => {
    const [x0, x] = [0.7, -0.2 + 0.9 * Math.sqrt(CHAIN.alphasCumprod[t])];
    const [before, step] = [chainLevel(CHAIN, t - 1), stepLevel(CHAIN, t)];
    const log = (y: number) =>
      -((x - step.signal * y) ** 2) / (2 * step.noise ** 2) - (y - before.signal * x0) ** 2 / (2 * before.noise ** 2);
    const mean = posteriorMean(CHAIN, t, Float64Array.of(x0), Float64Array.of(x))[0];
    const variance = posteriorVariance(CHAIN, t);
    const width = 12 * Math.sqrt(variance);
    const grid = linspace(mean - width, mean + 1.1 * width, 4001); // lopsided: its middle is not the answer
    const top = Math.max(...grid.map(log));
    const mass = grid.map((y) => Math.exp(log(y) - top));
    const total = mass.reduce((sum, p) => sum + p, 0);
    const average = (of: (y: number) => number) => mass.reduce((sum, p, i) => sum + p * of(grid[i]), 0) / total;
    expect((average((y) => y) - mean) / Math.sqrt(variance)).toBeCloseTo(0, 9);
    expect(average((y) => (y - mean) ** 2) / variance).toBeCloseTo(1, 9);
  });

  it('is certain at t = 0: x0 itself, variance 0, whose logarithm is that of t = 1', () => {
    const [x0, x] = [draw(3), draw(3)];
    expect([...posteriorMean(CHAIN, 0, x0, x)]).toEqual([...x0]);
    expect(posteriorVariance(CHAIN, 0)).toBe(0);
    expect(posteriorLogVariance(CHAIN, 0)).toBe(Math.log(posteriorVariance(CHAIN, 1)));
  });
});

describe('the model’s variance', () => {
  it('learned, is the small one at -1, the large one at 1, and between them in logs', () => {
    const range = modelLogVariance(CHAIN, 40, 'learned_range', 3, Float64Array.of(-1, 1, 0));
    const [small] = modelLogVariance(CHAIN, 40, 'fixed_small', 1);
    const [large] = modelLogVariance(CHAIN, 40, 'fixed_large', 1);
    expect(small).toBeLessThan(large);
    for (const [i, value] of [small, large, (small + large) / 2].entries()) expect(range[i]).toBeCloseTo(value, 14);
  });

  it('learned, needs a model that says it', () => {
    expect(() => modelLogVariance(CHAIN, 40, 'learned_range', 3)).toThrow(/twice the channels/);
  });
});

describe('the bound', () => {
  const x0 = Float64Array.of(-0.5, 0.25, 0.75, -1);

  it('is 0 where the model knows x0 and has the posterior’s variance', () => {
    const x = diffused(x0, draw(4), chainLevel(CHAIN, 300));
    expect(boundTerm(CHAIN, 300, x0, x, modelStep(CHAIN, 300, x, { x0 }, { varianceType: 'fixed_small' }))).toBe(0);
  });

  it('is the weighted squared error of eps: (1 - alpha)^2 / (2 Sigma alpha (1 - abar)) (Ho et al. 2020, equation 12)', () => {
    const t = 120;
    const [noise, said] = [draw(4), draw(4)];
    const x = diffused(x0, noise, chainLevel(CHAIN, t));
    const guess = cleanFrom('epsilon', x, chainLevel(CHAIN, t), said);
    const bits = boundTerm(CHAIN, t, x0, x, modelStep(CHAIN, t, x, { x0: guess }, { varianceType: 'fixed_small' }));
    const beta = CHAIN.betas[t];
    const weight = beta ** 2 / (2 * posteriorVariance(CHAIN, t) * (1 - beta) * CHAIN.variances[t]);
    expect(bits / ((weight * meanSquaredError(said, noise)) / Math.LN2)).toBeCloseTo(1, 10);
  });

  it('of clipped predictions is that of x0 within -1..1', () => {
    const x = diffused(x0, draw(4), chainLevel(CHAIN, 5));
    const wild = Float64Array.of(-3, 0.2, 1.4, 0);
    const { mean } = modelStep(CHAIN, 5, x, { x0: wild }, { varianceType: 'fixed_small', clip: true });
    expect([...mean]).toEqual([...posteriorMean(CHAIN, 5, Float64Array.of(-1, 0.2, 1, 0), x)]);
  });

  it('prior: next to nothing is left of x0 after 1000 steps, much after the first 10 of them', () => {
    expect(priorTerm(CHAIN, x0)).toBeLessThan(2e-5);
    expect(priorTerm(diffusionChain(CHAIN.betas.slice(0, 10)), x0)).toBeGreaterThan(1);
  });

  it('of the best denoiser lies above the data’s true code length and below that of a worse one', async () => {
    // Bytes of a mixture of two Gaussians; their true negative log likelihood per byte, in bits, is the mixture's
    // density times 2/255.
    const mixture: Mixture = { weights: [0.5, 0.5], means: [[-0.4], [0.5]], stds: [0.1, 0.2] };
    const chain = diffusionChain(linearBetas(1e-4 * 5, 0.02 * 5, 200));
    const best = async (x: Latent, t: number) => ({ x0: posteriorExpectation(x, chainLevel(chain, t), mixture) });
    const worse = async (x: Latent, t: number) => ({
      x0: posteriorExpectation(x, chainLevel(chain, t), { ...mixture, means: [[-0.6], [0.8]] }),
    });
    const mean = { best: 0, worse: 0, truth: 0 };
    const pictures = 60;
    for (let k = 0; k < pictures; k++) {
      const [z] = draw(1);
      const value = k % 2 === 0 ? -0.4 + 0.1 * z : 0.5 + 0.2 * z;
      const byte = Float64Array.of(Math.round(127.5 * (value + 1)) / 127.5 - 1);
      const noises = Array.from({ length: 200 }, () => draw(1));
      const options = { varianceType: 'fixed_large' } as const;
      mean.best += (await variationalBound(chain, byte, best, noises, options)).total / pictures;
      mean.worse += (await variationalBound(chain, byte, worse, noises, options)).total / pictures;
      const density = [0, 1].reduce((sum, c) => {
        const d = (byte[0] - mixture.means[c][0]) / mixture.stds[c];
        return sum + (0.5 * Math.exp((-d * d) / 2)) / (mixture.stds[c] * Math.sqrt(2 * Math.PI));
      }, 0);
      mean.truth -= Math.log2((density * 2) / 255) / pictures;
    }
    expect(mean.best).toBeGreaterThan(mean.truth);
    expect(mean.best).toBeLessThan(mean.truth + 1);
    expect(mean.worse).toBeGreaterThan(mean.best + 0.2);
  });
});
