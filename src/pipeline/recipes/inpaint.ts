import { planInpaint, stepsFrom } from '../input-image/prepare';
import { composite } from '../stages/composite';
import { condition } from '../stages/condition';
import { decode } from '../stages/decode';
import { denoise } from '../stages/denoise';
import { plan as planRun } from '../stages/plan';
import { startThroughMask } from '../stages/start-through-mask';
import type { Recipe } from './recipe';

/** A picture from another one, painted where the mask says so; left to image-to-image where there is none. */
export const inpaint: Recipe = async (run, given) => {
  const task = given && planInpaint(given, run);
  if (!task || task.kind === 'unchanged') return task?.result;
  const { image, grid } = task;
  const conditioningAt = await condition(run);
  const plan = planRun(run, stepsFrom(run.request));
  const start = await startThroughMask(run, plan, image, grid);
  const latent = await denoise(run, plan, start, conditioningAt, image.place);
  return { ...composite(run, image, await decode(run, latent)), given: 'picture-and-mask', notes: [] };
};
