import { startingNoise } from '../../core/diffusion/latent-format';
import { samplerEntry } from '../../core/diffusion/samplers/index';
import { spatialWithout } from '../input-image/spatial';
import type { PaintRun } from '../run';
import type { RunPlan } from './plan';
import { FREE, type RunStart } from './start';

/** Begins a run from noise alone. */
export async function startFromNoise({ model, request, size }: PaintRun, plan: RunPlan): Promise<RunStart> {
  const { process, whole, noise } = plan;
  const { coordinates } = samplerEntry(request.sampler);
  return {
    ...FREE,
    start: startingNoise(noise.starting, whole, coordinates, process),
    plan: whole,
    spatial: await spatialWithout(model, size),
  };
}
