import { planImageToImage, stepsFrom } from '../input-image/prepare';
import { composite } from '../stages/composite';
import { condition } from '../stages/condition';
import { decode } from '../stages/decode';
import { denoise } from '../stages/denoise';
import { plan as planRun } from '../stages/plan';
import { startFromImage } from '../stages/start-from-image';
import type { Recipe } from './recipe';

/** A picture from another one, all of which is painted. */
export const imageToImage: Recipe = async (run, given) => {
  const task = given && planImageToImage(given, run);
  if (!task || task.kind === 'unchanged') return task?.result;
  const { image, notes } = task;
  const conditioningAt = await condition(run);
  const plan = planRun(run, stepsFrom(run.request));
  const start = await startFromImage(run, plan, image);
  const latent = await denoise(run, plan, start, conditioningAt, image.place);
  return { ...composite(run, image, await decode(run, latent)), given: 'picture', notes };
};
