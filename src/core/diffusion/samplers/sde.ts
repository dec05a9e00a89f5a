import { accumulate, blend, combine, like, linspace } from '../../array';
import { scoreFrom } from '../denoisers';
import { varianceExploding } from '../noise-level';
import type { Latent, NoiseSource, Sampler } from '../types';
import { runSteps, type Step, toward } from './run-steps';

/**
 * A forward process dx = drift(t) x dt + sqrt(diffusion(t)) dw, and its kernel x_t ~ N(mean(t) x0, deviation(t)^2), for
 * t in 0..1 (Song et al. 2021, section 3.4).
 */
export interface Sde {
  drift(t: number): number;
  diffusion(t: number): number;
  mean(t: number): number;
  deviation(t: number): number;
}

/** The variance-preserving SDE, with beta(t) from `betaMin` to `betaMax` (Song et al. 2021, equation 32). */
export function vpSde(betaMin: number, betaMax: number): Sde {
  const beta = (t: number) => betaMin + t * (betaMax - betaMin);
  const logMean = (t: number) => (-(t ** 2) * (betaMax - betaMin)) / 4 - (t * betaMin) / 2;
  return {
    drift: (t) => -beta(t) / 2,
    diffusion: beta,
    mean: (t) => Math.exp(logMean(t)),
    deviation: (t) => Math.sqrt(-Math.expm1(2 * logMean(t))),
  };
}

/**
 * The variance-exploding SDE: the deviation grows geometrically from `sigmaMin` to `sigmaMax` (Song et al. 2021,
 * equation 30).
 */
export function veSde(sigmaMin: number, sigmaMax: number): Sde {
  const deviation = (t: number) => sigmaMin * (sigmaMax / sigmaMin) ** t;
  return {
    drift: () => 0,
    diffusion: (t) => 2 * deviation(t) ** 2 * Math.log(sigmaMax / sigmaMin),
    mean: () => 1,
    deviation,
  };
}

/**
 * The times of n steps from `from` down to `to`. "uniform": equal steps that end at `to`. "score_sde": that
 * repository's, whose points reach `to` themselves while its steps are 1 / n long.
 */
export function sdeTimes(
  grid: 'uniform' | 'score_sde',
  n: number,
  from: number,
  to: number,
): { t: number; dt: number }[] {
  if (grid === 'score_sde') return linspace(from, to, n).map((t) => ({ t, dt: -from / n }));
  const dt = (to - from) / n;
  return Array.from({ length: n }, (_, i) => ({ t: from + i * dt, dt }));
}

/** The score, the gradient of the log density of x_t, at a time. */
export type Score = (x: Latent, t: number) => Promise<Latent>;

/**
 * Euler-Maruyama on the reverse-time SDE (Song et al. 2021, equation 6), or Euler on the probability-flow ODE (equation
 * 13), which has half the score and no noise.
 * @param times where each step is evaluated, descending, and its (negative) length: score_sde's grid and length
 *   disagree on purpose.
 * @returns x after the last step, and the same without that step's noise.
 */
export async function integrateSde(
  sde: Sde,
  score: Score,
  x: Latent,
  times: readonly { t: number; dt: number }[],
  noise: NoiseSource | 'probability-flow',
): Promise<{ x: Latent; mean: Latent }> {
  const share = noise === 'probability-flow' ? 0.5 : 1;
  let mean = x;
  for (const { t, dt } of times) {
    mean = combine(1 + sde.drift(t) * dt, x, -share * sde.diffusion(t) * dt, await score(x, t));
    x = noise === 'probability-flow' ? mean : combine(1, mean, Math.sqrt(-sde.diffusion(t) * dt), noise());
  }
  return { x, mean };
}

/**
 * One reverse-diffusion step from sigma to next: the reverse SDE of dx = sqrt(d sigma^2/dt) dw discretised as its
 * forward one.
 */
function reverseDiffusion({ x, sigma, next, denoised }: Step, noise: NoiseSource, sNoise: number): Latent {
  const mean = toward(x, sigma, denoised.x0, next ** 2 / sigma);
  return next > 0 ? accumulate(mean, Math.sqrt(sigma ** 2 - next ** 2) * sNoise, noise(sigma, next)) : mean;
}

/**
 * Euler-Maruyama on the reverse SDE over a list of noise levels (Song et al. 2021, algorithm 2 without its corrector).
 */
export const eulerMaruyama: Sampler = (denoise, x, sigmas, options) =>
  runSteps(denoise, x, sigmas, options, (step) => reverseDiffusion(step, options.noise, options.sNoise ?? 1));

function norm(x: Latent): number {
  const n = x.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += x[i] * x[i];
  return Math.sqrt(sum);
}

/**
 * Predictor-corrector (Song et al. 2021, algorithms 2 and 4): each reverse-diffusion step is followed by a Langevin
 * step whose length keeps the signal-to-noise ratio `langevin`.
 */
export const predictorCorrector: Sampler = (denoise, x, sigmas, options) => {
  const { noise, langevin = 0.16, sNoise = 1 } = options;
  return runSteps(denoise, x, sigmas, options, async (step) => {
    const { next, call } = step;
    const there = reverseDiffusion(step, noise, sNoise);
    if (next === 0) return there;
    const score = scoreFrom(there, varianceExploding(next), (await call(there, next)).x0);
    const fresh = noise(next, next);
    const length = 2 * ((langevin * norm(fresh)) / norm(score)) ** 2;
    return blend(1, there, length, score, Math.sqrt(2 * length) * sNoise, fresh, there);
  });
};

/**
 * Annealed Langevin dynamics (Song and Ermon 2019, algorithm 1): at each noise level, `corrections` Langevin steps of
 * length `langevin` sigma^2. The last prediction is returned clean (Jolicoeur-Martineau et al. 2021).
 */
export const annealedLangevin: Sampler = (denoise, x, sigmas, options) => {
  const { noise, langevin = 0.3, corrections = 8, sNoise = 1 } = options;
  return runSteps(denoise, x, sigmas, options, async ({ x, sigma, next, denoised, call }) => {
    let { x0 } = denoised;
    const there = like(x);
    for (let k = 0; k < corrections; k++) {
      // x + (a / 2) score + sqrt(a) z with a = langevin sigma^2.
      const from = k === 0 ? x : there;
      blend(1 - langevin / 2, from, langevin / 2, x0, Math.sqrt(langevin) * sigma * sNoise, noise(sigma, sigma), there);
      if (k < corrections - 1 || next === 0) ({ x0 } = await call(there, sigma));
    }
    return next > 0 ? there : x0;
  });
};
