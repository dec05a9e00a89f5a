import { accumulate, blend, combine, scaled } from '../../array';
import { noiseFrom } from '../denoisers';
import { varianceExploding } from '../noise-level';
import type { Latent, Sampler, SamplerOptions } from '../types';
import { ancestralSplit, runSteps, type Step, toward } from './run-steps';

/**
 * Where a step's target is not the next noise level (see `StepPlan.targets`), x in variance-preserving coordinates
 * carries over. Changes x in place.
 */
export function carried(x: Latent, target: number, next: number): Latent {
  return target === next ? x : scaled(Math.sqrt((1 + next ** 2) / (1 + target ** 2)), x, x);
}

/**
 * DDIM's step in variance-exploding coordinates, x0 + down eps + up z with down^2 + up^2 = target^2.
 * @param quiet the step without its noise, as a fresh array.
 */
function implicitStep({ sigma, next, step }: Step, options: SamplerOptions, quiet: (down: number) => Latent): Latent {
  const { noise, eta = 0, sNoise = 1, targets } = options;
  const target = targets?.[step] ?? next;
  const { down, up } = ancestralSplit(sigma, target, eta);
  const x = quiet(down);
  if (eta > 0) accumulate(x, up * sNoise, noise(sigma, target));
  return carried(x, target, next);
}

/** The noise that x at sigma holds if x0 is the picture in it. @param out may be x. */
export function noiseIn(x: Latent, sigma: number, x0: Latent, out?: Latent): Latent {
  return noiseFrom(x, varianceExploding(sigma), x0, out);
}

/**
 * DDIM (Song et al. 2021, equation 12) in variance-exploding coordinates, x = x_vp sqrt(1 + sigma^2). The noise is eta
 * times that of the DDPM posterior, as the references have it.
 */
export const ddim: Sampler = (denoise, x, sigmas, options) =>
  runSteps(denoise, x, sigmas, options, (step) => {
    const { x, sigma } = step;
    const { x0, eps } = step.denoised;
    return implicitStep(step, options, (down) => (eps ? combine(1, x0, down, eps) : toward(x, sigma, x0, down)));
  });

/**
 * DDIM CFG++ (Chung et al. 2024): goes to the guided picture, but renoises with the unconditional prediction's noise.
 * Its guidance scale is 0 to 1; A1111 shows 12.5 times that. Without guidance it is DDIM.
 */
export const ddimCfgpp: Sampler = (denoise, x, sigmas, options) =>
  runSteps(denoise, x, sigmas, options, (step) => {
    const { x, sigma } = step;
    const { x0, uncond = x0 } = step.denoised;
    return implicitStep(step, options, (down) => blend(1, x0, down / sigma, x, -down / sigma, uncond));
  });
