/**
 * values += left right in WebAssembly's 128-bit vectors, which JavaScript has no other way to. A LoRA for all of SD 1.5
 * is some 25 billion products: 12 s in plain JavaScript on one core.
 */

/** One vector's bytes; a step of the kernel takes four. */
const STEP_BYTES = 64;
const PAGE_BYTES = 65_536;
/** What a processor keeps near beside the factors. */
const BAND_BYTES = 2 ** 20;

const strideOf = (columns: number) => Math.ceil((4 * columns) / STEP_BYTES) * STEP_BYTES;

/** Rows of a matrix that are best worked on at once. */
export function rowsAtOnce(columns: number): number {
  return Math.max(1, Math.floor(BAND_BYTES / strideOf(columns)));
}

/** A product of two matrices, times a factor. */
export interface Product {
  /** [rows, ranks] */
  left: Float32Array;
  /** [ranks, columns] */
  right: Float32Array;
  scale: number;
}

/**
 * A matrix with products added to it.
 * @param write puts the matrix [rows, columns] where it is told to.
 * @returns the sum, in memory that the next call uses again: the caller may overwrite it, and should be done with it by
 * then.
 */
export function withProducts(
  rows: number,
  columns: number,
  products: readonly Product[],
  write: (values: Float32Array) => void,
): Float32Array {
  const stride = strideOf(columns);
  const { memory, run } = kernel();
  const rightAt = rows * stride;
  const ranksOf = ({ left }: Product) => left.length / rows;
  const needed = Math.max(rightAt, ...products.map((p) => rightAt + ranksOf(p) * stride + 4 * p.left.length));
  if (needed > memory.buffer.byteLength) memory.grow(Math.ceil((needed - memory.buffer.byteLength) / PAGE_BYTES));
  const inside = (at: number, length: number) => new Float32Array(memory.buffer, at, length);
  const values = inside(0, rows * columns);
  write(values);
  // Rows begin at whole steps. Where they are moved apart, the last one goes first.
  const apart = stride / 4 - columns;
  const moveRow = (from: number, to: number) => inside(0, (rows * stride) / 4).copyWithin(to, from, from + columns);
  if (apart > 0) for (let row = rows - 1; row > 0; row--) moveRow(row * columns, row * (columns + apart));
  for (const product of products) {
    const { left, right, scale } = product;
    const ranks = ranksOf(product);
    for (let r = 0; r < ranks; r++)
      inside(rightAt + r * stride, columns).set(right.subarray(r * columns, (r + 1) * columns));
    const leftAt = rightAt + ranks * stride;
    const factors = inside(leftAt, left.length);
    for (let i = 0; i < left.length; i++) factors[i] = scale * left[i];
    run(0, leftAt, rightAt, rows, ranks, stride);
  }
  if (apart > 0) for (let row = 1; row < rows; row++) moveRow(row * (columns + apart), row * columns);
  return values;
}

interface Kernel {
  memory: WebAssembly.Memory;
  /** Addresses of the three matrices, then rows, ranks, and bytes from one row of values or right to the next. */
  run(values: number, left: number, right: number, rows: number, ranks: number, stride: number): void;
}

let shared: Kernel | undefined;

function kernel(): Kernel {
  if (!shared) {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const module = new WebAssembly.Module(moduleBytes());
    const { exports } = new WebAssembly.Instance(module, { m: { m: memory } });
    shared = { memory, run: exports.f as Kernel['run'] };
  }
  return shared;
}

/** Opcodes of the WebAssembly core specification 2.0, section 5.4. */
const LOOP = [0x03, 0x40];
const END = 0x0b;
const I32_ADD = 0x6a;
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const tee = (local: number) => [0x22, local];
const i32 = (value: number) => [0x41, ...leb(value, true)];
/** Back to the innermost loop's start while what is on the stack is not zero. */
const AGAIN = [0x0d, 0];
const I32_LESS = 0x49;
const vectorLoad = (offset: number) => [0xfd, 0x00, 2, offset];
const vectorStore = (offset: number) => [0xfd, 0x0b, 2, offset];
const SPLAT_LOAD = [0xfd, 0x09, 2, 0];
const VECTOR_ADD = [0xfd, ...leb(0xe4)];
const VECTOR_MULTIPLY = [0xfd, ...leb(0xe6)];
const [I32, VECTOR] = [0x7f, 0x7b];

/** Sixteen columns, then all rows of them, then all ranks: the strip of `right` in use stays in the nearest cache. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const [values, left, right, rows, ranks, stride] = [0, 1, 2, 3, 4, 5];
  const [column, at, factor, strip, row, rank] = [6, 7, 8, 9, 10, 11];
  const [sums, splat] = [[12, 13, 14, 15], 16];
  const advance = (local: number, by: readonly number[]) => [...get(local), ...by, I32_ADD, ...set(local)];
  const countDown = (local: number) => [...get(local), ...i32(-1), I32_ADD, ...tee(local), ...AGAIN, END];
  const body = [
    ...[2, 6, I32, 5, VECTOR],
    ...LOOP,
    ...[...get(values), ...get(column), I32_ADD, ...set(at), ...get(left), ...set(factor), ...get(rows), ...set(row)],
    ...LOOP,
    ...sums.flatMap((sum, i) => [...get(at), ...vectorLoad(16 * i), ...set(sum)]),
    ...[...get(right), ...get(column), I32_ADD, ...set(strip), ...get(ranks), ...set(rank)],
    ...LOOP,
    ...[...get(factor), ...SPLAT_LOAD, ...set(splat)],
    ...sums.flatMap((sum, i) => [
      ...[...get(sum), ...get(splat), ...get(strip), ...vectorLoad(16 * i)],
      ...[...VECTOR_MULTIPLY, ...VECTOR_ADD, ...set(sum)],
    ]),
    ...advance(strip, get(stride)),
    ...advance(factor, i32(4)),
    ...countDown(rank),
    ...sums.flatMap((sum, i) => [...get(at), ...get(sum), ...vectorStore(16 * i)]),
    ...advance(at, get(stride)),
    ...countDown(row),
    ...[...get(column), ...i32(STEP_BYTES), I32_ADD, ...tee(column), ...get(stride), I32_LESS, ...AGAIN, END],
    END,
  ];
  const name = (letter: string) => [1, letter.charCodeAt(0)];
  const section = (id: number, content: readonly number[]) => [id, ...leb(content.length), ...content];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 6, I32, I32, I32, I32, I32, I32, 0]),
    ...section(2, [1, ...name('m'), ...name('m'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('f'), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

/** LEB128, base 128 with the lowest digit first. */
function leb(value: number, signed = false): number[] {
  const [low, rest] = [value & 0x7f, value >> 7];
  const done = signed ? rest === (low & 0x40 ? -1 : 0) : rest === 0;
  return done ? [low] : [low | 0x80, ...leb(rest, signed)];
}
