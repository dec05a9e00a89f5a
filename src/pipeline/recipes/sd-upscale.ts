import { said } from '../../core/errors';
import { withinMemory } from '../../core/image/within-memory';
import { sdUpscaler, sdUpscaleSize } from '../../core/request/sd-upscale';
import { pixelsOf } from '../painted';
import { condition } from '../stages/condition';
import { paintTiles } from '../stages/paint-tiles';
import { upscaledPicture } from '../stages/upscale';
import type { Recipe } from './recipe';

/**
 * A given picture enlarged and painted in tiles that overlap (A1111's SD upscale). Cancelled after its first tile, it
 * comes with those that are painted and the rest enlarged only.
 */
export const sdUpscale: Recipe = async (run, given) => {
  const { request, model } = run;
  if (!given || given.mask || !request.sdUpscale) return undefined;
  const size = sdUpscaleSize(given.picture, request, model.info.latentScale);
  const enlarged = await upscaledPicture(run, given.picture, sdUpscaler(request), size);
  if (request.sdUpscaleStrength === 0) return { ...pixelsOf(enlarged), given: 'picture', notes: [] };
  const conditioningAt = await condition(run);
  const { painted, tiles } = await withinMemory(size, () => paintTiles(run, enlarged, conditioningAt));
  const isCut = tiles.done < tiles.of;
  const note = said`Cancelled after ${tiles.done} of ${tiles.of} tiles: the rest is enlarged only.`;
  return { ...pixelsOf(painted), given: 'picture', ...(isCut && { tiles }), notes: isCut ? [note] : [] };
};
