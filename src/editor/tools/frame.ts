import { type Box, MAX_SIDE, union } from '../../core/image/picture';

/** What of the frame is dragged: an edge, a corner, or all of it. */
const HANDLES = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w', 'move'] as const;
export type Handle = (typeof HANDLES)[number];

/** A frame's sides are multiples of the autoencoder's factor once an edge has been dragged. */
export const FRAME_STEP = 8;
export const FRAME_MIN = 64;

/**
 * The handle within `reach` canvas pixels of a point, corners before edges; `move` elsewhere inside; undefined outside.
 */
export function handleAt(frame: Box, x: number, y: number, reach: number): Handle | undefined {
  const [right, bottom] = [frame.x + frame.width, frame.y + frame.height];
  if (x < frame.x - reach || x > right + reach || y < frame.y - reach || y > bottom + reach) return undefined;
  const vertical = Math.abs(y - frame.y) <= reach ? 'n' : Math.abs(y - bottom) <= reach ? 's' : '';
  const horizontal = Math.abs(x - frame.x) <= reach ? 'w' : Math.abs(x - right) <= reach ? 'e' : '';
  return (`${vertical}${horizontal}` || 'move') as Handle;
}

const snapped = (value: number): number => Math.round(value / FRAME_STEP) * FRAME_STEP;

/** A side after its moving edge was dragged by `delta`: a multiple of 8 from the edge that stays. */
const side = (length: number, delta: number): number =>
  Math.min(MAX_SIDE, Math.max(FRAME_MIN, snapped(length + delta)));

/**
 * A frame whose handle was dragged by (dx, dy) canvas pixels. Dragged sides become multiples of 8, at least 64; moving
 * keeps the size and puts the corner on multiples of 8. What would take frame and canvas together beyond 8192 pixels a
 * side stays as it was.
 */
export function dragFrame(frame: Box, handle: Handle, dx: number, dy: number, canvas: Box): Box {
  const dragged = draggedFrame(frame, handle, dx, dy);
  const both = union(dragged, canvas);
  const wide = both.width > MAX_SIDE;
  const tall = both.height > MAX_SIDE;
  return {
    x: wide ? frame.x : dragged.x,
    width: wide ? frame.width : dragged.width,
    y: tall ? frame.y : dragged.y,
    height: tall ? frame.height : dragged.height,
  };
}

function draggedFrame(frame: Box, handle: Handle, dx: number, dy: number): Box {
  if (handle === 'move') return { ...frame, x: snapped(frame.x + dx), y: snapped(frame.y + dy) };
  let { x, y, width, height } = frame;
  if (handle.includes('e')) width = side(width, dx);
  if (handle.includes('s')) height = side(height, dy);
  if (handle.includes('w')) {
    width = side(width, -dx);
    x = frame.x + frame.width - width;
  }
  if (handle.includes('n')) {
    height = side(height, -dy);
    y = frame.y + frame.height - height;
  }
  return { x, y, width, height };
}

/**
 * A frame with one edge moved outwards by `pixels` (a multiple of 8 is kept as it is): A1111's outpainting by
 * direction.
 */
export function extendFrame(frame: Box, edge: 'n' | 'e' | 's' | 'w', pixels: number, canvas: Box): Box {
  const sign = edge === 'n' || edge === 'w' ? -1 : 1;
  return dragFrame(frame, edge, sign * pixels, sign * pixels, canvas);
}
