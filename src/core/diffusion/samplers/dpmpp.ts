import { combine } from '../../array';
import type { Latent, Sampler } from '../types';
import { runSteps, toward } from './run-steps';

/**
 * DPM-Solver++(2M) (Lu et al. 2022b, algorithm 2), in t = -log sigma. The first step, and the last where it goes to 0,
 * are of first order.
 */
export const dpmpp2m: Sampler = (denoise, x, sigmas, options) => {
  let last: { x0: Latent; h: number } | undefined;
  return runSteps(denoise, x, sigmas, options, ({ x, sigma, next, denoised: { x0 } }) => {
    const h = Math.log(sigma / next);
    const before = last;
    last = { x0, h };
    if (!before || next === 0) return toward(x, sigma, x0, next);
    const reach = h / (2 * before.h);
    const aim = combine(1 + reach, x0, -reach, before.x0);
    return toward(x, sigma, aim, next, aim);
  });
};
