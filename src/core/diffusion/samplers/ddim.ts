import { combine, scaled } from '../../array';
import { noiseFrom } from '../denoisers';
import { varianceExploding } from '../noise-level';
import type { Latent, Sampler, SamplerOptions } from '../types';
import { ancestralSplit, march, type Step } from './march';

/** Where a step's target is not the next noise level (see `StepPlan.targets`), x in variance-preserving coordinates carries over. */
export function carried(x: Latent, target: number, next: number): Latent {
  return target === next ? x : scaled(Math.sqrt((1 + next ** 2) / (1 + target ** 2)), x);
}

/** x0 + sqrt(target^2 - up^2) eps + up z: DDIM's step in variance-exploding coordinates. */
function implicitStep({ x0, eps }: { x0: Latent; eps: Latent }, step: Step, options: SamplerOptions): Latent {
  const { noise, eta = 0, sNoise = 1, targets } = options;
  const { sigma, next } = step;
  const target = targets?.[step.step] ?? next;
  const { down, up } = ancestralSplit(sigma, target, eta);
  let x = combine(1, x0, down, eps);
  if (eta > 0) x = combine(1, x, up * sNoise, noise(sigma, target));
  return carried(x, target, next);
}

/** The noise that x at sigma holds if x0 is the picture in it. */
export function noiseIn(x: Latent, sigma: number, x0: Latent): Latent {
  return noiseFrom(x, varianceExploding(sigma), x0);
}

/**
 * DDIM (Song et al. 2021, equation 12) in variance-exploding coordinates, x = x_vp sqrt(1 + sigma^2). The noise is eta times
 * that of the DDPM posterior, as the references have it.
 */
export const ddim: Sampler = (denoise, x, sigmas, options) =>
  march(denoise, x, sigmas, options, (step) => {
    const { x0, eps = noiseIn(step.x, step.sigma, x0) } = step.denoised;
    return implicitStep({ x0, eps }, step, options);
  });

/**
 * DDIM CFG++ (Chung et al. 2024): goes to the guided picture, but renoises with the unconditional prediction's noise. Its
 * guidance scale is 0 to 1; A1111 shows 12.5 times that. Without guidance it is DDIM.
 */
export const ddimCfgpp: Sampler = (denoise, x, sigmas, options) =>
  march(denoise, x, sigmas, options, (step) => {
    const { x0, uncond = x0 } = step.denoised;
    return implicitStep({ x0, eps: noiseIn(step.x, step.sigma, uncond) }, step, options);
  });
