/**
 * Step schedules that spread n steps between two noise levels, whatever the model. Each returns sigmas in descending
 * order, one more than there are steps: the first is sigmaMax and the last 0, unless it says otherwise.
 */

import { linspace } from '../../array';
import type { SigmaTable } from '../types';
import { betaQuantile } from './incomplete-beta';

/**
 * Evenly spaced in sigma^(1/rho) (Karras et al. 2022, equation 5, which proposes rho 7; k-diffusion's
 * `get_sigmas_karras`).
 */
export function karrasSigmas(n: number, sigmaMin: number, sigmaMax: number, rho = 7): number[] {
  const [low, high] = [sigmaMin ** (1 / rho), sigmaMax ** (1 / rho)];
  return [...linspace(0, 1, n).map((u) => (high + u * (low - high)) ** rho), 0];
}

/**
 * n of the `points` levels of Karras et al. that a consistency model was trained between (Song et al. 2023, section 5),
 * at even distances from the highest (diffusers' CMStochasticIterativeScheduler). Ends at sigmaMin, where the model is
 * the identity.
 * @param n below `points`: the last of them is the end itself
 */
export function consistencySigmas(n: number, sigmaMin: number, sigmaMax: number, points: number): number[] {
  const all = karrasSigmas(points, sigmaMin, sigmaMax);
  const stride = Math.floor(points / n);
  return [...Array.from({ length: n }, (_, i) => all[i * stride]), sigmaMin];
}

/** Evenly spaced in log sigma (k-diffusion's `get_sigmas_exponential`). */
export function exponentialSigmas(n: number, sigmaMin: number, sigmaMax: number): number[] {
  return [...linspace(Math.log(sigmaMax), Math.log(sigmaMin), n).map(Math.exp), 0];
}

/**
 * Log sigma falls as a power of the steps left (k-diffusion's `get_sigmas_polyexponential`). At rho 1 it is the
 * exponential schedule; a larger rho spends more steps at low noise.
 */
export function polyexponentialSigmas(n: number, sigmaMin: number, sigmaMax: number, rho = 1): number[] {
  const [low, high] = [Math.log(sigmaMin), Math.log(sigmaMax)];
  return [...linspace(1, 0, n).map((u) => Math.exp(u ** rho * (high - low) + low)), 0];
}

/** beta(t) = betaMin + t betaD of the continuous variance-preserving SDE (Song et al. 2021, appendix C). */
interface VpProcess {
  betaD: number;
  betaMin: number;
}

/** sigma(t) = sqrt(exp(betaD t^2 / 2 + betaMin t) - 1) of that SDE. */
function vpSigma(t: number, { betaD, betaMin }: VpProcess): number {
  return Math.sqrt(Math.expm1((betaD / 2) * t ** 2 + betaMin * t));
}

/**
 * The variance-preserving SDE that passes through a model's first and last noise level at times 1/T and 1, walked in
 * evenly spaced times from sigmaMax to sigmaMin: k-diffusion's `get_sigmas_vp` for a model that was trained on that
 * SDE's constants.
 */
export function fittedVpSigmas(n: number, { sigmas }: SigmaTable, sigmaMin: number, sigmaMax: number): number[] {
  // One trained level alone fixes no line: any earlier time serves.
  const epsilon = Math.min(1 / sigmas.length, 1 / 2);
  const exponent = (sigma: number) => Math.log1p(sigma ** 2);
  const [first, last] = [exponent(sigmas[0]), exponent(sigmas[sigmas.length - 1])];
  const betaD = (2 * (last - first / epsilon)) / (1 - epsilon);
  const betaMin = last - betaD / 2;
  const timeOf = (sigma: number) =>
    (2 * exponent(sigma)) / (betaMin + Math.sqrt(Math.max(0, betaMin ** 2 + 2 * betaD * exponent(sigma))));
  const times = linspace(timeOf(sigmaMax), timeOf(sigmaMin), n);
  return [...times.map((t) => vpSigma(t, { betaD, betaMin })), 0];
}

/**
 * Evenly spaced in arctan sigma, which for Gaussian data minimises a bound on the KL divergence that the steps cost
 * (Sabour et al. 2024, "Align Your Steps"; A1111's "KL Optimal"). n steps from sigmaMax to sigmaMin: it does not go on
 * to 0.
 */
export function klOptimalSigmas(n: number, sigmaMin: number, sigmaMax: number): number[] {
  return linspace(Math.atan(sigmaMax), Math.atan(sigmaMin), n + 1).map(Math.tan);
}

/**
 * Quantiles of a beta distribution, mapped to sigma in a straight line (A1111's "Beta", after Lee et al. 2024, "Beta
 * Sampling is All You Need"): more steps at both ends. ComfyUI maps them to timesteps instead (`betaTimestepSigmas`).
 */
export function betaSigmas(n: number, sigmaMin: number, sigmaMax: number, alpha = 0.6, beta = 0.6): number[] {
  const shares = linspace(0, 1, n).map((u) => betaQuantile(1 - u, alpha, beta));
  return [...shares.map((share) => sigmaMin + share * (sigmaMax - sigmaMin)), 0];
}

/** The list without its last but one entry: A1111's "discard penultimate sigma", given a list for one more step. */
export function withoutPenultimate(sigmas: readonly number[]): number[] {
  return [...sigmas.slice(0, -2), ...sigmas.slice(-1)];
}
