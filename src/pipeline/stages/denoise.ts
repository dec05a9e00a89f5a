import type { GuidanceInterval } from '../../core/diffusion/guidance';
import { samplerEntry } from '../../core/diffusion/samplers/index';
import type { Latent, StepPlan, StepPosition } from '../../core/diffusion/types';
import type { Box } from '../../core/image/picture';
import type { GenerationRequest } from '../../core/request/request';
import { classifierGuidedDenoiser } from '../classifier-guidance';
import type { ConditioningAt } from '../conditioning';
import { modelDenoiser, sampleLatent } from '../denoise';
import type { Guidance } from '../guided-output';
import type { PaintStep } from '../progress';
import type { PaintRun, Passes } from '../run';
import type { RunPlan } from './plan';
import type { RunStart } from './start';

/**
 * Samples from a start down to the latent that the autoencoder decodes.
 * @param place what of the given picture is painted, in that one's pixels
 */
export async function denoise(
  { model, request, size, progress, passes }: PaintRun,
  { process, noise }: RunPlan,
  { start, plan, spatial, wrapDenoiser, afterStep, finish }: RunStart,
  conditioningAt: ConditioningAt,
  place?: Box,
): Promise<Latent> {
  await progress.enter('denoise', place);
  const guidance = { ...guidanceOf(request), interval: intervalOf(request, plan), spatial };
  let text = '';
  const heard: ConditioningAt = async (at) => {
    const conditioning = await conditioningAt(at);
    text = conditioning.text ?? '';
    return conditioning;
  };
  const unguided = modelDenoiser(model, size, heard, guidance, process, plan, request.quantise);
  const denoiser = classifierGuidedDenoiser(unguided, model, request, size, process);
  const latent = await sampleLatent(wrapDenoiser(denoiser), start, {
    sampler: request.sampler,
    process,
    plan,
    tuning: request,
    noise: noise.during,
    afterStep,
    // Called after a step's first call of the model.
    onStep: (info) => progress.step({ ...info, ...(passes && overAll(info, passes)), text, size }),
  });
  return finish(latent);
}

/** A pass's step among those of all passes. */
function overAll({ step, of }: StepPosition, { before, after }: Passes): Pick<PaintStep, 'step' | 'of' | 'work'> {
  const left = of - step - 1 + after.steps * after.cost;
  const whole = before.steps * before.cost + step + 1 + left;
  return { step: before.steps + step, of: before.steps + of + after.steps, work: { left, whole } };
}

/** CFG++ guides between 0 and 1; A1111 shows 12.5 times that, so that the usual scales mean something. */
const CFGPP_DIVISOR = 12.5;

/** The guidance scale as the sampler takes it, and the sizes for a UNet with size conditioning. */
function guidanceOf({ cfgScale, sampler, guidanceRescale, width, height }: GenerationRequest): Guidance {
  return {
    cfgScale: samplerEntry(sampler).cfgpp ? cfgScale / CFGPP_DIVISOR : cfgScale,
    rescale: guidanceRescale,
    sizes: [height, width, 0, 0, height, width],
  };
}

/** The part of the run with guidance as noise levels; nothing where it is the whole run. */
function intervalOf(
  { guidanceStart = 0, guidanceEnd = 1 }: GenerationRequest,
  { sigmas }: StepPlan,
): GuidanceInterval | undefined {
  if (guidanceStart === 0 && guidanceEnd === 1) return undefined;
  const last = sigmas.length - 1;
  // Churn may lift the first level above the list's.
  const high = guidanceStart === 0 ? Number.POSITIVE_INFINITY : sigmas[Math.round(guidanceStart * last)];
  return { high, low: guidanceEnd === 1 ? -1 : sigmas[Math.round(guidanceEnd * last)] };
}
