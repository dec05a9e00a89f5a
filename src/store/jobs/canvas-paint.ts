import type { InputImage, Mask, Picture } from '../../core/image/picture';
import type { DrawSeed } from '../../jobs/seeds';
import { canvas } from '../canvas/canvas';
import { inFrame } from '../canvas/canvas-frame';
import { currentRequest, firstProblem, useSettings } from '../settings/settings';
import { enqueue } from './enqueue';

/**
 * Paints what the frame shows, as the form says, after what already waits: from its picture and mask as they are now,
 * or from words alone where the frame shows nothing yet. What comes back is offered at its place.
 * @returns false when a field is wrong, which its own message explains
 */
export function paintCanvas(draw?: DrawSeed): boolean {
  const settings = useSettings.getState();
  if (firstProblem(settings, 'mask')) return false;
  const { frame } = canvas.snapshot().document;
  const given = givenBy(canvas.exportPicture(), canvas.exportMask());
  const from = given === undefined ? 'words' : given.mask ? 'mask' : 'picture';
  enqueue({ request: inFrame(currentRequest(settings, from), frame), sink: 'canvas', place: frame, given }, draw);
  return true;
}

/** What there is to paint from; a mask only where something is masked, and nothing at all where all is empty. */
function givenBy(picture: Picture, mask: Mask): InputImage | undefined {
  const isEmpty = !picture.data.some((value, i) => i % 4 === 3 && value > 0);
  if (isEmpty) return undefined;
  return mask.data.some((value) => value > 0) ? { picture, mask } : { picture };
}
