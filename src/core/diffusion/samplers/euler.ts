import { accumulate } from '../../array';
import type { Sampler } from '../types';
import { ancestralSplit, churn, runSteps, toward } from './run-steps';

/**
 * Euler's method on dx/dsigma = (x - D(x, sigma)) / sigma (Karras et al. 2022, algorithm 2 without its second half).
 */
export const euler: Sampler = (denoise, x, sigmas, options) =>
  runSteps(
    denoise,
    x,
    sigmas,
    options,
    (step) => toward(step.x, step.sigma, step.denoised.x0, step.next),
    churn(sigmas.length - 1, options),
  );

/**
 * Euler steps with the noise of ancestral sampling added after each but the last (k-diffusion's
 * `sample_euler_ancestral`).
 */
export const eulerAncestral: Sampler = (denoise, x, sigmas, options) => {
  const { noise, eta = 1, sNoise = 1 } = options;
  return runSteps(denoise, x, sigmas, options, ({ x, sigma, next, denoised }) => {
    const { down, up } = ancestralSplit(sigma, next, eta);
    const quiet = toward(x, sigma, denoised.x0, down);
    return next > 0 ? accumulate(quiet, up * sNoise, noise(sigma, next)) : quiet;
  });
};

/**
 * Heun's method: an Euler step, then one with the mean of the slopes at both ends (Karras et al. 2022, algorithm 2).
 * The last step, to 0, is Euler's.
 */
export const heun: Sampler = (denoise, x, sigmas, options) =>
  runSteps(
    denoise,
    x,
    sigmas,
    options,
    async ({ x, sigma, next, denoised: { x0 }, call }) => {
      const there = toward(x, sigma, x0, next);
      if (next === 0) return there;
      const end = await call(there, next);
      const n = there.length;
      for (let i = 0; i < n; i++) {
        const slopes = (x[i] - x0[i]) / sigma + (there[i] - end.x0[i]) / next;
        there[i] = x[i] + ((next - sigma) * slopes) / 2;
      }
      return there;
    },
    churn(sigmas.length - 1, options),
  );
