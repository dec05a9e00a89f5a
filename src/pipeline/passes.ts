import { samplerEntry } from '../core/diffusion/samplers/index';
import { modelCalls } from '../core/diffusion/samplers/model-calls';
import { hiresPass } from '../core/request/hires';
import type { GenerationRequest } from '../core/request/request';
import { latentSizeOf } from './latent-size';
import type { PaintRun } from './run';

/** Both passes of a run with hires fix, each of which knows of the other. */
export function hiresPasses(run: PaintRun): { first: PaintRun; second: PaintRun } {
  const { model, request, walk } = run;
  const again = hiresPass(request, model.info.latentScale);
  const ratio = workOfStep(again) / workOfStep(request);
  const stepsAfter = again.denoisingStrength === 0 ? 0 : again.steps;
  const first = { ...run, passes: { before: NONE, after: { steps: stepsAfter, cost: ratio } } };
  const second = {
    ...run,
    request: again,
    size: latentSizeOf(model, again),
    // A walk leads from the prompt to another one; a prompt of the second pass's own stays.
    walk: walk && {
      ...walk,
      ...(request.hiresPrompt && { prompt: undefined }),
      ...(request.hiresNegativePrompt && { negativePrompt: undefined }),
    },
    passes: {
      callsBefore: modelCalls(request.sampler, request.steps, request) ?? request.steps,
      before: { steps: request.steps, cost: 1 / ratio },
      after: NONE,
    },
  };
  return { first, second };
}

const NONE = { steps: 0, cost: 0 };

/** What a step takes, in whatever unit: its calls of the model, each about as long as the picture is large. */
const workOfStep = ({ sampler, width, height }: GenerationRequest): number =>
  samplerEntry(sampler).callsPerStep * width * height;
