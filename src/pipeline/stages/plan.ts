import { type PlanRequest, planSteps } from '../../core/diffusion/plan-steps';
import { type Thresholding, withThresholding } from '../../core/diffusion/process/clipping';
import type { NoiseProcess } from '../../core/diffusion/process/noise-process';
import { samplerEntry } from '../../core/diffusion/samplers/index';
import { type RunNoise, runNoise } from '../../core/diffusion/samplers/noise';
import type { LatentShape } from '../../core/diffusion/samplers/seed-noise';
import type { StepPlan } from '../../core/diffusion/types';
import type { GenerationRequest } from '../../core/request/request';
import { slerp, type Walk } from '../../core/request/walk';
import type { PaintRun } from '../run';

/** The noise levels that a run could go through, and its noise. */
export interface RunPlan {
  process: NoiseProcess;
  whole: StepPlan;
  /** How many of the plan's last steps are run. */
  steps: number;
  noise: RunNoise;
}

/** @param strength how many steps are planned and how many of them run, where that is not all that the request says */
export function plan({ model, request, walk, size }: PaintRun, strength?: { planned: number; run: number }): RunPlan {
  const { latentChannels, latentScale, scheduler } = model.info;
  const { exactTerminal } = samplerEntry(request.sampler);
  const process = withThresholding(
    model.process(exactTerminal ? 'almostExact' : 'diffusers'),
    chosenThresholding(request, model.info.thresholding),
  );
  const { planned, run } = strength ?? { planned: request.steps, run: request.steps };
  const whole = planSteps({ ...scheduleOf(request), steps: planned, levels: process, config: scheduler });
  const noise = noiseOf(request, whole, { channels: latentChannels, ...size }, walk, latentScale);
  return { process, whole, steps: run < planned ? run : whole.sigmas.length - 1, noise };
}

/** How x0 is kept within range: as the model does, or as the request says; where it can be said at all. */
function chosenThresholding(
  { thresholding = 'model' }: GenerationRequest,
  own: Thresholding | undefined,
): Thresholding {
  if (own === undefined) return { kind: 'none' };
  switch (thresholding) {
    case 'model':
      return own;
    case 'none':
      return { kind: 'none' };
    case 'static':
      return { kind: 'static', limit: 1 };
    case 'dynamic':
      return { kind: 'dynamic', ratio: 0.995, max: Number.POSITIVE_INFINITY };
    default:
      thresholding satisfies never;
      throw new RangeError(`Unknown thresholding "${String(thresholding)}".`);
  }
}

/** What of a request says which noise levels it runs through; 0 stands for the model's own. */
function scheduleOf(request: GenerationRequest): Omit<PlanRequest, 'levels' | 'config'> {
  const { sampler, schedule, steps, discardPenultimate, quantise, sigmaMin, sigmaMax, rho, betaAlpha, betaBeta } =
    request;
  return {
    sampler,
    schedule,
    steps,
    discardPenultimate,
    quantise,
    sigmaMin: sigmaMin || undefined,
    sigmaMax: sigmaMax || undefined,
    rho: rho || undefined,
    alpha: betaAlpha,
    beta: betaBeta,
  };
}

/** A seed's noise, with its variation; on a walk between seeds, a mix of both. @param cell pixels of a latent cell */
function noiseOf(
  request: GenerationRequest,
  { sigmas }: StepPlan,
  shape: LatentShape,
  walk: Walk | undefined,
  cell: number,
): RunNoise {
  const { seedResizeWidth = 0, seedResizeHeight = 0 } = request;
  const resizedFrom =
    seedResizeWidth > 0 && seedResizeHeight > 0
      ? { width: Math.floor(seedResizeWidth / cell), height: Math.floor(seedResizeHeight / cell) }
      : undefined;
  const own = runNoise({ ...request, resizedFrom }, sigmas, shape);
  if (walk?.seed === undefined) return own;
  const { seed, variationSeed = request.variationSeed, variationStrength = request.variationStrength } = walk;
  const other = runNoise({ ...request, seed, variationSeed, variationStrength, resizedFrom }, sigmas, shape);
  return {
    starting: slerp(own.starting, other.starting, walk.share),
    during: (sigma, next) => slerp(own.during(sigma, next), other.during(sigma, next), walk.share),
  };
}
