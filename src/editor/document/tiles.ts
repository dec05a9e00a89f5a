import { type Box, intersection, isEmpty } from '../../core/image/picture';

/** Side of a tile in pixels. */
export const TILE = 256;

/** A tile's bytes, TILE x TILE pixels of the layer's channels. Never written to once it stands in a layer. */
export type Tile = Uint8Array<ArrayBuffer>;

/** Bytes a pixel: 4 for sRGB with alpha (not premultiplied), 1 for a mask. */
export type Channels = 1 | 4;

/** A raster without edges: a tile that is absent is all 0. Layers share the tiles that they have in common. */
export interface Layer {
  readonly channels: Channels;
  readonly tiles: ReadonlyMap<number, Tile>;
}

const HALF = 4096;

/** Column and row of a tile as one number: the key of a layer's map. Columns and rows reach from -4096 to 4095. */
export const tileKey = (column: number, row: number): number => (row + HALF) * 2 * HALF + column + HALF;

export const tileColumn = (key: number): number => (key % (2 * HALF)) - HALF;
export const tileRow = (key: number): number => Math.floor(key / (2 * HALF)) - HALF;

export const tileBox = (key: number): Box => ({
  x: tileColumn(key) * TILE,
  y: tileRow(key) * TILE,
  width: TILE,
  height: TILE,
});

/** The keys of all tiles that a box touches, row by row. */
export function tilesIn(box: Box): number[] {
  if (isEmpty(box)) return [];
  const keys: number[] = [];
  const [right, bottom] = [box.x + box.width - 1, box.y + box.height - 1];
  for (let row = Math.floor(box.y / TILE); row <= Math.floor(bottom / TILE); row++)
    for (let column = Math.floor(box.x / TILE); column <= Math.floor(right / TILE); column++)
      keys.push(tileKey(column, row));
  return keys;
}

export const emptyLayer = (channels: Channels): Layer => ({ channels, tiles: new Map() });

/** A tile's bytes as 32-bit words: comparing and searching by fours. */
export const words = (tile: Tile): Uint32Array => new Uint32Array(tile.buffer, tile.byteOffset, tile.length >> 2);

function isBlank(tile: Tile): boolean {
  const all = words(tile);
  for (let i = 0; i < all.length; i++) if (all[i] !== 0) return false;
  return true;
}

function same(a: Tile, b: Tile): boolean {
  const [left, right] = [words(a), words(b)];
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

/** A layer with some tiles replaced; a blank or undefined tile is taken out, an equal one stays shared. */
export function withTiles(layer: Layer, replaced: Iterable<readonly [key: number, tile: Tile | undefined]>): Layer {
  const tiles = new Map(layer.tiles);
  for (const [key, tile] of replaced) {
    const old = tiles.get(key);
    if (tile === undefined || isBlank(tile)) tiles.delete(key);
    else if (old === undefined || !same(old, tile)) tiles.set(key, tile);
  }
  return { channels: layer.channels, tiles };
}

/**
 * A layer changed inside a box: `change` gets a copy of each tile that the box touches, the part of the box in it and
 * the tile's corner, both on the canvas.
 */
export function editLayer(
  layer: Layer,
  box: Box,
  change: (tile: Tile, part: Box, corner: Box, key: number) => void,
): Layer {
  const replaced = tilesIn(box).map((key): [number, Tile] => {
    const old = layer.tiles.get(key);
    const tile: Tile = old ? old.slice() : new Uint8Array(TILE * TILE * layer.channels);
    const corner = tileBox(key);
    change(tile, intersection(corner, box), corner, key);
    return [key, tile];
  });
  return withTiles(layer, replaced);
}

/** The bytes of a box, row by row; 0 where the layer has nothing. `out` is as large as the box. */
export function readLayer(layer: Layer, box: Box, out: Uint8Array | Uint8ClampedArray): void {
  const { channels } = layer;
  for (const key of tilesIn(box)) {
    const tile = layer.tiles.get(key);
    const corner = tileBox(key);
    const part = intersection(corner, box);
    for (let y = part.y; y < part.y + part.height; y++) {
      const target = ((y - box.y) * box.width + part.x - box.x) * channels;
      if (!tile) {
        out.fill(0, target, target + part.width * channels);
        continue;
      }
      const start = ((y - corner.y) * TILE + part.x - corner.x) * channels;
      out.set(tile.subarray(start, start + part.width * channels), target);
    }
  }
}

/** A layer whose bytes inside a box are `bytes`, row by row. */
export function writeLayer(layer: Layer, box: Box, bytes: Uint8Array | Uint8ClampedArray): Layer {
  const { channels } = layer;
  return editLayer(layer, box, (tile, part, corner) => {
    for (let y = part.y; y < part.y + part.height; y++) {
      const source = ((y - box.y) * box.width + part.x - box.x) * channels;
      tile.set(
        bytes.subarray(source, source + part.width * channels),
        ((y - corner.y) * TILE + part.x - corner.x) * channels,
      );
    }
  });
}
