import { EaselError, said } from '../../core/errors';
import { classesOf } from '../../core/image/class-map';
import type { InputImage, Picture } from '../../core/image/picture';
import { pictureToPlanes } from '../../core/image/planes';
import { resizeTo } from '../../core/image/resize-modes';
import type { ModelInfo } from '../../model/running/model-info';
import type { PaintingModel } from '../../model/running/painting-model';
import type { LatentSize } from '../latent-size';
import type { PaintRun } from '../run';
import { opaque } from './fill';
import { emptyInpaintChannels, isInpaintingModel } from './inpaint-channels';
import { pixelMode } from './prepared-image';

/** What a model is shown beside the latent where no picture is given: an inpainting one, that all is masked. */
export async function spatialWithout(model: PaintingModel, size: LatentSize): Promise<Float32Array | undefined> {
  return isInpaintingModel(model) ? emptyInpaintChannels(model, size) : undefined;
}

/** The picture that a model is to be shown. @throws EaselError `bad-request` where none is given */
export function pictureFor({ name, spatial, mapClasses = 0 }: ModelInfo, given: InputImage | undefined): Picture {
  if (given) return given.picture;
  throw new EaselError(
    'bad-request',
    spatial === 'class-map'
      ? said`${name} paints from a map of ${mapClasses} classes: put one on the canvas and paint from it.`
      : said`${name} makes a picture larger: paint from one.`,
  );
}

/** What a model is shown of a picture beside the latent, by its kind: [channels, height, width] of latent cells. */
export async function shownOf({ model, request, size }: PaintRun, picture: Picture): Promise<Float32Array> {
  const { spatial, mapClasses = 0 } = model.info;
  switch (spatial) {
    // As small as the latent, its pixels -1..1.
    case 'small-picture':
      return pictureToPlanes(opaque(resizeTo(pixelMode(request), picture, size).content));
    case 'class-map': {
      if (!model.encodeMap) throw new EaselError('internal', said`${model.info.name} has nothing that reads a map.`);
      const { width, height } = request;
      const { content } = resizeTo(pixelMode(request), picture, { width, height }, 'nearest');
      return model.encodeMap(classesOf(content, mapClasses), size.height, size.width);
    }
    case undefined:
      throw new EaselError('internal', said`${model.info.name} is shown no picture.`);
    default:
      spatial satisfies never;
      throw new RangeError(`Unknown picture "${String(spatial)}".`);
  }
}
