import { type Box, intersection, isEmpty, type Picture } from '../../core/image/picture';
import { type CanvasDocument, LAYER_IDS, type LayerId, layOver } from '../document/document';
import { TILE, type Tile, tileBox } from '../document/tiles';
import { type Colour, inkTile, type LiveInk } from '../tools/stroke';

/** A finished painting shown over the canvas, not yet part of it. */
interface Shown {
  readonly picture: Picture;
  readonly box: Box;
}

/** What is seen at each pixel of the canvas. */
export interface Composition {
  readonly document: CanvasDocument;
  readonly live?: LiveInk;
  readonly candidate?: Shown;
  /** Layers that are left out. */
  readonly hidden?: Hidden;
  readonly overlay: Overlay;
}

export type Hidden = Readonly<Partial<Record<LayerId, boolean>>>;

/** How the mask is shown over the picture. */
export interface Overlay {
  readonly colour: Colour;
  /** 0 .. 1. */
  readonly opacity: number;
  /** One colour throughout, or stripes of it and of black or white, which are seen on any ground. */
  readonly look: MaskLook;
}

export type MaskLook = 'tint' | 'hatch';

/** Whether anything at all is to be seen in a tile. */
export function isVisible({ document, live, candidate, hidden = {} }: Composition, key: number): boolean {
  return (
    LAYER_IDS.some((id) => !hidden[id] && document[id].tiles.has(key)) ||
    live?.coverage.tiles.has(key) === true ||
    (candidate !== undefined && !isEmpty(intersection(candidate.box, tileBox(key))))
  );
}

/** Room for a layer's tile with the live stroke on it; the page draws on one thread. */
const spare: Record<1 | 4, Tile> = { 1: new Uint8Array(TILE * TILE), 4: new Uint8Array(TILE * TILE * 4) };

/**
 * A layer's tile inside a part, with the live stroke laid on where it belongs to the layer; undefined where there is
 * nothing.
 */
function layerTile({ document, live }: Composition, id: 'sketch' | 'mask', key: number, part: Box, corner: Box) {
  const tile = document[id].tiles.get(key);
  const covered = live?.ink.layer === id ? live.coverage.tiles.get(key) : undefined;
  if (!live || !covered) return tile;
  const { channels } = document[id];
  const out = spare[channels];
  for (let y = part.y - corner.y; y < part.y - corner.y + part.height; y++) {
    const start = (y * TILE + part.x - corner.x) * channels;
    const end = start + part.width * channels;
    if (tile) out.set(tile.subarray(start, end), start);
    else out.fill(0, start, end);
  }
  inkTile(out, covered, live.ink, part, corner);
  return out;
}

/**
 * The RGBA bytes (alpha not premultiplied) of a part of a tile, written into `out`, which is as large as a tile: the
 * picture, the sketch over it, the mask's tint, and over them the candidate, which is judged without a tint.
 * @param part on the canvas, inside the tile
 */
export function composeTile(composition: Composition, key: number, part: Box, out: Uint8ClampedArray): void {
  const corner = tileBox(key);
  const { document, hidden = {} } = composition;
  const picture = hidden.picture ? undefined : document.picture.tiles.get(key);
  const sketch = hidden.sketch ? undefined : layerTile(composition, 'sketch', key, part, corner);
  for (let y = part.y - corner.y; y < part.y - corner.y + part.height; y++) {
    const start = (y * TILE + part.x - corner.x) * 4;
    const end = start + part.width * 4;
    if (picture) out.set(picture.subarray(start, end), start);
    else out.fill(0, start, end);
    if (sketch) for (let i = start; i < end; i += 4) if (sketch[i + 3] > 0) layOver(out, i, sketch, i);
  }
  const mask = hidden.mask ? undefined : layerTile(composition, 'mask', key, part, corner);
  if (mask) layMask(mask, stripesOf(composition), part, corner, out);
  if (composition.candidate) layCandidate(composition.candidate, part, corner, out);
}

function layCandidate({ picture, box }: Shown, part: Box, corner: Box, out: Uint8ClampedArray): void {
  const inside = intersection(box, part);
  for (let y = inside.y; y < inside.y + inside.height; y++)
    for (let x = inside.x; x < inside.x + inside.width; x++) {
      const from = 4 * ((y - box.y) * box.width + x - box.x);
      if (picture.data[from + 3] > 0) layOver(out, 4 * ((y - corner.y) * TILE + x - corner.x), picture.data, from);
    }
}

/** Two colours in turns, each so many canvas pixels wide. */
interface Stripes {
  readonly colours: readonly [Colour, Colour];
  readonly width: number;
  readonly opacity: number;
}

/** Stripes of a canvas that is this large are this wide. */
const STRIPE = { px: 8, side: 512 } as const;

/** Wider on larger canvases, which are looked at from further away; by powers of two, so that tiles join. */
function stripesOf({ overlay: { colour, opacity, look }, document: { canvas } }: Composition): Stripes {
  const times = 2 ** Math.max(0, Math.round(Math.log2(Math.max(canvas.width, canvas.height) / STRIPE.side)));
  const other = look === 'hatch' ? contrastTo(colour) : colour;
  return { colours: [colour, other], width: STRIPE.px * times, opacity };
}

/** Black or white, whichever differs more (luma of Rec. 601). */
function contrastTo([red, green, blue]: Colour): Colour {
  return 0.299 * red + 0.587 * green + 0.114 * blue > 127 ? [0, 0, 0] : [255, 255, 255];
}

/** The mask's colours over what is there; most of it lies over opaque pixels, which needs no division. */
function layMask(
  mask: Tile,
  { colours, width, opacity }: Stripes,
  part: Box,
  corner: Box,
  out: Uint8ClampedArray,
): void {
  const pixels = colours.map((colour) => new Uint8Array([...colour, 0]));
  for (let y = part.y - corner.y; y < part.y - corner.y + part.height; y++) {
    const start = y * TILE + part.x - corner.x;
    const diagonal = part.x + corner.y + y;
    for (let at = start; at < start + part.width; at++) {
      if (mask[at] === 0) continue;
      const alpha = Math.floor(mask[at] * opacity);
      const pixel = pixels[Math.floor((diagonal + at - start) / width) & 1];
      const i = 4 * at;
      if (out[i + 3] === 255) {
        const share = alpha / 255;
        for (let c = 0; c < 3; c++) out[i + c] += (pixel[c] - out[i + c]) * share;
      } else if (alpha > 0) {
        pixel[3] = alpha;
        layOver(out, i, pixel, 0);
      }
    }
  }
}
