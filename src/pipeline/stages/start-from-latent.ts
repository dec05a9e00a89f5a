import type { Latent } from '../../core/diffusion/types';
import { spatialWithout } from '../input-image/spatial';
import type { PaintRun } from '../run';
import type { RunPlan } from './plan';
import { FREE, noisedLatent, type RunStart } from './start';

/** Begins a run from a latent all of which is painted. */
export async function startFromLatent(
  { model, size }: PaintRun,
  { whole, steps, noise }: RunPlan,
  latent: Latent,
): Promise<RunStart> {
  return {
    ...FREE,
    ...noisedLatent(whole, steps, latent, noise.starting),
    spatial: await spatialWithout(model, size),
  };
}
