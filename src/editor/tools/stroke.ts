import { type Box, intersection, union } from '../../core/image/picture';
import { type CanvasDocument, layOver } from '../document/document';
import { TILE, type Tile, tileBox, withTiles } from '../document/tiles';
import { type Coverage, emptyCoverage, stamp } from './coverage';
import { beginPath, endPath, extendPath, type Path, type Sample, spacing } from './path';

/** A colour in sRGB bytes. */
export type Colour = readonly [red: number, green: number, blue: number];

/** What a stroke, shape or fill does to its layer. */
export interface Ink {
  readonly layer: 'mask' | 'sketch';
  readonly mode: 'paint' | 'erase';
  /** 0 .. 1, of the stroke as a whole: crossing itself it does not add up. */
  readonly opacity: number;
  /** Of the sketch; the mask has none. */
  readonly colour: Colour;
}

export interface Brush {
  /** Diameter in CSS pixels on the screen: zoomed in, the same brush paints finer. */
  readonly size: number;
  /** 0 .. 1. */
  readonly hardness: number;
  /** 0 .. 1. */
  readonly opacity: number;
  /** What a pen's pressure changes. */
  readonly pressure: 'none' | 'size' | 'opacity' | 'both';
}

/** On the screen, and on the canvas, too: a brush that is looked at from far away does not grow without end. */
export const BRUSH_SIZE = { min: 1, max: 1000 } as const;

/** The brush in canvas pixels. @param scale CSS pixels a canvas pixel */
export function brushOnCanvas(brush: Brush, scale: number): Brush {
  return { ...brush, size: Math.min(BRUSH_SIZE.max, Math.max(BRUSH_SIZE.min, brush.size / scale)) };
}

/** Ink with what it covers: not part of the document until `applyInk`. */
export interface LiveInk {
  readonly ink: Ink;
  readonly coverage: Coverage;
}

/** A stroke being drawn. */
export interface Stroke extends LiveInk {
  /** In canvas pixels. */
  readonly brush: Brush;
  readonly clip: Box;
  path: Path;
}

const radiusAt = ({ size, pressure }: Brush, at: Sample): number =>
  Math.max(0.5, (size / 2) * (pressure === 'size' || pressure === 'both' ? at.pressure : 1));

const flowAt = ({ pressure }: Brush, at: Sample): number =>
  pressure === 'opacity' || pressure === 'both' ? at.pressure : 1;

function dabAt(stroke: Stroke, at: Sample): Box {
  const { x, y } = at;
  const { brush, coverage, clip } = stroke;
  const dab = { x, y, radius: radiusAt(brush, at), hardness: brush.hardness, flow: flowAt(brush, at) };
  return stamp(coverage, dab, clip);
}

const stepOf = (brush: Brush) => (at: Sample) => spacing(radiusAt(brush, at));

/** Begins a stroke with its first dab. @param brush in canvas pixels @param clip where it may fall */
export function beginStroke(ink: Ink, brush: Brush, clip: Box, first: Sample): Stroke {
  const stroke: Stroke = { ink, brush, clip, coverage: emptyCoverage(), path: beginPath(first, stepOf(brush)) };
  dabAt(stroke, first);
  return stroke;
}

/** Draws on through new samples. @returns the box that changed */
export function extendStroke(stroke: Stroke, samples: readonly Sample[]): Box {
  let changed: Box = { x: 0, y: 0, width: 0, height: 0 };
  for (const sample of samples)
    stroke.path = extendPath(stroke.path, sample, stepOf(stroke.brush), (at) => {
      changed = union(changed, dabAt(stroke, at));
    });
  return changed;
}

/** Draws the last half sample. @returns the box that changed */
export function endStroke(stroke: Stroke): Box {
  let changed: Box = { x: 0, y: 0, width: 0, height: 0 };
  endPath(stroke.path, stepOf(stroke.brush), (at) => {
    changed = union(changed, dabAt(stroke, at));
  });
  return changed;
}

/**
 * Lays ink on a tile of its layer, in place, inside `part` (both the part and the tile's corner on the canvas). The
 * preview and the document both use this, so what was seen is what is kept.
 */
export function inkTile(tile: Tile, covered: Tile, ink: Ink, part: Box, corner: Box): void {
  const pixel = new Uint8Array([...ink.colour, 0]);
  const { layer, mode, opacity } = ink;
  for (let y = part.y; y < part.y + part.height; y++) {
    const start = (y - corner.y) * TILE + part.x - corner.x;
    for (let at = start; at < start + part.width; at++) {
      if (covered[at] === 0) continue;
      const amount = covered[at] * opacity;
      if (layer === 'mask') tile[at] = inkedMask(tile[at], amount, mode);
      else if (mode === 'erase') eraseColour(tile, 4 * at, amount);
      else {
        pixel[3] = Math.round(amount);
        if (pixel[3] > 0) layOver(tile, 4 * at, pixel, 0);
      }
    }
  }
}

/** A mask's value under `amount` (0 .. 255) of ink: towards 255, or towards 0. */
const inkedMask = (value: number, amount: number, mode: Ink['mode']): number =>
  Math.round(mode === 'paint' ? value + ((255 - value) * amount) / 255 : value - (value * amount) / 255);

/** Takes alpha away; what becomes transparent loses its colour too, so that empty is always 0. */
function eraseColour(tile: Tile, at: number, amount: number): void {
  tile[at + 3] = Math.round(tile[at + 3] - (tile[at + 3] * amount) / 255);
  if (tile[at + 3] === 0) tile.fill(0, at, at + 4);
}

/** The document with ink laid on. */
export function applyInk(document: CanvasDocument, { ink, coverage }: LiveInk): CanvasDocument {
  const layer = document[ink.layer];
  const inked = [...coverage.tiles].map(([key, covered]): [number, Tile] => {
    const tile: Tile = layer.tiles.get(key)?.slice() ?? new Uint8Array(TILE * TILE * layer.channels);
    const corner = tileBox(key);
    inkTile(tile, covered, ink, intersection(corner, coverage.box), corner);
    return [key, tile];
  });
  return { ...document, [ink.layer]: withTiles(layer, inked) };
}
