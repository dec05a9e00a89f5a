/**
 * How a matrix product is cut up for a GPU. A workgroup computes tiles of `rows` x `columns` of the result. It walks
 * along the inner dimension in slices of `depth`, which it copies to workgroup memory first, since each number of a
 * slice is used by many of its threads:
 *
 *                         columns
 *                        +-------+
 *                  depth |   B   |
 *                        +-------+
 *                depth
 *               +-----+  +-------+
 *          rows |  A  |  |   C   |   each thread: threadRows x 4 of C, in registers
 *               +-----+  +-------+
 *
 * Small results have too few tiles to keep a card busy. There the workgroup's threads form `groups`, each with slices
 * of its own (the first, the third ... and the second, the fourth ...), whose sums are added up at the end.
 *
 * The technique is that of every fast product since Goto and van de Geijn 2008, "Anatomy of high-performance matrix
 * multiplication"; the registers' tile and the split of the inner dimension follow NVIDIA's CUTLASS ("Efficient GEMM in
 * CUDA").
 */
export interface Tiling {
  rows: number;
  columns: number;
  depth: number;
  /** What one thread computes: so many rows of one vector of four. */
  threadRows: number;
  groups: number;
}

/** From large tiles, which read the least memory, to small ones, which keep the most of a card at work. */
const TILINGS: readonly Tiling[] = [
  { rows: 64, columns: 64, depth: 32, threadRows: 8, groups: 1 },
  { rows: 32, columns: 64, depth: 32, threadRows: 4, groups: 1 },
  { rows: 32, columns: 32, depth: 32, threadRows: 4, groups: 2 },
  { rows: 16, columns: 32, depth: 32, threadRows: 4, groups: 4 },
];

/** Threads of one group; a workgroup has `groups` times as many. */
export const groupThreads = ({ rows, columns, threadRows }: Tiling): number => (rows / threadRows) * (columns / 4);

/** Tiles that a result of this size is cut into. */
export const tileCount = (tiling: Tiling, rows: number, columns: number): number =>
  Math.ceil(rows / tiling.rows) * Math.ceil(columns / tiling.columns);

/**
 * What a kernel with this tiling takes of a workgroup's memory: the slices, and the sums of one group on their way to
 * the first.
 */
export function workgroupBytes(tiling: Tiling, half: boolean): number {
  const { rows, columns, depth, groups } = tiling;
  const slices = groups * depth * (rows + columns) * (half ? 2 : 4);
  return slices + (groups > 1 ? rows * columns * 4 : 0);
}

/** The tilings that a device can run; each has 128 threads, which every device has. */
export const tilingsFor = (
  limits: Pick<GPUSupportedLimits, 'maxComputeWorkgroupStorageSize'>,
  half: boolean,
): Tiling[] => TILINGS.filter((tiling) => workgroupBytes(tiling, half) <= limits.maxComputeWorkgroupStorageSize);

/**
 * Of the tilings that give a card enough to do, the largest of those that compute the fewest columns beyond the result:
 * a tile of 64 columns does twice the work that a result of 32 needs.
 * @param enough tiles that keep the card busy, as `tuning.ts` measures them
 */
export function chooseTiling(tilings: readonly Tiling[], rows: number, columns: number, enough: number): Tiling {
  const computed = (tiling: Tiling) => Math.ceil(columns / tiling.columns) * tiling.columns;
  const busy = tilings.filter((tiling) => tileCount(tiling, rows, columns) >= enough);
  const least = Math.min(...busy.map(computed));
  return busy.find((tiling) => computed(tiling) === least) ?? tilings[tilings.length - 1];
}
