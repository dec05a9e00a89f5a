import { rgbToPicture } from '../../core/image/planes';
import type { PreparedImage } from '../input-image/prepared-image';
import { type PaintedPixels, pixelsOf } from '../painted';
import type { PaintRun } from '../run';

/** A painting as the result: itself, or laid into the given picture through the mask. */
export function composite({ request }: PaintRun, image: PreparedImage, rgb: Uint8Array): PaintedPixels {
  const { width, height } = request;
  return { ...pixelsOf(image.finish(rgbToPicture(rgb, width, height))), place: image.place };
}
