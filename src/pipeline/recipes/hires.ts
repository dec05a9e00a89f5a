import { hiresSize, hiresUpscaler } from '../../core/request/hires';
import { stepsFrom } from '../input-image/prepare';
import { hiresPasses } from '../passes';
import { condition } from '../stages/condition';
import { decode } from '../stages/decode';
import { denoise } from '../stages/denoise';
import { plan as planRun } from '../stages/plan';
import { startFromLatent } from '../stages/start-from-latent';
import { startFromNoise } from '../stages/start-from-noise';
import { upscale } from '../stages/upscale';
import type { Recipe } from './recipe';

/** A picture from noise, enlarged and painted again (A1111's hires fix); left to others where that is not asked for. */
export const hires: Recipe = async (run, given) => {
  if (given || !run.request.hires) return undefined;
  const { first, second } = hiresPasses(run);
  // Before any pass, so that the text encoder is needed once.
  const [conditioningAt, hiresConditioningAt] = [await condition(first), await condition(second)];
  const plan = planRun(first);
  const painted = await denoise(first, plan, await startFromNoise(first, plan), conditioningAt);
  const size = hiresSize(run.request, run.model.info.latentScale);
  const enlarged = await upscale(first, painted, hiresUpscaler(run.request), size);
  const { width, height } = size;
  if (second.request.denoisingStrength === 0) return { rgb: await decode(second, enlarged), width, height, notes: [] };
  const again = planRun(second, stepsFrom(second.request));
  const latent = await denoise(second, again, await startFromLatent(second, again, enlarged), hiresConditioningAt);
  return { rgb: await decode(second, latent), width, height, notes: [] };
};
