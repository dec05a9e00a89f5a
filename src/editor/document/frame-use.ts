import { type Box, intersection, movedBy, union } from '../../core/image/picture';
import type { CanvasDocument } from './document';
import { type Layer, TILE, type Tile, tileBox, tilesIn, words } from './tiles';

/** What the frame's next painting does, by what stands in the frame. */
export type FrameTask = 'text-to-image' | 'image-to-image' | 'inpaint' | 'outpaint';

export interface FrameUse {
  readonly task: FrameTask;
  /** The box around what is painted anew, on the canvas; undefined where nothing is masked (see `exportMask`). */
  readonly masked?: Box;
}

const known = new WeakMap<CanvasDocument, FrameUse>();

/**
 * What a frame is good for: words alone where it shows nothing; else its picture, the part of it that is masked, or
 * what lies beyond the picture. A sketch on bare ground is a picture to go on from.
 */
export function frameUse(document: CanvasDocument): FrameUse {
  const use = known.get(document) ?? usedFor(document);
  known.set(document, use);
  return use;
}

function usedFor({ picture, sketch, mask, frame }: CanvasDocument): FrameUse {
  const isPictured = isShown(picture, frame);
  if (!isPictured && !isShown(sketch, frame)) return { task: 'text-to-image' };
  const drawn = boundsIn(mask, frame, MASKED);
  const holes = boundsIn(picture, frame, HOLE);
  const masked = drawn && holes ? union(drawn, holes) : (drawn ?? holes);
  if (!masked) return { task: 'image-to-image' };
  return { task: drawn ? 'inpaint' : isPictured ? 'outpaint' : 'image-to-image', masked };
}

const isShown = (layer: Layer, frame: Box): boolean =>
  tilesIn(frame).some((key) => boundsIn(layer, intersection(tileBox(key), frame), SHOWN));

/** Pixels that are looked for. */
interface Wanted {
  /** Whether a tile's pixel is one, `at` counting pixels. */
  test(tile: Tile, at: number): boolean;
  /** Whether a tile has none: told by all of it at once, where that is what most tiles are like. */
  none?(tile: Tile): boolean;
  /** Whether those of a tile that is absent are. */
  absent: boolean;
  /** What whole tiles were found to hold, from their corner: tiles do not change, and a stroke makes few new ones. */
  found: WeakMap<Tile, { bounds: Box | undefined }>;
}

const MASKED: Wanted = { test: (tile, at) => tile[at] > 0, absent: false, found: new WeakMap() };
const SHOWN: Wanted = { test: (tile, at) => tile[4 * at + 3] > 0, absent: false, found: new WeakMap() };
const HOLE: Wanted = {
  test: (tile, at) => tile[4 * at + 3] < 255,
  none: (tile) => commonBits(tile) >>> 24 === 255,
  absent: true,
  found: new WeakMap(),
};

/**
 * Notes that a document's picture has no holes, as `documentOf` makes it: of one of 8192 x 8192, looking for them takes
 * more than a tenth of a second.
 */
export function knowWhole({ picture, canvas }: CanvasDocument): void {
  for (const [key, tile] of picture.tiles) {
    const { width, height } = intersection(tileBox(key), canvas);
    if (width === TILE && height === TILE) HOLE.found.set(tile, { bounds: undefined });
  }
}

/** The bits that are set in all of a tile's 32-bit words; alpha is a pixel's highest byte. */
function commonBits(tile: Tile): number {
  let bits = -1;
  const all = words(tile);
  for (let i = 0; i < all.length; i++) bits &= all[i];
  return bits;
}

/** The box around the pixels of a layer that are looked for, inside a box of the canvas. */
function boundsIn(layer: Layer, box: Box, wanted: Wanted): Box | undefined {
  let bounds: Box | undefined;
  for (const key of tilesIn(box)) {
    const corner = tileBox(key);
    const part = movedBy(intersection(corner, box), { x: -corner.x, y: -corner.y });
    const tile = layer.tiles.get(key);
    const found = tile ? boundsInTile(tile, part, wanted) : wanted.absent ? part : undefined;
    if (found) bounds = union(bounds ?? EMPTY, movedBy(found, corner));
  }
  return bounds;
}

const EMPTY: Box = { x: 0, y: 0, width: 0, height: 0 };

/** The same of a part of one tile, from the tile's corner. */
function boundsInTile(tile: Tile, part: Box, { test, none, found }: Wanted): Box | undefined {
  if (part.width < TILE || part.height < TILE) return boundsOf(tile, part, test);
  const known = found.get(tile) ?? { bounds: none?.(tile) ? undefined : boundsOf(tile, part, test) };
  found.set(tile, known);
  return known.bounds;
}

/** From each side inwards: of a part that is full, only the rim is looked at. */
function boundsOf(tile: Tile, part: Box, test: Wanted['test']): Box | undefined {
  const any = (left: number, top: number, across: number, down: number): boolean => {
    for (let row = top; row < top + down; row++)
      for (let at = row * TILE + left; at < row * TILE + left + across; at++) if (test(tile, at)) return true;
    return false;
  };
  let { x, y, width, height } = part;
  while (height > 0 && !any(x, y, width, 1)) [y, height] = [y + 1, height - 1];
  if (height === 0) return undefined;
  while (!any(x, y + height - 1, width, 1)) height--;
  while (!any(x, y, 1, height)) [x, width] = [x + 1, width - 1];
  while (!any(x + width - 1, y, 1, height)) width--;
  return { x, y, width, height };
}
