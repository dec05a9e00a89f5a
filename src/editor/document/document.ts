import { EaselError, said } from '../../core/errors';
import {
  type Box,
  blankMask,
  blankPicture,
  checkSize,
  intersection,
  isOpaque,
  type Mask,
  type Picture,
  type Size,
  union,
} from '../../core/image/picture';
import {
  type Channels,
  emptyLayer,
  type Layer,
  readLayer,
  TILE,
  type Tile,
  tileBox,
  withTiles,
  writeLayer,
} from './tiles';

export const LAYER_IDS = ['picture', 'sketch', 'mask'] as const;
export type LayerId = (typeof LAYER_IDS)[number];

export const LAYER_CHANNELS: Readonly<Record<LayerId, Channels>> = { picture: 4, sketch: 4, mask: 1 };

/**
 * Everything on the canvas, as a value: an edit makes a new one that shares what did not change.
 * Coordinates are whole pixels; the first picture's corner is (0, 0), and outpainting reaches into the negative.
 */
export interface CanvasDocument {
  /** What there is to see and to paint on. */
  readonly canvas: Box;
  /** What is painted next, and what is exported: as the canvas, a part of it, or beyond it (outpainting). */
  readonly frame: Box;
  /** The picture itself. Alpha 0 where there is none yet. */
  readonly picture: Layer;
  /** Colour painted over the picture before img2img. */
  readonly sketch: Layer;
  /** What is to be painted anew: 0 .. 255. */
  readonly mask: Layer;
}

/** An empty canvas. @throws EaselError `bad-request` when a side is not 1..8192. */
export function createDocument({ width, height }: Size): CanvasDocument {
  checkSize({ width, height });
  const canvas = { x: 0, y: 0, width, height };
  return { canvas, frame: canvas, picture: emptyLayer(4), sketch: emptyLayer(4), mask: emptyLayer(1) };
}

/** What an imported picture's transparency means: part of the mask, or laid on white. */
export type AlphaUse = 'mask' | 'white';

/** A fresh canvas that shows a picture. Its alpha becomes the mask, or is laid on white. @throws as createDocument. */
export function documentOf(picture: Picture, alpha: AlphaUse = 'white'): CanvasDocument {
  const document = createDocument(picture);
  const { canvas } = document;
  const opaque = alpha === 'white' ? onWhite(picture) : withoutAlpha(picture);
  const shown = { ...document, picture: writeLayer(document.picture, canvas, opaque.data) };
  if (alpha === 'white' || opaque === picture) return shown;
  const mask = blankMask(picture);
  for (let i = 0; i < mask.data.length; i++) mask.data[i] = 255 - picture.data[4 * i + 3];
  return { ...shown, mask: writeLayer(document.mask, canvas, mask.data) };
}

/** A picture laid on white; itself where it is opaque. */
function onWhite(picture: Picture): Picture {
  if (isOpaque(picture)) return picture;
  const out = blankPicture(picture, [255, 255, 255, 255]);
  for (let i = 0; i < out.data.length; i += 4) layOver(out.data, i, picture.data, i);
  return out;
}

/** A picture's colours, alpha left out; itself where it is opaque. */
function withoutAlpha(picture: Picture): Picture {
  if (isOpaque(picture)) return picture;
  const data = picture.data.slice();
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { ...picture, data };
}

/** Where strokes may fall: the canvas and the frame, with what lies between them. */
export const paintable = ({ canvas, frame }: CanvasDocument): Box => union(canvas, frame);

/** The picture with the sketch over it, inside a box; transparent where there is neither. */
export function readPicture({ picture, sketch }: CanvasDocument, box: Box): Picture {
  const out = blankPicture(box);
  readLayer(picture, box, out.data);
  if (sketch.tiles.size === 0) return out;
  const over = new Uint8ClampedArray(out.data.length);
  readLayer(sketch, box, over);
  for (let i = 0; i < over.length; i += 4) if (over[i + 3] > 0) layOver(out.data, i, over, i);
  return out;
}

/** One pixel laid over another (Porter and Duff's "over", alpha not premultiplied). */
export function layOver(
  below: Uint8Array | Uint8ClampedArray,
  at: number,
  above: Uint8Array | Uint8ClampedArray,
  from: number,
): void {
  const alpha = above[from + 3];
  const under = below[at + 3];
  if (alpha === 255 || under === 0) {
    for (let c = 0; c < 4; c++) below[at + c] = above[from + c];
    return;
  }
  const through = (under * (255 - alpha)) / 255;
  const total = alpha + through;
  for (let c = 0; c < 3; c++) below[at + c] = Math.round((above[from + c] * alpha + below[at + c] * through) / total);
  below[at + 3] = Math.round(total);
}

/** The mask layer inside a box. */
export function readMask({ mask }: CanvasDocument, box: Box): Mask {
  const out = blankMask(box);
  readLayer(mask, box, out.data);
  return out;
}

/** What the frame shows: the picture for img2img and inpainting. */
export const exportPicture = (document: CanvasDocument): Picture => readPicture(document, document.frame);

/**
 * What the frame's next painting replaces: the mask, and all of the frame where there is no picture yet (outpainting).
 */
export function exportMask(document: CanvasDocument): Mask {
  const mask = readMask(document, document.frame);
  const picture = blankPicture(document.frame);
  readLayer(document.picture, document.frame, picture.data);
  for (let i = 0; i < mask.data.length; i++) mask.data[i] = Math.max(mask.data[i], 255 - picture.data[4 * i + 3]);
  return mask;
}

/**
 * A finished painting becomes part of the picture: its pixels are laid over it, and the sketch that they were made from
 * goes. The canvas grows to hold it. @throws EaselError `bad-request` when it would grow beyond 8192 pixels a side.
 */
export function placePainting(document: CanvasDocument, painting: Picture, x: number, y: number): CanvasDocument {
  const box = { x, y, width: painting.width, height: painting.height };
  const canvas = union(document.canvas, box);
  checkCanvas(canvas);
  const onto = blankPicture(box);
  readLayer(document.picture, box, onto.data);
  const sketch = blankPicture(box);
  readLayer(document.sketch, box, sketch.data);
  for (let i = 0; i < onto.data.length; i += 4) {
    if (painting.data[i + 3] === 0) continue;
    layOver(onto.data, i, painting.data, i);
    sketch.data[i + 3] = (sketch.data[i + 3] * (255 - painting.data[i + 3])) / 255;
    if (sketch.data[i + 3] === 0) sketch.data.fill(0, i, i + 4);
  }
  return {
    ...document,
    canvas,
    picture: writeLayer(document.picture, box, onto.data),
    sketch: document.sketch.tiles.size === 0 ? document.sketch : writeLayer(document.sketch, box, sketch.data),
  };
}

/** @throws EaselError `bad-request` when a canvas or frame is larger than pictures may be. */
export function checkCanvas(box: Box): void {
  try {
    checkSize(box);
  } catch (cause) {
    throw new EaselError(
      'bad-request',
      said`The canvas would be ${box.width} x ${box.height}. Maximum 8192 px per side.`,
      {
        cause,
      },
    );
  }
}

/**
 * The same document with another frame. @throws EaselError `bad-request` when it and the canvas together are over 8192
 * a side.
 */
export function withFrame(document: CanvasDocument, frame: Box): CanvasDocument {
  checkCanvas(union(document.canvas, frame));
  checkCanvas(frame);
  return { ...document, frame };
}

/** The canvas cut to the frame: pixels outside go (undo brings them back). */
export function cropToFrame(document: CanvasDocument): CanvasDocument {
  const box = document.frame;
  const cut = (layer: Layer): Layer =>
    withTiles(
      layer,
      [...layer.tiles].map(([key, tile]) => [key, cutTile(tile, layer.channels, tileBox(key), box)]),
    );
  return {
    canvas: box,
    frame: box,
    picture: cut(document.picture),
    sketch: cut(document.sketch),
    mask: cut(document.mask),
  };
}

/** A tile with what lies outside a box taken away; the same tile where nothing does. */
function cutTile(tile: Tile, channels: Channels, corner: Box, box: Box): Tile {
  const part = intersection(corner, box);
  if (part.width === TILE && part.height === TILE) return tile;
  const cut: Tile = new Uint8Array(tile.length);
  for (let y = part.y; y < part.y + part.height; y++) {
    const start = ((y - corner.y) * TILE + part.x - corner.x) * channels;
    cut.set(tile.subarray(start, start + part.width * channels), start);
  }
  return cut;
}

/** A mask layer rewritten as a whole inside a box, as grow, shrink, feather and invert do. */
export function mapMask(document: CanvasDocument, box: Box, change: (mask: Mask) => Mask): CanvasDocument {
  return { ...document, mask: writeLayer(document.mask, box, change(readMask(document, box)).data) };
}

/** The colour under a point, sketch over picture; undefined where there is none. */
export function colourAt(document: CanvasDocument, x: number, y: number): [number, number, number] | undefined {
  const [r, g, b, alpha] = readPicture(document, { x: Math.floor(x), y: Math.floor(y), width: 1, height: 1 }).data;
  return alpha === 0 ? undefined : [r, g, b];
}
