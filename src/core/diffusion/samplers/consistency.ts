import { combine } from '../../array';
import type { Sampler } from '../types';
import { runSteps } from './run-steps';

/**
 * Multistep consistency sampling (Song et al. 2023, algorithm 1): where the path through x ends, noised to the next
 * level, so that its noise has the deviation sqrt(next^2 - floor^2) over the level that the run ends at. One step draws
 * none.
 */
export const consistency: Sampler = (denoise, x, sigmas, options) => {
  const { noise, sNoise = 1 } = options;
  const floor = sigmas[sigmas.length - 1];
  return runSteps(denoise, x, sigmas, options, ({ denoised: { x0 }, sigma, next }) => {
    const deviation = Math.sqrt(Math.max(0, next ** 2 - floor ** 2));
    return deviation > 0 ? combine(1, x0, sNoise * deviation, noise(sigma, next)) : x0;
  });
};
