import type { Box, Size } from '../../core/image/picture';

/** How the canvas is looked at. Screen coordinates are CSS pixels from the view's corner. */
export interface Viewport {
  /** The view's size in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Canvas coordinates of the view's left top corner. */
  readonly x: number;
  readonly y: number;
  /** CSS pixels a canvas pixel. */
  readonly scale: number;
}

export interface Point {
  x: number;
  y: number;
}

export const MIN_SCALE = 1 / 64;
export const MAX_SCALE = 64;

export const toCanvas = (view: Viewport, { x, y }: Point): Point => ({
  x: view.x + x / view.scale,
  y: view.y + y / view.scale,
});

export const toScreen = (view: Viewport, { x, y }: Point): Point => ({
  x: (x - view.x) * view.scale,
  y: (y - view.y) * view.scale,
});

/** Moved so that what was under the pointer goes with it by (dx, dy) screen pixels. */
export const panBy = (view: Viewport, dx: number, dy: number): Viewport => ({
  ...view,
  x: view.x - dx / view.scale,
  y: view.y - dy / view.scale,
});

/** Zoomed by a factor; what lies under the screen point `about` stays there. */
export function zoomAbout(view: Viewport, about: Point, factor: number): Viewport {
  const scale = Math.min(MAX_SCALE, Math.max(MIN_SCALE, view.scale * factor));
  const fixed = toCanvas(view, about);
  return { ...view, scale, x: fixed.x - about.x / scale, y: fixed.y - about.y / scale };
}

/** A wheel's notch in pixels: browsers send 100 to 120. */
const NOTCH_PX = 100;

/** How much a notch zooms. */
export const NOTCH_ZOOM = 1.2;

/**
 * What a wheel does: zooms about the pointer, by a notch at most: a wheel that is spun sends many.
 * @param deltaY pixels, downwards zooms out
 */
export function zoomByWheel(view: Viewport, about: Point, deltaY: number): Viewport {
  const notches = Math.min(1, Math.max(-1, -deltaY / NOTCH_PX));
  return zoomAbout(view, about, NOTCH_ZOOM ** notches);
}

/** Two fingers moved from `before` to `now`: what lay under each goes with it (turning is left out). */
export function pinch(view: Viewport, before: readonly [Point, Point], now: readonly [Point, Point]): Viewport {
  const middle = ([a, b]: readonly [Point, Point]): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  const spread = ([a, b]: readonly [Point, Point]) => Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
  const [from, to] = [middle(before), middle(now)];
  return zoomAbout(panBy(view, to.x - from.x, to.y - from.y), to, spread(now) / spread(before));
}

/** How far a small picture is enlarged to fit. */
const MAX_FIT = 4;

/**
 * All of a box in the middle of the view with a margin; a small one enlarged by a whole number, so that its pixels stay
 * square and even.
 */
export function fitView(view: Viewport, box: Box, margin = 24): Viewport {
  const fits = Math.min((view.width - 2 * margin) / box.width, (view.height - 2 * margin) / box.height);
  const scale = fits < 1 ? Math.max(MIN_SCALE, fits) : Math.min(MAX_FIT, Math.floor(fits));
  return centred({ ...view, scale }, box);
}

/** At 100 %, the box's middle in the view's middle. */
export const actualSize = (view: Viewport, box: Box): Viewport => centred({ ...view, scale: 1 }, box);

function centred(view: Viewport, box: Box): Viewport {
  return {
    ...view,
    x: box.x + box.width / 2 - view.width / 2 / view.scale,
    y: box.y + box.height / 2 - view.height / 2 / view.scale,
  };
}

/** The view at another size, its middle kept. */
export function resized(view: Viewport, { width, height }: Size): Viewport {
  const { scale } = view;
  return {
    ...view,
    width,
    height,
    x: view.x + (view.width - width) / 2 / scale,
    y: view.y + (view.height - height) / 2 / scale,
  };
}

/** The canvas pixels that the view shows, whole ones at its edges. */
export function visibleBox(view: Viewport): Box {
  const [left, top] = [Math.floor(view.x), Math.floor(view.y)];
  return {
    x: left,
    y: top,
    width: Math.ceil(view.x + view.width / view.scale) - left,
    height: Math.ceil(view.y + view.height / view.scale) - top,
  };
}
