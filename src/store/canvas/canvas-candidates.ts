import { type Box, movedBy } from '../../core/image/picture';
import { resizePicture } from '../../core/image/resample';
import type { PaintedPicture } from '../../engine/protocol';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { notify } from '../notices';
import { canvas } from './canvas';
import { readPictureFile } from './picture-file';

/**
 * Offers a finished painting at its place on the canvas, resized to it where it was painted at another size.
 * @param frame what was given to paint from, on the canvas
 * @param id its result's
 */
export async function offerCandidate({ png, place }: PaintedPicture, frame: Box, id: string): Promise<void> {
  try {
    const picture = await readPictureFile(png, texts.thePainting);
    const box = place ? movedBy(place, frame) : frame;
    const fits = picture.width === box.width && picture.height === box.height;
    canvas.addCandidate(id, fits ? picture : resizePicture(picture, box), box);
  } catch (thrown) {
    notify(texts.paintingNotOnCanvas(errorText(thrown)));
  }
}
