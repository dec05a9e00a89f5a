import { guided } from '../guidance';
import { type NoiseLevel, varianceExploding } from '../noise-level';
import type { Denoiser, Latent } from '../types';

/** Data whose every diffusion quantity is known exactly: a mixture of isotropic Gaussians (the goldens', the lab's). */
export interface Mixture {
  weights: number[];
  /** One row per component. */
  means: number[][];
  /** One number per component: its deviation in every dimension. */
  stds: number[];
}

export type GoldenDenoiser =
  | { kind: 'mixture'; mixture: string }
  | { kind: 'cfg'; cond: string; uncond: string; scale: number };

/** Variance of x along each dimension if it came from component k: signal^2 s_k^2 + noise^2. */
function componentVariance(k: number, { signal, noise }: NoiseLevel, { stds }: Mixture): number {
  return signal ** 2 * stds[k] ** 2 + noise ** 2;
}

/** log(w_k N(x; signal mu_k, v_k I)) of each component. */
function logJoint(x: ArrayLike<number>, level: NoiseLevel, mixture: Mixture): number[] {
  return mixture.weights.map((weight, k) => {
    const variance = componentVariance(k, level, mixture);
    const mean = mixture.means[k];
    const distance = mean.reduce((sum, mu, i) => sum + (x[i] - level.signal * mu) ** 2, 0);
    return Math.log(weight) - distance / (2 * variance) - (mean.length / 2) * Math.log(2 * Math.PI * variance);
  });
}

/** log(sum exp(values)), without overflow. */
function logSumExp(values: readonly number[]): number {
  const top = Math.max(...values);
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}

/** log p(k | x): log of how likely each component is to have made x. A noise-aware classifier, known exactly. */
export function logResponsibilities(x: ArrayLike<number>, level: NoiseLevel, mixture: Mixture): number[] {
  const logs = logJoint(x, level, mixture);
  const total = logSumExp(logs);
  return logs.map((log) => log - total);
}

/** p(k | x), one number per component, together 1. */
export function responsibilities(x: ArrayLike<number>, level: NoiseLevel, mixture: Mixture): number[] {
  return logResponsibilities(x, level, mixture).map(Math.exp);
}

/** log q(x), in nats: the density of the mixture diffused to this level. */
export function logDensity(x: ArrayLike<number>, level: NoiseLevel, mixture: Mixture): number {
  return logSumExp(logJoint(x, level, mixture));
}

/** grad log q(x, k) of one component: -(x - signal mu_k) / v_k. */
function componentScore(x: ArrayLike<number>, k: number, level: NoiseLevel, mixture: Mixture): Float64Array {
  const variance = componentVariance(k, level, mixture);
  return Float64Array.from(mixture.means[k], (mu, i) => (level.signal * mu - x[i]) / variance);
}

/** Sum over components of p(k | x) times a vector of each. */
function expectation(x: ArrayLike<number>, level: NoiseLevel, mixture: Mixture, of: (k: number) => Float64Array) {
  const out = new Float64Array(x.length);
  for (const [k, share] of responsibilities(x, level, mixture).entries()) {
    const vector = of(k);
    for (let i = 0; i < out.length; i++) out[i] += share * vector[i];
  }
  return out;
}

/** grad log q(x); defined without noise too, where the mixture itself is smooth. */
export function mixtureScore(x: ArrayLike<number>, level: NoiseLevel, mixture: Mixture): Float64Array {
  return expectation(x, level, mixture, (k) => componentScore(x, k, level, mixture));
}

/** E[x0 | x], the best denoiser: the components' posterior means, weighted by how likely each is. */
export function posteriorExpectation(x: ArrayLike<number>, level: NoiseLevel, mixture: Mixture): Float64Array {
  return expectation(x, level, mixture, (k) => {
    const pull = (level.signal * mixture.stds[k] ** 2) / componentVariance(k, level, mixture);
    return Float64Array.from(mixture.means[k], (mu, i) => mu + pull * (x[i] - level.signal * mu));
  });
}

/**
 * grad log p(k | x), the gradient that classifier guidance takes (Dhariwal and Nichol 2021): grad log q(x, k) - grad
 * log q(x).
 */
export function classifierGradient(x: ArrayLike<number>, k: number, level: NoiseLevel, mixture: Mixture): Float64Array {
  const score = mixtureScore(x, level, mixture);
  return componentScore(x, k, level, mixture).map((own, i) => own - score[i]);
}

/** E[x0 | x] for x = x0 + sigma noise, x0 drawn from the mixture. */
export function mixtureMean(x: ArrayLike<number>, sigma: number, mixture: Mixture): Float64Array {
  return posteriorExpectation(x, varianceExploding(sigma), mixture);
}

/** The denoiser that a golden case names. */
export function goldenDenoiser(spec: GoldenDenoiser, mixtures: Record<string, Mixture>): Denoiser {
  const mean = (name: string, x: Latent, sigma: number) => mixtureMean(x, sigma, mixtures[name]);
  switch (spec.kind) {
    case 'mixture':
      return async (x, sigma) => ({ x0: mean(spec.mixture, x, sigma) });
    case 'cfg':
      return async (x, sigma) => {
        const uncond = mean(spec.uncond, x, sigma);
        return { x0: guided(mean(spec.cond, x, sigma), uncond, spec.scale), uncond };
      };
    default:
      spec satisfies never;
      throw new RangeError('Unknown golden denoiser.');
  }
}
