import { type Box, cropPicture, type Picture } from '../../core/image/picture';
import { pictureToPlanes } from '../../core/image/planes';
import { FIELDS } from '../../core/request/fields';
import { seedAfter } from '../../core/request/request';
import { overTiles } from '../../core/tiles';
import type { ConditioningAt } from '../conditioning';
import { encodedPlanes, posteriorDraw } from '../input-image/encode';
import { filled, opaque } from '../input-image/fill';
import { stepsFrom } from '../input-image/prepare';
import { latentSizeOf } from '../latent-size';
import type { PaintRun } from '../run';
import { decodePlanes } from './decode';
import { denoise } from './denoise';
import { plan as planRun } from './plan';
import { startFromLatent } from './start-from-latent';

interface PaintedTiles {
  /** Its alpha is the given picture's. */
  painted: Picture;
  tiles: { done: number; of: number };
}

/**
 * A picture painted in tiles of at most the request's width x height that overlap, as image-to-image paints one. Where
 * it is cancelled after the first tile, the tiles that are left stay as they are.
 * @param picture sides in whole cells of the latent
 * @throws the signal's reason, where no tile is done
 */
export async function paintTiles(
  run: PaintRun,
  picture: Picture,
  conditioningAt: ConditioningAt,
): Promise<PaintedTiles> {
  const { request, model, progress } = run;
  const original = opaque(filled(picture));
  const painted = { ...picture, data: picture.data.slice() };
  const tiles = { done: 0, of: 0 };
  let isStopped = false;
  const paintTile = async (place: Box, index: number, of: number): Promise<Float32Array> => {
    tiles.of = of;
    const planes = pictureToPlanes(cropPicture(original, place));
    if (isStopped) return planes;
    progress.tile = { number: index + 1, of };
    try {
      const tile = await paintOne(tileRun(run, place, index, of), planes, conditioningAt);
      tiles.done++;
      return tile;
    } catch (thrown) {
      if (!progress.signal?.aborted || tiles.done === 0) throw thrown;
      isStopped = true;
      return planes;
    }
  };
  const { sdUpscaleOverlap: overlap = FIELDS.sdUpscaleOverlap.default, width, height } = request;
  await overTiles(
    (row, column, { index, of }) =>
      paintTile({ x: column.from, y: row.from, width: column.cells, height: row.cells }, index, of),
    { ...original, side: { width, height }, overlap, multiple: model.info.latentScale },
    ({ rows, first, count }) => {
      const pixels = count * painted.width;
      // The clamped array rounds and clamps.
      for (let c = 0; c < 3; c++)
        for (let i = 0; i < pixels; i++)
          painted.data[4 * (first * painted.width + i) + c] = (rows[c * pixels + i] + 1) * 127.5;
    },
  );
  return { painted, tiles };
}

/** A tile as a run of its own, which knows of the others; its seed counts up, as A1111's does. */
function tileRun(run: PaintRun, { width, height }: Box, index: number, of: number): PaintRun {
  const { seed, sdUpscaleStrength: denoisingStrength = FIELDS.sdUpscaleStrength.default } = run.request;
  const request = { ...run.request, width, height, seed: seedAfter(seed, index), denoisingStrength };
  const { run: steps } = stepsFrom(request);
  const passes = {
    before: { steps: index * steps, cost: 1 },
    after: { steps: (of - index - 1) * steps, cost: 1 },
  };
  return { ...run, request, size: latentSizeOf(run.model, request), passes };
}

async function paintOne(run: PaintRun, planes: Float32Array, conditioningAt: ConditioningAt): Promise<Float32Array> {
  const { model, request } = run;
  const plan = planRun(run, stepsFrom(request));
  const original = await encodedPlanes(model, planes, request, posteriorDraw(request));
  const latent = await denoise(run, plan, await startFromLatent(run, plan, original), conditioningAt);
  return decodePlanes(run, latent);
}
