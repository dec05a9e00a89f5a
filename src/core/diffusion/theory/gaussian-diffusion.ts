import { combine, meanSquaredError } from '../../array';
import { EaselError, said } from '../../errors';
import { clamped, noiseFrom } from '../denoisers';
import { diffused, type NoiseLevel } from '../noise-level';
import type { Denoised, Latent } from '../types';
import { type LikelihoodCdf, logLikelihoods, meanNormalKl } from './likelihood';

/**
 * The discrete diffusion of Ho et al. 2020 (DDPM) and its variational bound. Everything here is in variance-preserving
 * coordinates and time steps count from 0, as in improved-diffusion: t = 0 is the first step of noise, t = T - 1 the
 * last.
 */
export interface DiffusionChain {
  /** Variance of the noise that step t adds, 0 < beta <= 1. */
  readonly betas: Float64Array;
  /** abar_t: product of (1 - beta_s) for s <= t. */
  readonly alphasCumprod: Float64Array;
  /** 1 - abar_t, the variance of q(x_t | x_0). */
  readonly variances: Float64Array;
}

/**
 * The chain of a list of betas. Where abar is near 1, 1 - abar_t comes from the recursion (1 - beta_t)(1 - abar_(t-1))
 * + beta_t, which loses no digits there. The betas of a subset of steps (`betasFrom`) give the chain of a run that
 * visits only those.
 * @throws EaselError `bad-request` for fewer than two betas, or one outside 0..1.
 */
export function diffusionChain(betas: ArrayLike<number>): DiffusionChain {
  if (betas.length < 2) throw new EaselError('bad-request', said`A diffusion needs at least two betas.`);
  const chain = {
    betas: Float64Array.from(betas),
    alphasCumprod: new Float64Array(betas.length),
    variances: new Float64Array(betas.length),
  };
  let [abar, variance] = [1, 0];
  for (const [t, beta] of chain.betas.entries()) {
    if (!(beta > 0 && beta <= 1)) throw new EaselError('bad-request', said`beta ${beta} of step ${t} is not in 0..1.`);
    abar *= 1 - beta;
    variance = abar < 0.5 ? 1 - abar : (1 - beta) * variance + beta;
    chain.alphasCumprod[t] = abar;
    chain.variances[t] = variance;
  }
  return chain;
}

/** What x_t is made of: sqrt(abar_t) x0 + sqrt(1 - abar_t) eps (Ho et al. 2020, equation 4). */
export function chainLevel(chain: DiffusionChain, t: number): NoiseLevel {
  return { signal: Math.sqrt(chain.alphasCumprod[t]), noise: Math.sqrt(chain.variances[t]) };
}

/** What one forward step makes x_t of: sqrt(1 - beta_t) x_(t-1) + sqrt(beta_t) eps (Ho et al. 2020, equation 2). */
export function stepLevel({ betas }: DiffusionChain, t: number): NoiseLevel {
  return { signal: Math.sqrt(1 - betas[t]), noise: Math.sqrt(betas[t]) };
}

/**
 * Weights of x0 and x_t in the mean of q(x_(t-1) | x_t, x_0) (Ho et al. 2020, equation 7):
 * sqrt(abar_(t-1)) beta_t / (1 - abar_t) and sqrt(1 - beta_t) (1 - abar_(t-1)) / (1 - abar_t).
 */
export function posteriorCoefficients({ betas, alphasCumprod, variances }: DiffusionChain, t: number) {
  const [abarBefore, varianceBefore] = t === 0 ? [1, 0] : [alphasCumprod[t - 1], variances[t - 1]];
  return {
    clean: (Math.sqrt(abarBefore) * betas[t]) / variances[t],
    noisy: (Math.sqrt(1 - betas[t]) * varianceBefore) / variances[t],
  };
}

/** Mean of q(x_(t-1) | x_t, x_0). */
export function posteriorMean<T extends Latent>(chain: DiffusionChain, t: number, x0: Latent, x: T): T {
  const { clean, noisy } = posteriorCoefficients(chain, t);
  return combine(noisy, x, clean, x0);
}

/** Variance of q(x_(t-1) | x_t, x_0): beta~_t = (1 - abar_(t-1)) / (1 - abar_t) beta_t; 0 at t = 0. */
export function posteriorVariance({ betas, variances }: DiffusionChain, t: number): number {
  return t === 0 ? 0 : (betas[t] * variances[t - 1]) / variances[t];
}

/** log beta~_t, that of t = 1 standing in for the logarithm of 0 at t = 0 (improved-diffusion's "clipped"). */
export function posteriorLogVariance(chain: DiffusionChain, t: number): number {
  return Math.log(posteriorVariance(chain, Math.max(t, 1)));
}

/** The variance of the model's own step: beta~, beta, or between both as the network says. */
export type VarianceType = 'fixed_small' | 'fixed_large' | 'learned_range';

/**
 * Log variance of p(x_(t-1) | x_t), one number per element: log beta~_t (`fixed_small`), log beta_t with beta~_1 in its
 * place at t = 0 (`fixed_large`), or v log beta_t + (1 - v) log beta~_t (`learned_range`; Nichol and Dhariwal 2021,
 * equation 15).
 * @param size elements of x. @param output the network's second half of channels, -1..1 (v = 0..1), where learned.
 * @throws EaselError `bad-request` when `learned_range` has no output.
 */
export function modelLogVariance(
  chain: DiffusionChain,
  t: number,
  kind: VarianceType,
  size: number,
  output?: Latent,
): Float64Array {
  const small = posteriorLogVariance(chain, t);
  switch (kind) {
    case 'fixed_small':
      return new Float64Array(size).fill(small);
    case 'fixed_large':
      return new Float64Array(size).fill(t === 0 ? small : Math.log(chain.betas[t]));
    case 'learned_range': {
      if (!output)
        throw new EaselError(
          'bad-request',
          said`Learned variance needs a model that predicts it (twice the channels).`,
        );
      const large = Math.log(chain.betas[t]);
      return Float64Array.from(output, (v) => ((v + 1) / 2) * large + ((1 - v) / 2) * small);
    }
    default: {
      kind satisfies never;
      throw new RangeError(`Unknown variance "${String(kind)}".`);
    }
  }
}

/** A Gaussian with independent elements. */
export interface DiagonalGaussian {
  mean: Latent;
  logVariance: Float64Array;
}

/** How a model's prediction becomes its step. */
export interface StepOptions {
  varianceType: VarianceType;
  /** Keep x0 within -1..1, the range of pixels. */
  clip?: boolean;
}

/** p(x_(t-1) | x_t): the posterior with the model's x0 in place of the true one, and the model's variance. */
export function modelStep(
  chain: DiffusionChain,
  t: number,
  x: Latent,
  { x0, variance }: Denoised,
  { varianceType, clip }: StepOptions,
): DiagonalGaussian {
  return {
    mean: posteriorMean(chain, t, clip ? clamped(x0) : x0, x),
    logVariance: modelLogVariance(chain, t, varianceType, x.length, variance),
  };
}

/**
 * One term of the variational bound L_vlb, in bits per dimension: KL(q(x_(t-1) | x_t, x_0), p(x_(t-1) | x_t)) for t >=
 * 1, and -log p(x_0 | x_1) for t = 0, x_0 being bytes scaled to -1..1 (Ho et al. 2020, equations 5 and 13).
 */
export function boundTerm(
  chain: DiffusionChain,
  t: number,
  x0: Latent,
  x: Latent,
  model: DiagonalGaussian,
  cdf: LikelihoodCdf = 'tanh',
): number {
  if (t === 0) {
    const logScales = model.logVariance.map((log) => log / 2);
    const nats = logLikelihoods(x0, model.mean, logScales, cdf);
    return -nats.reduce((sum, value) => sum + value, 0) / nats.length / Math.LN2;
  }
  const logVariance = new Float64Array(x.length).fill(posteriorLogVariance(chain, t));
  return meanNormalKl({ mean: posteriorMean(chain, t, x0, x), logVariance }, model) / Math.LN2;
}

/** L_T, in bits per dimension: KL(q(x_T | x_0), N(0, 1)). No model can change it. */
export function priorTerm(chain: DiffusionChain, x0: Latent): number {
  const last = chain.betas.length - 1;
  const mean = combine(Math.sqrt(chain.alphasCumprod[last]), x0, 0, x0);
  const logVariance = new Float64Array(x0.length).fill(Math.log(chain.variances[last]));
  const zeros = new Float64Array(x0.length);
  return meanNormalKl({ mean, logVariance }, { mean: zeros, logVariance: zeros }) / Math.LN2;
}

/** The model's prediction at step t of the chain, for x in variance-preserving coordinates. */
export type StepPredictor = (x: Latent, t: number) => Promise<Denoised>;

export interface VariationalBound {
  /** L_(t) in bits per dimension, from t = T - 1 down to 0. */
  terms: number[];
  /** Mean squared error of the predicted x0, and of the noise it implies, in the same order. */
  x0Errors: number[];
  epsErrors: number[];
  /** L_T, and the sum of everything: bits per dimension. */
  prior: number;
  total: number;
}

/**
 * The whole bound of one picture, every term at a fresh draw of x_t.
 * @param noises standard normal draws, one a step, from t = T - 1 down.
 */
export async function variationalBound(
  chain: DiffusionChain,
  x0: Latent,
  predict: StepPredictor,
  noises: readonly Latent[],
  options: StepOptions,
): Promise<VariationalBound> {
  const bound: VariationalBound = { terms: [], x0Errors: [], epsErrors: [], prior: priorTerm(chain, x0), total: 0 };
  const last = chain.betas.length - 1;
  for (let t = last; t >= 0; t--) {
    const noise = noises[last - t];
    const x = diffused(x0, noise, chainLevel(chain, t));
    const denoised = await predict(x, t);
    const clean = options.clip ? clamped(denoised.x0) : denoised.x0;
    bound.terms.push(boundTerm(chain, t, x0, x, modelStep(chain, t, x, denoised, options)));
    bound.x0Errors.push(meanSquaredError(clean, x0));
    bound.epsErrors.push(meanSquaredError(noiseFrom(x, chainLevel(chain, t), clean), noise));
  }
  bound.total = bound.terms.reduce((sum, term) => sum + term, bound.prior);
  return bound;
}
