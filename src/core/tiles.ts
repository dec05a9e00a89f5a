/**
 * Cells that neighbouring tiles share: what a decoder sees around a cell matters little beyond, and seams are blended
 * over them.
 */
const OVERLAP = 16;

/** How an axis is cut into tiles. */
interface AxisTiling {
  /** Cells at a tile's edges inside of the map that do not count, for the network sees nothing beyond them. */
  margin?: number;
  /** Cells that tiles share inside of their margins, at least. */
  overlap?: number;
  /** What a tile's sides are multiples of, where it is not the whole axis; `side` is one. */
  multiple?: number;
}

/** How a map [channels, height, width] is cut into tiles. */
export interface Tiling extends AxisTiling {
  height: number;
  width: number;
  /** Of a tile, at most. */
  side: number | { height: number; width: number };
}

interface TileHooks {
  /** Is waited for before each tile: what it throws ends it. */
  before?(): Promise<void>;
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
 * over from the top on as no further tile will change them: so no picture need be held whole. Whoever runs a tile cuts
 * it from the map.
 * @param run makes planes [3, scale height, scale width] of the tile at these cells, which is the `index`th of `of`
 */
export async function overTiles(
  run: (row: Span, column: Span, place: { index: number; of: number }) => Promise<Float32Array>,
  { height, width, side, ...axis }: Tiling,
  take: (finished: FinishedRows) => void,
  { before, onTile }: TileHooks = {},
): Promise<void> {
  const most = typeof side === 'number' ? { height: side, width: side } : side;
  const [rows, columns] = [spans(height, most.height, axis), spans(width, most.width, axis)];
  const of = rows.length * columns.length;
  let band: Band | undefined;
  for (const [i, row] of rows.entries()) {
    for (const [j, column] of columns.entries()) {
      await before?.();
      const index = i * columns.length + j;
      const tile = await run(row, column, { index, of });
      band ??= new Band(Math.sqrt(tile.length / 3 / (row.cells * column.cells)), row.cells, { height, width, ...axis });
      band.add(tile, row, column);
      onTile?.(index + 1, of);
    }
    const end = rows[i + 1]?.from ?? height;
    take((band as Band).finish(row.from, end));
  }
}

/** Cells [from, from + cells) of an axis. */
export interface Span {
  from: number;
  cells: number;
}

/** An axis in as few parts of one length, at most `side`, as share their overlap or more inside of their margins. */
export function spans(
  length: number,
  side: number,
  { margin = 0, overlap = OVERLAP, multiple = 1 }: AxisTiling = {},
): Span[] {
  if (length <= side) return [{ from: 0, cells: length }];
  const shared = overlap + 2 * margin;
  const count = Math.ceil((length - shared) / (side - shared));
  const cells = Math.ceil((length + (count - 1) * shared) / count / multiple) * multiple;
  return Array.from({ length: count }, (_, i) => ({ from: Math.round((i * (length - cells)) / (count - 1)), cells }));
}

/** As many rows of a picture as one row of tiles makes, added up with their weights. */
class Band {
  readonly #sums: Float32Array[];
  readonly #weight: Float32Array;

  constructor(
    readonly scale: number,
    cells: number,
    readonly map: { height: number; width: number } & AxisTiling,
  ) {
    const pixels = cells * scale * map.width * scale;
    this.#weight = new Float32Array(pixels);
    this.#sums = Array.from({ length: 3 }, () => new Float32Array(pixels));
  }

  add(tile: Float32Array, row: Span, column: Span): void {
    const { scale, map } = this;
    const [down, across] = [ramp(row, map.height, scale, map), ramp(column, map.width, scale, map)];
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
function ramp(
  { from, cells }: Span,
  length: number,
  scale: number,
  { margin = 0, overlap: shared = OVERLAP }: AxisTiling,
): Float32Array {
  const [size, overlap, unseen] = [cells * scale, shared * scale, margin * scale];
  const [rises, falls] = [from > 0, from + cells < length];
  const weight = (pixel: number) => Math.min(1, Math.max(0, (pixel + 0.5 - unseen) / overlap));
  return Float32Array.from({ length: size }, (_, i) =>
    Math.min(rises ? weight(i) : 1, falls ? weight(size - 1 - i) : 1),
  );
}
