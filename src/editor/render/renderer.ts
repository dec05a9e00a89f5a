import { type Box, inflate, intersection, isEmpty, union } from '../../core/image/picture';
import { type CanvasDocument, LAYER_IDS, paintable } from '../document/document';
import { TILE, type Tile, tileBox, tilesIn, words } from '../document/tiles';
import { type Point, type Viewport, visibleBox } from '../viewport/viewport';
import { type Composition, composeTile, isVisible } from './compose';

/** What the renderer uses of a CanvasRenderingContext2D. */
export type RenderContext = Pick<
  CanvasRenderingContext2D,
  | 'save'
  | 'restore'
  | 'beginPath'
  | 'rect'
  | 'clip'
  | 'arc'
  | 'closePath'
  | 'lineTo'
  | 'stroke'
  | 'clearRect'
  | 'fillRect'
  | 'strokeRect'
  | 'setLineDash'
  | 'drawImage'
  | 'putImageData'
  | 'createImageData'
  | 'fillStyle'
  | 'strokeStyle'
  | 'lineWidth'
  | 'imageSmoothingEnabled'
>;

/** A picture of one tile, kept between frames: an OffscreenCanvas and its context. */
export interface Surface {
  readonly image: CanvasImageSource;
  readonly context: Pick<RenderContext, 'putImageData'>;
}

export interface RenderTarget {
  readonly context: RenderContext;
  createSurface(width: number, height: number): Surface;
  /** Device pixels a CSS pixel: devicePixelRatio. */
  readonly ratio: number;
  /** Milliseconds, for the budget. */
  now(): number;
}

/** Everything that a frame shows. */
export interface RenderScene extends Composition {
  readonly viewport: Viewport;
  /** The frame as it is being dragged, or as it is. */
  readonly frame: Box;
  /** The frame tool is in hand: its handles show. */
  readonly handles: boolean;
  /** Outline of a lasso or rectangle in the making, on the canvas. */
  readonly outline?: readonly Point[];
  /** The brush under the pointer, on the canvas. */
  readonly cursor?: Point & { radius: number };
}

/** What of a part is out of date: its pixels, or only what is drawn over them. */
type DamageOf = 'pixels' | 'overlay';

export interface Renderer {
  /** Notes that the live stroke changed inside a box; all else is found by comparing scenes. */
  damage(box: Box): void;
  /**
   * Notes that a document looks as the last scene did with its live stroke: the stroke was kept. What is damaged is
   * still drawn again.
   */
  settle(document: CanvasDocument): void;
  /**
   * Draws what changed since the last time. @returns false when the budget ended before every tile was ready: draw
   * again
   */
  draw(scene: RenderScene): boolean;
  dispose(): void;
}

/** Composing goes on for so long in one frame; the rest of 16 ms is the browser's. */
const BUDGET_MS = 8;

/** Tile pictures kept beyond those in view: 64 MiB. */
const SPARE_SURFACES = 256;

const BACKGROUND = '#8883';
const CHECKER = '#8882';
const CHECKER_PX = 12;
const HANDLE_PX = 8;

interface Held {
  surface: Surface;
  /** What of the tile is out of date. */
  stale?: Box;
}

/**
 * Draws scenes on a canvas: tiles are composed once and kept, and only what was damaged is composed and drawn again.
 */
export function createRenderer({ context, createSurface, ratio, now }: RenderTarget): Renderer {
  const tiles = createTileCache(createSurface, context.createImageData(TILE, TILE));
  let last: RenderScene | undefined;
  let dirty: Box = { x: 0, y: 0, width: 0, height: 0 };

  const damage = (box: Box, of: DamageOf): void => {
    if (isEmpty(box)) return;
    dirty = union(dirty, inflate(box, 1));
    if (of === 'pixels') tiles.damage(box);
  };

  const compose = (scene: RenderScene, view: Box): boolean => {
    const deadline = now() + BUDGET_MS;
    for (const key of tilesIn(view)) {
      const part = tiles.compose(scene, key);
      if (!part) continue;
      dirty = union(dirty, part);
      if (now() > deadline) return false;
    }
    return true;
  };

  return {
    damage: (box) => damage(box, 'pixels'),
    settle(document) {
      if (last) last = { ...last, document };
    },
    draw(scene) {
      const view = visibleBox(scene.viewport);
      for (const [box, of] of differences(last, scene)) damage(box, of);
      const moved = last?.viewport !== scene.viewport;
      last = scene;
      const complete = compose(scene, intersection(view, inflate(paintable(scene.document), TILE)));
      tiles.trim(view);
      const part = moved ? view : intersection(dirty, view);
      if (!isEmpty(part)) paint(context, ratio, scene, part, tiles.held);
      dirty = { x: 0, y: 0, width: 0, height: 0 };
      return complete;
    },
    dispose: () => tiles.held.clear(),
  };
}

/** The pictures of tiles that were composed. @param pixels where each is composed */
function createTileCache(createSurface: RenderTarget['createSurface'], pixels: ImageData) {
  const held = new Map<number, Held>();
  return {
    held: held as Pick<Map<number, Held>, 'get' | 'clear'>,

    damage(box: Box): void {
      for (const key of tilesIn(box)) {
        const tile = held.get(key);
        if (!tile) continue;
        const part = intersection(tileBox(key), box);
        tile.stale = tile.stale ? union(tile.stale, part) : part;
      }
    },

    /** Composes what is out of date of a tile. @returns what that was; undefined where there was nothing */
    compose(scene: RenderScene, key: number): Box | undefined {
      const old = held.get(key);
      if (!isVisible(scene, key)) {
        held.delete(key);
        return undefined;
      }
      if (old && !old.stale) return undefined;
      const tile = old ?? { surface: createSurface(TILE, TILE) };
      const corner = tileBox(key);
      const part = tile.stale ?? corner;
      composeTile(scene, key, part, pixels.data);
      tile.surface.context.putImageData(pixels, 0, 0, part.x - corner.x, part.y - corner.y, part.width, part.height);
      tile.stale = undefined;
      held.set(key, tile);
      return part;
    },

    /** Lets go of pictures out of sight, where there are many. */
    trim(view: Box): void {
      if (held.size <= SPARE_SURFACES) return;
      const shown = new Set(tilesIn(view));
      for (const key of held.keys())
        if (held.size > Math.max(SPARE_SURFACES, shown.size) && !shown.has(key)) held.delete(key);
    },
  };
}

/** The boxes in which two scenes differ, live strokes aside: those report their damage as they grow. */
function differences(before: RenderScene | undefined, after: RenderScene): [Box, DamageOf][] {
  if (!before) return [[visibleBox(after.viewport), 'pixels']];
  const pixels = before.document === after.document ? [] : changedTiles(before.document, after.document);
  if (before.overlay !== after.overlay || before.hidden !== after.hidden) pixels.push(paintable(after.document));
  if (before.candidate !== after.candidate)
    for (const shown of [before.candidate, after.candidate]) if (shown) pixels.push(shown.box);
  const { scale } = after.viewport;
  const overlay: Box[] = [];
  if (before.document.frame !== after.document.frame || before.document.canvas !== after.document.canvas)
    overlay.push(paintable(before.document), paintable(after.document));
  if (before.frame !== after.frame || before.handles !== after.handles)
    for (const { frame } of [before, after]) overlay.push(...edges(frame, (HANDLE_PX + 2) / scale));
  for (const { cursor, outline } of [before, after]) {
    if (cursor) overlay.push(around(cursor, 2 / scale));
    if (outline) overlay.push(inflate(boxAround(outline), Math.ceil(2 / scale)));
  }
  return [
    ...pixels.map((box): [Box, DamageOf] => [box, 'pixels']),
    ...overlay.map((box): [Box, DamageOf] => [box, 'overlay']),
  ];
}

function around({ x, y, radius }: Point & { radius: number }, margin: number): Box {
  const reach = Math.ceil(radius + margin) + 1;
  return inflate({ x: Math.floor(x), y: Math.floor(y), width: 1, height: 1 }, reach);
}

/** The whole pixels around some points. */
function boxAround(points: readonly Point[]): Box {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, top] = [Math.floor(Math.min(...xs)), Math.floor(Math.min(...ys))];
  return {
    x: left,
    y: top,
    width: Math.ceil(Math.max(...xs)) - left + 1,
    height: Math.ceil(Math.max(...ys)) - top + 1,
  };
}

/** A frame's four edges as boxes: what lies inside it need not be drawn again. */
function edges({ x, y, width, height }: Box, margin: number): Box[] {
  const m = Math.ceil(margin);
  return [
    { x: x - m, y: y - m, width: width + 2 * m, height: 2 * m },
    { x: x - m, y: y + height - m, width: width + 2 * m, height: 2 * m },
    { x: x - m, y: y - m, width: 2 * m, height: height + 2 * m },
    { x: x + width - m, y: y - m, width: 2 * m, height: height + 2 * m },
  ];
}

/** The parts of tiles in which two documents differ. Tiles that both share are the same object. */
function changedTiles(before: CanvasDocument, after: CanvasDocument): Box[] {
  const changed = new Map<number, Box>();
  for (const id of LAYER_IDS) {
    const [from, to] = [before[id].tiles, after[id].tiles];
    if (from === to) continue;
    const compare = (key: number): void => {
      const [old, tile] = [from.get(key), to.get(key)];
      if (old === tile) return;
      const part = old && tile ? changedPart(old, tile, key) : tileBox(key);
      changed.set(key, union(changed.get(key) ?? part, part));
    };
    for (const key of from.keys()) compare(key);
    for (const key of to.keys()) if (!from.has(key)) compare(key);
  }
  return [...changed.values()];
}

/** The box around the words that differ in two versions of a tile. */
function changedPart(old: Tile, tile: Tile, key: number): Box {
  const [from, to] = [words(old), words(tile)];
  const perRow = from.length / TILE;
  let [left, right, top, bottom] = [perRow, -1, TILE, -1];
  for (let y = 0; y < TILE; y++)
    for (let x = 0, at = y * perRow; x < perRow; x++, at++) {
      if (from[at] === to[at]) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  const corner = tileBox(key);
  const pixels = TILE / perRow; // in a word: four of a mask, one of a picture
  return {
    x: corner.x + left * pixels,
    y: corner.y + top,
    width: Math.max(0, right - left + 1) * pixels,
    height: Math.max(0, bottom - top + 1),
  };
}

/** Draws one part of the view anew. @param part on the canvas */
function paint(
  context: RenderContext,
  ratio: number,
  scene: RenderScene,
  part: Box,
  held: Pick<ReadonlyMap<number, Held>, 'get'>,
): void {
  const { viewport } = scene;
  const scale = viewport.scale * ratio;
  // Whole device pixels, so that neighbouring tiles meet without a seam.
  const atX = (x: number) => Math.round((x - viewport.x) * scale);
  const atY = (y: number) => Math.round((y - viewport.y) * scale);
  const placed = ({ x, y, width, height }: Box) =>
    [atX(x), atY(y), atX(x + width) - atX(x), atY(y + height) - atY(y)] as const;
  context.save();
  context.beginPath();
  context.rect(...placed(part));
  context.clip();
  context.clearRect(...placed(part));
  context.fillStyle = BACKGROUND;
  context.fillRect(...placed(intersection(paintable(scene.document), part)));
  drawCheckers(context, ratio, placed(scene.frame), placed(part));
  context.imageSmoothingEnabled = scale < 2;
  for (const key of tilesIn(part)) {
    const tile = held.get(key);
    if (tile) context.drawImage(tile.surface.image, ...placed(tileBox(key)));
  }
  drawFrame(context, ratio, placed(scene.frame), scene.handles);
  if (scene.outline)
    drawOutline(
      context,
      ratio,
      scene.outline.map(({ x, y }) => ({ x: atX(x), y: atY(y) })),
    );
  if (scene.cursor) drawCursor(context, ratio, atX(scene.cursor.x), atY(scene.cursor.y), scene.cursor.radius * scale);
  context.restore();
}

type Rect = readonly [x: number, y: number, width: number, height: number];

/** The checkers that stand for nothing yet: where they show in the frame, the next painting fills in. */
function drawCheckers(context: RenderContext, ratio: number, frame: Rect, part: Rect): void {
  const side = Math.max(1, Math.round(CHECKER_PX * ratio));
  const [columns, rows] = [0, 1].map((axis) => {
    const [start, length, partStart, partLength] = [frame[axis], frame[axis + 2], part[axis], part[axis + 2]];
    const first = Math.max(0, Math.floor((partStart - start) / side));
    return { first, behind: Math.ceil(Math.min(length, partStart + partLength - start) / side) };
  });
  context.fillStyle = CHECKER;
  for (let row = rows.first; row < rows.behind; row++)
    for (let column = columns.first + ((columns.first + row) & 1); column < columns.behind; column += 2) {
      const [x, y] = [column * side, row * side];
      context.fillRect(frame[0] + x, frame[1] + y, Math.min(side, frame[2] - x), Math.min(side, frame[3] - y));
    }
}

/** Twice, dark under light, so that it shows on any picture. */
function twice(context: RenderContext, ratio: number, draw: () => void): void {
  for (const [style, width] of [
    ['#000a', 3],
    ['#fff', 1],
  ] as const) {
    context.strokeStyle = style;
    context.lineWidth = width * ratio;
    draw();
  }
}

function drawFrame(
  context: RenderContext,
  ratio: number,
  [x, y, width, height]: readonly [number, number, number, number],
  handles: boolean,
): void {
  twice(context, ratio, () => context.strokeRect(x, y, width, height));
  if (!handles) return;
  const side = HANDLE_PX * ratio;
  context.fillStyle = '#fff';
  for (const across of [0, 0.5, 1])
    for (const down of [0, 0.5, 1]) {
      if (across === 0.5 && down === 0.5) continue;
      context.fillRect(x + across * width - side / 2, y + down * height - side / 2, side, side);
    }
}

function drawOutline(context: RenderContext, ratio: number, points: readonly Point[]): void {
  context.setLineDash([4 * ratio, 4 * ratio]);
  twice(context, ratio, () => {
    context.beginPath();
    for (const { x, y } of points) context.lineTo(x, y);
    context.closePath();
    context.stroke();
  });
  context.setLineDash([]);
}

function drawCursor(context: RenderContext, ratio: number, x: number, y: number, radius: number): void {
  twice(context, ratio, () => {
    context.beginPath();
    context.arc(x, y, Math.max(1, radius), 0, 2 * Math.PI);
    context.stroke();
  });
}
