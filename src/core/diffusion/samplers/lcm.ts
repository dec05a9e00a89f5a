import { combine } from '../../array';
import type { Denoiser, Sampler } from '../types';
import { runSteps } from './run-steps';

/** Boundary scalings of a latent consistency model at a timestep (Luo et al. 2023; timesteps count ten times). */
export function lcmScalings(timestep: number, sigmaData = 0.5): { skip: number; out: number } {
  const t = 10 * timestep;
  const norm = t ** 2 + sigmaData ** 2;
  return { skip: sigmaData ** 2 / norm, out: t / Math.sqrt(norm) };
}

/**
 * Multistep consistency sampling (Song et al. 2023, algorithm 1): the prediction, noised to the next level. As in
 * diffusers' LCMScheduler the boundary condition is on the network's own input, x / sqrt(1 + sigma^2). Reads the plan's
 * timesteps.
 */
export const lcm: Sampler = (denoise, x, sigmas, options) => {
  const { timesteps } = options;
  if (!timesteps) throw new RangeError('LCM needs the timesteps of its noise levels.');
  const consistent: Denoiser = async (y, sigma, at) => {
    const { skip, out } = lcmScalings(timesteps[at.step]);
    const { x0 } = await denoise(y, sigma, at);
    return { x0: combine(out, x0, skip * (1 / Math.sqrt(1 + sigma ** 2)), y) };
  };
  return runSteps(consistent, x, sigmas, options, ({ denoised: { x0 }, next, sigma }) =>
    next > 0 ? combine(1, x0, next, options.noise(sigma, next)) : x0,
  );
};
