import type { Latent } from '../../core/diffusion/types';
import { EaselError, said } from '../../core/errors';
import { interpolate } from '../../core/image/interpolate';
import type { Picture, Size } from '../../core/image/picture';
import { pictureToPlanes, rgbToPicture } from '../../core/image/planes';
import type { PixelWay, UpscalerWay } from '../../core/image/upscalers';
import type { HiresSize } from '../../core/request/hires';
import { encodedPlanes } from '../input-image/encode';
import type { PaintRun } from '../run';
import { upscalePicture } from '../upscale-picture';
import { decode } from './decode';

/**
 * A painted latent made larger, and what is over cut off: by itself, or through the pixels that it stands for.
 * @param run the pass that painted it
 */
export async function upscale(run: PaintRun, latent: Latent, way: UpscalerWay, to: HiresSize): Promise<Float64Array> {
  const cell = run.model.info.latentScale;
  const inCells = ({ width, height }: Size) => ({ width: width / cell, height: height / cell });
  const enlarged = await enlargedLatent(run, latent, way, to.enlarged, inCells(to.enlarged));
  return cut(enlarged, inCells(to.enlarged), { x: to.x / cell, y: to.y / cell, ...inCells(to) });
}

/** @param pixels the size in pixels @param cells the same in cells of the latent */
async function enlargedLatent(
  run: PaintRun,
  latent: Latent,
  way: UpscalerWay,
  pixels: Size,
  cells: Size,
): Promise<Float64Array> {
  switch (way.works) {
    case 'latent':
      return interpolate(latent, run.size, cells, way.mode);
    default: {
      const { model, request, progress } = run;
      const painted = rgbToPicture(await decode(run, latent), request.width, request.height);
      const enlarged = await upscaledPicture(run, painted, way, pixels);
      await progress.enter('encode-picture');
      return encodedPlanes(model, pictureToPlanes(enlarged), pixels);
    }
  }
}

/** A picture at another size, by what works on pixels. @throws EaselError `bad-request` for a network not given */
export async function upscaledPicture(
  { upscaler: network, progress }: PaintRun,
  picture: Picture,
  way: PixelWay,
  to: Size,
): Promise<Picture> {
  await progress.enter('upscale');
  if (way.works === 'pixels') return upscalePicture(picture, to, { kind: 'filter', filter: way.filter });
  if (network) return upscalePicture(picture, to, { kind: 'network', network }, { signal: progress.signal });
  throw new EaselError(
    'bad-request',
    said`The upscaler ${way.name} was not given. Choose another one, or add its file.`,
  );
}

/** A part of each channel. */
function cut(latent: Float64Array, from: Size, part: Size & { x: number; y: number }): Float64Array {
  if (part.width === from.width && part.height === from.height) return latent;
  const channels = latent.length / (from.width * from.height);
  const out = new Float64Array(channels * part.width * part.height);
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < part.height; y++) {
      const start = (c * from.height + part.y + y) * from.width + part.x;
      out.set(latent.subarray(start, start + part.width), (c * part.height + y) * part.width);
    }
  return out;
}
