import { lastSteps } from '../../core/diffusion/image-to-image';
import { diffused, varianceExploding } from '../../core/diffusion/noise-level';
import type { Denoiser, Latent, SamplerOptions, StepPlan } from '../../core/diffusion/types';

/** How a run begins, and what holds it to the picture that was given. */
export interface RunStart {
  start: Latent;
  plan: StepPlan;
  /** Channels that the UNet is shown beside the latent. */
  spatial?: Float32Array;
  wrapDenoiser(denoiser: Denoiser): Denoiser;
  afterStep?: SamplerOptions['afterStep'];
  /** The painted latent with what was kept. */
  finish(latent: Latent): Latent;
}

/** A run that nothing holds to a picture. */
export const FREE = { wrapDenoiser: (denoiser: Denoiser) => denoiser, finish: (latent: Latent) => latent };

/** A latent noised to where the last `steps` steps of a plan begin. */
export function noisedLatent(
  whole: StepPlan,
  steps: number,
  latent: Latent,
  noise: Latent,
): Pick<RunStart, 'start' | 'plan'> {
  const plan = lastSteps(whole, steps);
  return { plan, start: diffused(latent, noise, varianceExploding(plan.sigmas[0])) };
}
