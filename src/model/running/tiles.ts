import { EaselError } from '../../core/errors';
import { type FinishedRows, overTiles, type Span, type Tiling } from '../../core/tiles';
import { stopIfCancelled } from '../cancellation';
import { type AutoencoderConfig, latentScaleOf } from '../graph/autoencoder-config';
import { type ChosenDevice, largestTensor } from '../runtime/device';

/** A tile [channels, height, width] -> the planes that are made of it. */
type RunTile = (tile: Float32Array, height: number, width: number) => Promise<Float32Array>;

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
  { height, width, side }: Tiling & { side: number },
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

export interface TileHooks {
  /** Ends it between two tiles. */
  signal?: AbortSignal;
  /** Hears after each tile how many of how many are done. */
  onTile?(done: number, of: number): void;
}

/**
 * Makes a picture of a map in tiles, as `overTiles` does.
 * @param run makes planes [3, scale height, scale width] of a tile, one scale for all
 * @param take hears them in their order
 */
export async function inTiles(
  run: RunTile,
  map: Float32Array,
  tiling: Tiling,
  take: (finished: FinishedRows) => void,
  { signal, onTile }: TileHooks = {},
): Promise<void> {
  const { height, width } = tiling;
  await overTiles(
    (row, column) => run(cropped(map, height, width, row, column), row.cells, column.cells),
    tiling,
    take,
    { before: () => stopIfCancelled(signal), onTile },
  );
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
