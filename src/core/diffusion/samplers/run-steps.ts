import { combine } from '../../array';
import type { Denoised, Denoiser, Latent, SamplerOptions, StepPosition } from '../types';

/** One step of a run: from x at sigma, where the model said `denoised`, to the next noise level. */
export interface Step extends StepPosition {
  x: Latent;
  sigma: number;
  next: number;
  denoised: Denoised;
  /** Another model call within the step. */
  call(x: Latent, sigma: number): Promise<Denoised>;
}

/**
 * What all samplers share: a model call at each noise level, the hooks, and `advance` from there.
 * @param prepare changes x and sigma before the step's first call (churn).
 */
export async function runSteps(
  denoise: Denoiser,
  x: Latent,
  sigmas: readonly number[],
  { onStep, afterStep }: SamplerOptions,
  advance: (step: Step) => Latent | Promise<Latent>,
  prepare?: (x: Latent, sigma: number) => { x: Latent; sigma: number },
): Promise<Latent> {
  const of = sigmas.length - 1;
  for (let step = 0; step < of; step++) {
    const next = sigmas[step + 1];
    const from = prepare ? prepare(x, sigmas[step]) : { x, sigma: sigmas[step] };
    const at = { step, of };
    const denoised = await denoise(from.x, from.sigma, at);
    await onStep?.({ ...at, sigma: from.sigma, x: from.x, denoised: denoised.x0 });
    x = await advance({ ...at, ...from, next, denoised, call: (y, sigma) => denoise(y, sigma, at) });
    if (afterStep) x = afterStep(x, next, step === of - 1);
  }
  return x;
}

/**
 * The straight line from x at sigma to what the model sees at its end: an Euler step of dx/dsigma = (x - x0) / sigma.
 */
export function toward<T extends Latent>(x: T, sigma: number, x0: Latent, next: number, out?: T): T {
  return combine(next / sigma, x, 1 - next / sigma, x0, out);
}

/**
 * Splits a step from sigma to next into a deterministic part, down to `down`, and fresh noise of deviation `up`:
 * up^2 + down^2 = next^2, and eta scales the noise of the DDPM posterior (Ho et al. 2020 in k-diffusion's coordinates).
 */
export function ancestralSplit(sigma: number, next: number, eta: number): { down: number; up: number } {
  const up = Math.min(next, eta * Math.sqrt(Math.max(0, (next ** 2 * (sigma ** 2 - next ** 2)) / sigma ** 2)));
  return { up, down: Math.sqrt(next ** 2 - up ** 2) };
}

/**
 * Karras et al. 2022, algorithm 2: adds noise to x so that it stands at a little more than sigma. As k-diffusion does,
 * it draws its noise at every step of a churned run, also where none is added, so that seeds agree.
 * @param steps of the run, over which s_churn is spread.
 */
export function churn(
  steps: number,
  { noise, sChurn = 0, sTmin = 0, sTmax = Number.POSITIVE_INFINITY, sNoise = 1 }: SamplerOptions,
): ((x: Latent, sigma: number) => { x: Latent; sigma: number }) | undefined {
  if (sChurn === 0) return undefined;
  return (x, sigma) => {
    const fresh = noise();
    const gamma = sigma >= sTmin && sigma <= sTmax ? Math.min(sChurn / steps, Math.SQRT2 - 1) : 0;
    if (gamma === 0) return { x, sigma };
    const raised = sigma * (1 + gamma);
    return { x: combine(1, x, sNoise * Math.sqrt(raised ** 2 - sigma ** 2), fresh), sigma: raised };
  };
}
