import { combine, scaled } from '../../array';
import type { Sampler } from '../types';
import { ancestralSplit } from './euler';

/**
 * DDIM (Song et al. 2021, equation 12) in variance-exploding coordinates: with x = x_vp sqrt(1 + sigma^2) its step becomes
 * x' = x0 + sqrt(target^2 - up^2) eps + up z. The noise is eta times that of the DDPM posterior, as the references have it.
 * Where a step's target is not the next noise level (see `StepPlan.targets`), x_vp is what carries over.
 */
export const ddim: Sampler = async (denoise, x, sigmas, { noise, onStep, afterStep, eta = 0, targets }) => {
  const of = sigmas.length - 1;
  for (let step = 0; step < of; step++) {
    const [sigma, next] = [sigmas[step], sigmas[step + 1]];
    const target = targets?.[step] ?? next;
    const { x0 } = await denoise(x, sigma, { step, of });
    await onStep?.({ step, of, sigma, x, denoised: x0 });
    const { down, up } = ancestralSplit(sigma, target, eta);
    x = combine(down / sigma, x, 1 - down / sigma, x0);
    if (eta > 0) x = combine(1, x, up, noise(sigma, target));
    if (target !== next) x = scaled(Math.sqrt((1 + next ** 2) / (1 + target ** 2)), x);
    if (afterStep) x = afterStep(x, next, step === of - 1);
  }
  return x;
};
