import { isPictured } from '../../core/request/applicable';
import { frameUse } from '../../editor/document/frame-use';
import type { DrawSeed } from '../../jobs/seeds';
import { canvas, isCanvasUsed } from '../canvas/canvas';
import { inFrame } from '../canvas/canvas-frame';
import { paintedFrom, suitCanvas } from '../canvas/suit-canvas';
import { currentRequest, firstProblem, useSettings } from '../settings/settings';
import { enqueue } from './enqueue';

/**
 * Paints what the frame shows, as the form says, after what already waits: from its picture and mask as they are now,
 * or from words alone where the frame shows nothing yet. What comes back is offered at its place; where no canvas was
 * begun, on a blank one of the form's size.
 * @returns false when a field is wrong, which its own message explains
 */
export function paintCanvas(draw?: DrawSeed): boolean {
  suitCanvas();
  const settings = useSettings.getState();
  const from = paintedFrom(frameUse(canvas.snapshot().document));
  if (firstProblem(settings, from)) return false;
  if (!isCanvasUsed()) canvas.openBlank(settings.values);
  const { frame } = canvas.snapshot().document;
  const given = isPictured(from)
    ? { picture: canvas.exportPicture(), mask: from === 'mask' ? canvas.exportMask() : undefined }
    : undefined;
  const request = inFrame(currentRequest(settings, from), frame);
  enqueue({ request, sink: 'canvas', place: frame, given }, draw);
  return true;
}
