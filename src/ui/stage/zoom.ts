/** A point in pixels of the page, from the middle of the frame. */
export interface Point {
  x: number;
  y: number;
}

/** How a picture lies in its frame: enlarged over its fitted size, and moved from the middle. */
export interface View extends Point {
  zoom: number;
}

export const FIT: View = { zoom: 1, x: 0, y: 0 };

const MAX_ZOOM = 24;
/** Nobody means to look at a picture smaller than this beside its fitted size, whatever its pixels. */
const MIN_ZOOM = 0.2;

/** Enlarges by a factor and leaves what is under the pointer where it is. */
export function zoomAt(view: View, factor: number, pointer: Point): View {
  const zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, view.zoom * factor));
  const grown = zoom / view.zoom;
  return { zoom, x: pointer.x - (pointer.x - view.x) * grown, y: pointer.y - (pointer.y - view.y) * grown };
}

export function movedBy(view: View, by: Point): View {
  return { ...view, x: view.x + by.x, y: view.y + by.y };
}

/** The zoom that shows one picture pixel as one pixel of the screen. */
export function truePixels(picturePx: number, fittedPx: number, devicePixelRatio: number): number {
  return picturePx / devicePixelRatio / fittedPx;
}

/** From fit to true pixels around the pointer (twice its size where they are the same), and back from anywhere. */
export function toggled(view: View, trueZoom: number, pointer: Point): View {
  if (view.zoom !== 1) return FIT;
  const target = Math.abs(trueZoom - 1) < 0.05 ? 2 : trueZoom;
  // A picture that shrinks stays in the middle; one that grows grows where it was clicked.
  return target < 1 ? { ...FIT, zoom: target } : zoomAt(view, target, pointer);
}

/** Two fingers from one pair of places to another: how much they spread, and around where. */
export function pinch(before: readonly [Point, Point], after: readonly [Point, Point]): { factor: number; at: Point } {
  const apart = ([a, b]: readonly [Point, Point]) => Math.hypot(a.x - b.x, a.y - b.y);
  const at = { x: (after[0].x + after[1].x) / 2, y: (after[0].y + after[1].y) / 2 };
  return { factor: apart(after) / Math.max(1, apart(before)), at };
}
