import { EaselError } from '../../core/errors';
import { stopIfCancelled } from '../cancellation';
import { type AutoencoderConfig, latentScaleOf } from '../graph/autoencoder-config';
import { type ChosenDevice, largestTensor } from '../runtime/device';

/** A tile [channels, height, width] -> the planes that are made of it. */
type RunTile = (tile: Float32Array, height: number, width: number) => Promise<Float32Array>;

/**
 * Cells that neighbouring tiles share: what a decoder sees around a cell matters little beyond, and seams are blended
 * over them.
 */
const OVERLAP = 16;
const FLOAT_BYTES = 4;
/** What decoding may take of WebAssembly's 4 GiB, beside the networks' weights. */
const WASM_BYTES = 2 ** 31;

/**
 * Side of the largest square of latent cells that a decoder can take at once on a device. Its largest feature map has
 * the picture's size and the channels of the level below the top; the CPU holds two of these and two of the top
 * level's.
 */
export function largestTile(config: AutoencoderConfig, { limits }: ChosenDevice): number {
  if (config.kind === 'identity') return Number.POSITIVE_INFINITY;
  const [top, below = top] = config.kind === 'tiny' ? config.decoderChannels : config.channels;
  const bytesPerPixel = FLOAT_BYTES * (limits ? below : 2 * (top + below));
  const bytes = limits ? largestTensor(limits) : WASM_BYTES;
  return Math.floor(Math.sqrt(bytes / bytesPerPixel) / latentScaleOf(config));
}

/**
 * Decodes a latent [channels, height, width] whole where it has no more cells than a square of `side`, else in tiles of
 * at most that side that overlap; where they do, the picture goes over from one to the other linearly.
 * @param side over 16 cells
 * @param signal ends it between two tiles.
 */
export async function decodeTiled(
  decode: RunTile,
  latent: Float32Array,
  { height, width, side }: Tiling,
  signal?: AbortSignal,
): Promise<Float32Array> {
  if (height * width <= side * side) return decode(latent, height, width);
  let planes: Float32Array | undefined;
  const keep = ({ rows, first, count, of }: FinishedRows) => {
    planes ??= new Float32Array((rows.length / count) * of);
    const [line, plane] = [rows.length / 3 / count, planes.length / 3];
    for (let c = 0; c < 3; c++)
      planes.set(rows.subarray(c * count * line, (c + 1) * count * line), c * plane + first * line);
  };
  await inTiles(decode, latent, { height, width, side }, keep, { signal });
  return planes as Float32Array;
}

/** How a map [channels, height, width] is cut into tiles. */
export interface Tiling {
  height: number;
  width: number;
  /** Of a tile, at most. */
  side: number;
  /** Cells at a tile's edges inside of the map that do not count, for the network sees nothing beyond them. */
  margin?: number;
}

export interface TileHooks {
  /** Ends it between two tiles. */
  signal?: AbortSignal;
  /** Hears after each tile how many of how many are done. */
  onTile?(done: number, of: number): void;
}

/** Some finished rows of a picture's three planes: `count` of its `of` rows, from `first` on. */
export interface FinishedRows {
  /** [3, count, width] */
  rows: Float32Array;
  first: number;
  count: number;
  of: number;
}

/**
 * Makes a picture of a map in tiles that overlap, each pixel the mean of its tiles by their weights, and hands its rows
 * over from the top on as no further tile will change them: so no picture need be held whole.
 * @param run makes planes [3, scale height, scale width] of a tile, one scale for all
 * @param take hears them in their order
 */
export async function inTiles(
  run: RunTile,
  map: Float32Array,
  { height, width, side, margin = 0 }: Tiling,
  take: (finished: FinishedRows) => void,
  { signal, onTile }: TileHooks = {},
): Promise<void> {
  const [rows, columns] = [spans(height, side, margin), spans(width, side, margin)];
  let band: Band | undefined;
  for (const [i, row] of rows.entries()) {
    for (const [j, column] of columns.entries()) {
      await stopIfCancelled(signal);
      const tile = await run(cropped(map, height, width, row, column), row.cells, column.cells);
      band ??= new Band(Math.sqrt(tile.length / 3 / (row.cells * column.cells)), row.cells, { height, width, margin });
      band.add(tile, row, column);
      onTile?.(i * columns.length + j + 1, rows.length * columns.length);
    }
    const end = rows[i + 1]?.from ?? height;
    take((band as Band).finish(row.from, end));
  }
}

/**
 * Makes something in tiles of the first of these sides for which memory is enough.
 * @param onShort hears of a side that was too large, and of the next
 * @throws EaselError `out-of-memory` where even the last is too large, or whatever else went wrong
 */
export async function inTilesThatFit<T>(
  [side, ...smaller]: readonly number[],
  make: (side: number) => Promise<T>,
  onShort: (side: number, next: number) => Promise<void>,
): Promise<T> {
  try {
    return await make(side);
  } catch (error) {
    const isShort = error instanceof EaselError && error.code === 'out-of-memory';
    if (!isShort || smaller.length === 0) throw error;
  }
  await onShort(side, smaller[0]);
  return inTilesThatFit(smaller, make, onShort);
}

/** Cells [from, from + cells) of an axis. */
export interface Span {
  from: number;
  cells: number;
}

/** An axis in as few parts of one length, at most `side`, as share `OVERLAP` cells or more inside of their margins. */
export function spans(length: number, side: number, margin = 0): Span[] {
  if (length <= side) return [{ from: 0, cells: length }];
  const shared = OVERLAP + 2 * margin;
  const count = Math.ceil((length - shared) / (side - shared));
  const cells = Math.ceil((length + (count - 1) * shared) / count);
  return Array.from({ length: count }, (_, i) => ({ from: Math.round((i * (length - cells)) / (count - 1)), cells }));
}

function cropped(latent: Float32Array, height: number, width: number, row: Span, column: Span): Float32Array {
  const channels = latent.length / (height * width);
  const out = new Float32Array(channels * row.cells * column.cells);
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < row.cells; y++) {
      const at = (c * height + row.from + y) * width + column.from;
      out.set(latent.subarray(at, at + column.cells), (c * row.cells + y) * column.cells);
    }
  return out;
}

/** As many rows of a picture as one row of tiles makes, added up with their weights. */
class Band {
  readonly #sums: Float32Array[];
  readonly #weight: Float32Array;

  constructor(
    readonly scale: number,
    cells: number,
    readonly map: { height: number; width: number; margin: number },
  ) {
    const pixels = cells * scale * map.width * scale;
    this.#weight = new Float32Array(pixels);
    this.#sums = Array.from({ length: 3 }, () => new Float32Array(pixels));
  }

  add(tile: Float32Array, row: Span, column: Span): void {
    const { scale, map } = this;
    const [down, across] = [ramp(row, map.height, scale, map.margin), ramp(column, map.width, scale, map.margin)];
    const [left, stride] = [column.from * scale, map.width * scale];
    for (let y = 0; y < down.length; y++)
      for (let x = 0; x < across.length; x++) {
        const weight = down[y] * across[x];
        const to = y * stride + left + x;
        this.#weight[to] += weight;
        for (let c = 0; c < 3; c++) this.#sums[c][to] += weight * tile[(c * down.length + y) * across.length + x];
      }
  }

  /** The rows of cells [from, end), of which `from` is the band's first; the next row of tiles begins at `end`. */
  finish(from: number, end: number): FinishedRows {
    const { scale, map } = this;
    const count = (end - from) * scale;
    const pixels = count * map.width * scale;
    const rows = new Float32Array(3 * pixels);
    for (const [c, sum] of this.#sums.entries())
      for (let i = 0; i < pixels; i++) rows[c * pixels + i] = sum[i] / this.#weight[i];
    for (const values of [...this.#sums, this.#weight]) {
      values.copyWithin(0, pixels);
      values.fill(0, values.length - pixels);
    }
    return { rows, first: from * scale, count, of: map.height * scale };
  }
}

/**
 * A tile's weight along an axis, pixel by pixel: none in its margins, then rising, and falling, over the overlap; but
 * whole at the map's own edges.
 */
function ramp({ from, cells }: Span, length: number, scale: number, margin: number): Float32Array {
  const [size, overlap, unseen] = [cells * scale, OVERLAP * scale, margin * scale];
  const [rises, falls] = [from > 0, from + cells < length];
  const weight = (pixel: number) => Math.min(1, Math.max(0, (pixel + 0.5 - unseen) / overlap));
  return Float32Array.from({ length: size }, (_, i) =>
    Math.min(rises ? weight(i) : 1, falls ? weight(size - 1 - i) : 1),
  );
}
