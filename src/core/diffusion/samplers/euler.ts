import { combine } from '../../array';
import type { Sampler } from '../types';

/** Euler's method on dx/dsigma = (x - D(x, sigma)) / sigma (Karras et al. 2022, algorithm 2 without churn). */
export const euler: Sampler = async (denoise, x, sigmas, { onStep, afterStep }) => {
  const of = sigmas.length - 1;
  for (let step = 0; step < of; step++) {
    const [sigma, next] = [sigmas[step], sigmas[step + 1]];
    const { x0 } = await denoise(x, sigma, { step, of });
    await onStep?.({ step, of, sigma, x, denoised: x0 });
    x = combine(next / sigma, x, 1 - next / sigma, x0);
    if (afterStep) x = afterStep(x, next, step === of - 1);
  }
  return x;
};

/**
 * Splits a step from sigma to next into a deterministic part, down to `down`, and fresh noise of deviation `up`:
 * up^2 + down^2 = next^2, and eta scales the noise of the DDPM posterior (Ho et al. 2020 in k-diffusion's coordinates).
 */
export function ancestralSplit(sigma: number, next: number, eta: number): { down: number; up: number } {
  const up = Math.min(next, eta * Math.sqrt(Math.max(0, (next ** 2 * (sigma ** 2 - next ** 2)) / sigma ** 2)));
  return { up, down: Math.sqrt(next ** 2 - up ** 2) };
}

/** Euler steps with the noise of ancestral sampling added after each but the last (k-diffusion's `sample_euler_ancestral`). */
export const eulerAncestral: Sampler = async (denoise, x, sigmas, { noise, onStep, afterStep, eta = 1 }) => {
  const of = sigmas.length - 1;
  for (let step = 0; step < of; step++) {
    const [sigma, next] = [sigmas[step], sigmas[step + 1]];
    const { x0 } = await denoise(x, sigma, { step, of });
    await onStep?.({ step, of, sigma, x, denoised: x0 });
    const { down, up } = ancestralSplit(sigma, next, eta);
    x = combine(down / sigma, x, 1 - down / sigma, x0);
    if (next > 0) x = combine(1, x, up, noise(sigma, next));
    if (afterStep) x = afterStep(x, next, step === of - 1);
  }
  return x;
};
