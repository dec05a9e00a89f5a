import { said } from '../../core/errors';
import { wholeImage } from '../input-image/prepared-image';
import { pictureFor, shownOf } from '../input-image/spatial';
import { composite } from '../stages/composite';
import { condition } from '../stages/condition';
import { decode } from '../stages/decode';
import { denoise } from '../stages/denoise';
import { plan as planRun } from '../stages/plan';
import { startFromNoise } from '../stages/start-from-noise';
import type { Recipe } from './recipe';

/**
 * A picture by a model that is shown one beside the latent: made larger (Rombach et al. 2022, section 4.4), or painted
 * from a map of classes (section 4.3.2).
 */
export const shownPicture: Recipe = async (run, given) => {
  const { info } = run.model;
  if (!info.spatial) return undefined;
  const picture = pictureFor(info, given);
  const image = wholeImage({ picture }, run.request, info.latentScale);
  const spatial = await shownOf(run, picture);
  const conditioningAt = await condition(run);
  const plan = planRun(run);
  const start = { ...(await startFromNoise(run, plan)), spatial };
  const latent = await denoise(run, plan, start, conditioningAt, image.place);
  const notes = given?.mask ? [said`The mask was left out: this model paints all of the picture.`] : [];
  return { ...composite(run, image, await decode(run, latent)), given: 'picture', notes };
};
