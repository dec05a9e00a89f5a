import type { Size } from '../../core/image/picture';
import { FIELDS, fieldError } from '../../core/request/fields';
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

/** How far a frame is stretched before a finer grid of sizes is better than one that the model likes more. */
const MOST_STRETCH = 0.005;

/** The grids of sizes: what networks of three downsamplings like best, and what they still take. */
const GRIDS = [PRESET_GRID, PRESET_GRID / 2, FIELDS.width.step] as const;

/**
 * The size at which a frame is painted: its own, where the model is at home there; else about the model's number of
 * pixels as nearly in the frame's ratio as can be, from which the painting is resized to the frame. That is InvokeAI's
 * "scale before processing: auto".
 */
export function paintingSize(frame: Size, own: Size): Size {
  const share = (frame.width * frame.height) / (own.width * own.height);
  const fits = [frame.width, frame.height].every((side) => fieldError('width', side) === undefined);
  if (fits && share >= AS_IT_IS.least && share <= AS_IT_IS.most) return { width: frame.width, height: frame.height };
  const scale = 1 / Math.sqrt(share);
  const wanted = { width: frame.width * scale, height: frame.height * scale };
  const sizes = GRIDS.map((grid) => leastStretched(wanted, grid));
  const stretch = (size: Size) => stretchOf(size, frame);
  return (
    sizes.find((size) => stretch(size) <= MOST_STRETCH) ?? sizes.reduce((a, b) => (stretch(b) < stretch(a) ? b : a))
  );
}

/** How much wider or higher a picture of one size becomes in another one's ratio: 0 where both have the same. */
const stretchOf = (a: Size, b: Size): number => Math.abs(Math.log((a.width * b.height) / (a.height * b.width)));

/** Of the sizes on a grid within a sixteenth of the wanted one, that of the nearest ratio, the nearest of these. */
function leastStretched(wanted: Size, grid: number): Size {
  let best: Size = { width: onGrid(wanted.width, grid), height: onGrid(wanted.height, grid) };
  const reach = Math.floor(wanted.width / 16 / grid);
  for (let by = -reach; by <= reach; by++) {
    const width = onGrid(wanted.width + by * grid, grid);
    const size = { width, height: onGrid((width * wanted.height) / wanted.width, grid) };
    const less = stretchOf(size, wanted) - stretchOf(best, wanted);
    const isNearer = Math.abs(size.width - wanted.width) < Math.abs(best.width - wanted.width);
    if (less < -1e-9 || (less < 1e-9 && isNearer)) best = size;
  }
  return best;
}

/** The size at which the form and the model paint a frame. */
export function sizeOfPainting(frame: Size): Size {
  const { defaults, values } = useSettings.getState();
  return usePreferences.getState().sizeFollowsFrame ? paintingSize(frame, defaults) : values;
}

/** A request at the size that a frame is painted at, where the frame is to say it. */
export function inFrame(request: GenerationRequest, frame: Size): GenerationRequest {
  if (!usePreferences.getState().sizeFollowsFrame) return request;
  return { ...request, ...paintingSize(frame, useSettings.getState().defaults) };
}
