import { stopIfCancelled } from '../cancellation';
import { type AutoencoderConfig, latentScaleOf } from '../graph/autoencoder-config';
import type { ChosenDevice } from '../runtime/device';

type Decode = (latent: Float32Array, height: number, width: number) => Promise<Float32Array>;

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
  const [top, below = top] = config.kind === 'tiny' ? config.decoderChannels : config.channels;
  const bytesPerPixel = FLOAT_BYTES * (limits ? below : 2 * (top + below));
  const bytes = limits ? Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize) : WASM_BYTES;
  return Math.floor(Math.sqrt(bytes / bytesPerPixel) / latentScaleOf(config));
}

/**
 * Decodes a latent [channels, height, width] whole where it has no more cells than a square of `side`, else in tiles of
 * at most that side that overlap; where they do, the picture goes over from one to the other linearly.
 * @param side over 16 cells
 * @param signal ends it between two tiles.
 */
export async function decodeTiled(
  decode: Decode,
  latent: Float32Array,
  { height, width, side }: { height: number; width: number; side: number },
  signal?: AbortSignal,
): Promise<Float32Array> {
  if (height * width <= side * side) return decode(latent, height, width);
  const [rows, columns] = [spans(height, side), spans(width, side)];
  let picture: Blend | undefined;
  for (const row of rows) {
    for (const column of columns) {
      await stopIfCancelled(signal);
      const tile = await decode(cropped(latent, height, width, row, column), row.cells, column.cells);
      picture ??= new Blend(tile.length / (row.cells * column.cells), height, width);
      picture.add(tile, row, column);
    }
  }
  return (picture as Blend).finish();
}

/** Cells [from, from + cells) of an axis. */
export interface Span {
  from: number;
  cells: number;
}

/** An axis in as few parts of one length, at most `side`, as overlap by `OVERLAP` cells or more. */
export function spans(length: number, side: number): Span[] {
  if (length <= side) return [{ from: 0, cells: length }];
  const count = Math.ceil((length - OVERLAP) / (side - OVERLAP));
  const cells = Math.ceil((length + (count - 1) * OVERLAP) / count);
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

/** RGB planes put together from tiles, each pixel the mean of its tiles by their weights. */
class Blend {
  readonly #scale: number;
  readonly #sum: Float32Array;
  readonly #weight: Float32Array;

  /** @param numbers of one cell: 3 scale^2 */
  constructor(
    numbers: number,
    readonly height: number,
    readonly width: number,
  ) {
    this.#scale = Math.sqrt(numbers / 3);
    this.#weight = new Float32Array((height * width * numbers) / 3);
    this.#sum = new Float32Array(3 * this.#weight.length);
  }

  add(tile: Float32Array, row: Span, column: Span): void {
    const scale = this.#scale;
    const [down, across] = [ramp(row, this.height, scale), ramp(column, this.width, scale)];
    const [top, left, stride, plane] = [row.from * scale, column.from * scale, this.width * scale, this.#weight.length];
    for (let y = 0; y < down.length; y++)
      for (let x = 0; x < across.length; x++) {
        const weight = down[y] * across[x];
        const to = (top + y) * stride + left + x;
        this.#weight[to] += weight;
        for (let c = 0; c < 3; c++)
          this.#sum[c * plane + to] += weight * tile[(c * down.length + y) * across.length + x];
      }
  }

  finish(): Float32Array {
    const pixels = this.#weight.length;
    return this.#sum.map((value, i) => value / this.#weight[i % pixels]);
  }
}

/**
 * A tile's weight along an axis, pixel by pixel: rising and falling over the overlap, but not at the picture's own
 * edges.
 */
function ramp({ from, cells }: Span, length: number, scale: number): Float32Array {
  const [size, overlap] = [cells * scale, OVERLAP * scale];
  const [rises, falls] = [from > 0, from + cells < length];
  return Float32Array.from({ length: size }, (_, i) =>
    Math.min(1, rises ? (i + 0.5) / overlap : 1, falls ? (size - i - 0.5) / overlap : 1),
  );
}
