import { EaselError, said } from '../../core/errors';
import { wholeImage } from '../input-image/prepared-image';
import { smallPicture } from '../input-image/spatial';
import { composite } from '../stages/composite';
import { condition } from '../stages/condition';
import { decode } from '../stages/decode';
import { denoise } from '../stages/denoise';
import { plan as planRun } from '../stages/plan';
import { startFromNoise } from '../stages/start-from-noise';
import type { Recipe } from './recipe';

/** A picture made larger by a model that is shown it (Rombach et al. 2022, section 4.4). @throws where there is none */
export const superResolution: Recipe = async (run, given) => {
  const { model, request, size } = run;
  if (model.info.spatial !== 'small-picture') return undefined;
  if (!given) throw new EaselError('bad-request', said`${model.info.name} makes a picture larger: paint from one.`);
  const image = wholeImage(given, request, model.info.latentScale);
  const conditioningAt = await condition(run);
  const plan = planRun(run);
  const start = { ...(await startFromNoise(run, plan)), spatial: smallPicture(given.picture, size, request) };
  const latent = await denoise(run, plan, start, conditioningAt, image.place);
  const notes = given.mask ? [said`The mask was left out: this model paints all of the picture.`] : [];
  return { ...composite(run, image, await decode(run, latent)), given: 'picture', notes };
};
