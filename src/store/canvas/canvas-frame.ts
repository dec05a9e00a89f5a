import type { Size } from '../../core/image/picture';
import { fieldError } from '../../core/request/fields';
import type { GenerationRequest } from '../../core/request/request';
import { FRAME_STEP } from '../../editor/tools/frame';
import { toCanvas } from '../../editor/viewport/viewport';
import { usePreferences } from '../settings/preferences';
import { useSettings } from '../settings/settings';
import { onGrid, PRESET_GRID } from '../settings/sizes';
import { canvas } from './canvas';

/**
 * Puts the frame around the whole canvas, or makes it as large as the model likes best, in the middle of what is seen.
 */
export function fitFrame(to: 'canvas' | 'model'): void {
  const { document, viewport } = canvas.snapshot();
  if (to === 'canvas') {
    canvas.setFrame(document.canvas);
    return;
  }
  const { width, height } = useSettings.getState().defaults;
  const middle = toCanvas(viewport, { x: viewport.width / 2, y: viewport.height / 2 });
  const corner = (at: number, side: number, start: number, length: number) => {
    const requested = Math.round((at - side / 2) / FRAME_STEP) * FRAME_STEP;
    // Within the canvas where it fits there: beyond it would be outpainting, which is asked for by dragging.
    return Math.max(start, Math.min(requested, start + length - side));
  };
  canvas.setFrame({
    x: corner(middle.x, width, document.canvas.x, document.canvas.width),
    y: corner(middle.y, height, document.canvas.y, document.canvas.height),
    width,
    height,
  });
}

/** How far from the model's own number of pixels a frame may be and still be painted as it is. */
const AS_IT_IS = { least: 0.4, most: 1.6 };

/**
 * The size at which a frame is painted: its own, where the model is at home there; else the model's number of pixels in
 * the frame's ratio, from which the painting is resized to the frame. That is InvokeAI's "scale before processing:
 * auto".
 */
export function paintingSize(frame: Size, own: Size): Size {
  const share = (frame.width * frame.height) / (own.width * own.height);
  const fits = [frame.width, frame.height].every((side) => fieldError('width', side) === undefined);
  if (fits && share >= AS_IT_IS.least && share <= AS_IT_IS.most) return { width: frame.width, height: frame.height };
  const scale = 1 / Math.sqrt(share);
  return { width: onGrid(frame.width * scale, PRESET_GRID), height: onGrid(frame.height * scale, PRESET_GRID) };
}

/** A request at the size that a frame is painted at, where the frame is to say it. */
export function inFrame(request: GenerationRequest, frame: Size): GenerationRequest {
  if (!usePreferences.getState().sizeFollowsFrame) return request;
  return { ...request, ...paintingSize(frame, useSettings.getState().defaults) };
}
