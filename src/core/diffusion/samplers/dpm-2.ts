import { accumulate, blend } from '../../array';
import type { Latent, Sampler } from '../types';
import { ancestralSplit, churn, runSteps, type Step, toward } from './run-steps';

/**
 * The midpoint method with its middle at the geometric mean of both noise levels (the DPM-Solver-2 of Karras et al.
 * 2022).
 */
async function midpointStep({ x, sigma, denoised, call }: Step, next: number): Promise<Latent> {
  if (next === 0) return toward(x, sigma, denoised.x0, 0);
  const middle = Math.sqrt(sigma * next);
  const there = toward(x, sigma, denoised.x0, middle);
  const { x0 } = await call(there, middle);
  const length = (next - sigma) / middle;
  return blend(1, x, length, there, -length, x0, there);
}

/** DPM2 (k-diffusion's `sample_dpm_2`). */
export const dpm2: Sampler = (denoise, x, sigmas, options) =>
  runSteps(denoise, x, sigmas, options, (step) => midpointStep(step, step.next), churn(sigmas.length - 1, options));

/** DPM2 with ancestral noise (k-diffusion's `sample_dpm_2_ancestral`). */
export const dpm2Ancestral: Sampler = (denoise, x, sigmas, options) => {
  const { noise, eta = 1, sNoise = 1 } = options;
  return runSteps(denoise, x, sigmas, options, async (step) => {
    const { down, up } = ancestralSplit(step.sigma, step.next, eta);
    const quiet = await midpointStep(step, down);
    return down > 0 ? accumulate(quiet, up * sNoise, noise(step.sigma, step.next)) : quiet;
  });
};
