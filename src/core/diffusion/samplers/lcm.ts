import { combine } from '../../array';
import type { Denoiser, Sampler } from '../types';
import { march } from './march';

/** Boundary scalings of a latent consistency model at a timestep (Luo et al. 2023; timesteps count ten times). */
export function lcmScalings(timestep: number, sigmaData = 0.5): { skip: number; out: number } {
  const t = 10 * timestep;
  const norm = t ** 2 + sigmaData ** 2;
  return { skip: sigmaData ** 2 / norm, out: t / Math.sqrt(norm) };
}

/** A denoiser as a consistency function: out x0 + skip x, where x is in the network's coordinates, `scaleOf` times ours. */
export function consistency(
  denoise: Denoiser,
  timestepOf: (sigma: number, step: number) => number,
  scaleOf: (sigma: number) => number,
): Denoiser {
  return async (x, sigma, at) => {
    const { skip, out } = lcmScalings(timestepOf(sigma, at.step));
    const { x0 } = await denoise(x, sigma, at);
    return { x0: combine(out, x0, skip * scaleOf(sigma), x) };
  };
}

/** Multistep consistency sampling (Song et al. 2023, algorithm 1): the prediction, noised to the next level. */
export const consistencySteps: Sampler = (denoise, x, sigmas, options) =>
  march(denoise, x, sigmas, options, ({ denoised: { x0 }, next, sigma }) =>
    next > 0 ? combine(1, x0, next, options.noise(sigma, next)) : x0,
  );

/** LCM as diffusers' LCMScheduler, its boundary condition on the network's own input. Reads the plan's timesteps. */
export const lcm: Sampler = (denoise, x, sigmas, options) => {
  const { timesteps } = options;
  if (!timesteps) throw new RangeError('LCM needs the timesteps of its noise levels.');
  const scaleOf = (sigma: number) => 1 / Math.sqrt(1 + sigma ** 2);
  return consistencySteps(
    consistency(denoise, (_, step) => timesteps[step], scaleOf),
    x,
    sigmas,
    options,
  );
};
