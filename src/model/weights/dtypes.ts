import { EaselError, said } from '../../core/errors';

/** What weights are kept and graphs computed in. */
export const PRECISIONS = ['float16', 'float32'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Element types that safetensors files use; the value is the size of one element in bytes. */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

export type Dtype = keyof typeof DTYPE_BYTES;

export const FLOAT_DTYPES = ['F32', 'F16', 'BF16', 'F64', 'F8_E4M3', 'F8_E5M2'] as const satisfies Dtype[];

/** The ones that carry weights here. */
export type FloatDtype = (typeof FLOAT_DTYPES)[number];

export function isFloatDtype(dtype: Dtype): dtype is FloatDtype {
  return FLOAT_DTYPES.includes(dtype as FloatDtype);
}

/** Value of every float16 bit pattern (IEEE 754 binary16), built once: 65,536 look-ups beat decoding each number. */
let halfValues: Float32Array | undefined;
function halfTable(): Float32Array {
  if (halfValues) return halfValues;
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 0) table[bits] = sign * 2 ** -24 * fraction;
    else if (exponent === 31) table[bits] = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    else table[bits] = sign * 2 ** (exponent - 25) * (1024 + fraction);
  }
  halfValues = table;
  return table;
}

/** float16 bit patterns -> float32 values. */
export function fromHalf(bits: Uint16Array, out: Float32Array = new Float32Array(bits.length)): Float32Array {
  const table = halfTable();
  for (let i = 0; i < bits.length; i++) out[i] = table[bits[i]];
  return out;
}

/** bfloat16 bit patterns -> float32 values: bfloat16 is the upper half of a float32. */
export function fromBfloat(bits: Uint16Array, out: Float32Array = new Float32Array(bits.length)): Float32Array {
  const patterns = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < bits.length; i++) patterns[i] = bits[i] << 16;
  return out;
}

/**
 * Value of every 8-bit float of four exponent bits (OCP 8-bit Floating Point Specification, E4M3: bias 7, no infinity,
 * all ones are NaN). E5M2 is the upper half of a float16.
 */
let e4m3Values: Float32Array | undefined;
function e4m3Table(): Float32Array {
  e4m3Values ??= Float32Array.from({ length: 256 }, (_, bits) => {
    const sign = bits & 0x80 ? -1 : 1;
    const [exponent, fraction] = [(bits >> 3) & 15, bits & 7];
    if ((bits & 0x7f) === 0x7f) return Number.NaN;
    return exponent === 0 ? sign * 2 ** -9 * fraction : sign * 2 ** (exponent - 10) * (8 + fraction);
  });
  return e4m3Values;
}

function fromTable(bits: Uint8Array, look: (pattern: number) => number, out?: Float32Array): Float32Array {
  const values = out ?? new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = look(bits[i]);
  return values;
}

/** float32 values -> float16 bit patterns, rounded to nearest, ties to even; beyond 65,504 becomes infinity. */
export function toHalf(values: Float32Array, out: Uint16Array = new Uint16Array(values.length)): Uint16Array {
  const source = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) out[i] = roundToHalf(source[i]);
  return out;
}

function roundToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x47800000) return sign | 0x7c00; // 65,536 and more, infinity
  if (magnitude >= 0x38800000) {
    // Normal: drop 13 fraction bits; adding just under half, plus the lowest kept bit, rounds ties to even.
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  if (magnitude < 0x33000000) return sign; // below half of the smallest subnormal
  const shift = 126 - (magnitude >>> 23);
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const kept = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (kept + (rest > half || (rest === half && kept & 1) ? 1 : 0));
}

/** Copies when the bytes do not start on an element boundary: typed arrays insist on one, safetensors does not. */
function aligned(bytes: Uint8Array, elementBytes: number): Uint8Array {
  return bytes.byteOffset % elementBytes === 0 ? bytes : bytes.slice();
}

/**
 * Little-endian file bytes of a float tensor -> float32 values, in memory that is given for them or, for float32, in
 * the file's own.
 */
export function decodeFloats(bytes: Uint8Array, dtype: FloatDtype, out?: Float32Array): Float32Array {
  switch (dtype) {
    case 'F32': {
      const view = aligned(bytes, 4);
      const values = new Float32Array(view.buffer, view.byteOffset, view.byteLength / 4);
      out?.set(values);
      return out ?? values;
    }
    case 'F16':
      return fromHalf(patternsOf(bytes), out);
    case 'BF16':
      return fromBfloat(patternsOf(bytes), out);
    case 'F64': {
      const view = aligned(bytes, 8);
      const values = out ?? new Float32Array(view.byteLength / 8);
      values.set(new Float64Array(view.buffer, view.byteOffset, view.byteLength / 8));
      return values;
    }
    case 'F8_E4M3': {
      const table = e4m3Table();
      return fromTable(bytes, (pattern) => table[pattern], out);
    }
    case 'F8_E5M2': {
      const table = halfTable();
      return fromTable(bytes, (pattern) => table[pattern << 8], out);
    }
    default:
      dtype satisfies never;
      throw new EaselError('unsupported', said`Weights of type ${String(dtype)} cannot be read.`);
  }
}

/**
 * The one number that a tensor holds, of whatever type; undefined where it holds more or its type is none that is read.
 */
export function decodeNumber(bytes: Uint8Array, dtype: Dtype): number | undefined {
  if (bytes.length !== DTYPE_BYTES[dtype]) return undefined;
  if (isFloatDtype(dtype)) return decodeFloats(bytes, dtype)[0];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (dtype) {
    case 'I64':
      return Number(view.getBigInt64(0, true));
    case 'U64':
      return Number(view.getBigUint64(0, true));
    case 'I32':
      return view.getInt32(0, true);
    case 'U32':
      return view.getUint32(0, true);
    case 'I16':
      return view.getInt16(0, true);
    case 'U16':
      return view.getUint16(0, true);
    case 'I8':
      return view.getInt8(0);
    case 'U8':
      return view.getUint8(0);
    case 'BOOL':
      return undefined;
    default:
      return dtype satisfies never;
  }
}

/** A matrix, and whether a graph wants it turned over: its columns as rows. */
export interface Layout {
  rows: number;
  columns: number;
  transposed: boolean;
}

/**
 * Rows of a matrix, from `first` on, into their place among all bytes that a graph wants.
 * @param values rows as the file has them; float32 ones are used up where the graph wants float16.
 */
export function placeRows(
  out: Uint8Array,
  to: Precision,
  values: Float32Array | Uint16Array,
  first: number,
  { rows, columns, transposed }: Layout,
): void {
  const target =
    to === 'float32'
      ? new Float32Array(out.buffer, out.byteOffset, out.byteLength / 4)
      : new Uint16Array(out.buffer, out.byteOffset, out.byteLength / 2);
  // In place: a half never lies behind the number that it is made of.
  const source =
    to === 'float16' && values instanceof Float32Array
      ? toHalf(values, new Uint16Array(values.buffer, values.byteOffset, values.length))
      : values;
  if (transposed) transpose(source, columns, target.subarray(first), rows);
  else target.set(source, first * columns);
}

/** Elements of a side of the blocks that `transpose` moves: they keep reads and writes in the cache. */
const BLOCK = 32;

/** Rows of `columns` become columns of a matrix that is `width` wide. A processor takes writes side by side best. */
function transpose(
  values: Float32Array | Uint16Array,
  columns: number,
  out: Float32Array | Uint16Array,
  width: number,
): void {
  const rows = values.length / columns;
  if (values instanceof Uint16Array && [rows, columns, width].every(isEven) && [values, out].every(holdsWords)) {
    transposePairs(wordsOf(values), rows / 2, columns / 2, wordsOf(out), width / 2);
    return;
  }
  for (let c0 = 0; c0 < columns; c0 += BLOCK) {
    const cEnd = Math.min(columns, c0 + BLOCK);
    for (let r0 = 0; r0 < rows; r0 += BLOCK) {
      const rEnd = Math.min(rows, r0 + BLOCK);
      for (let c = c0; c < cEnd; c++) {
        for (let r = r0; r < rEnd; r++) out[c * width + r] = values[r * columns + c];
      }
    }
  }
}

const isEven = (side: number) => side % 2 === 0;
const holdsWords = ({ byteOffset }: ArrayBufferView) => byteOffset % 4 === 0;
const wordsOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint32Array(buffer, byteOffset, Math.floor(byteLength / 4));

/**
 * The same for elements of two bytes, two rows and two columns at a time: half as many reads and writes. Counts are of
 * pairs.
 */
function transposePairs(values: Uint32Array, rows: number, columns: number, out: Uint32Array, width: number): void {
  for (let c0 = 0; c0 < columns; c0 += BLOCK) {
    const cEnd = Math.min(columns, c0 + BLOCK);
    for (let r0 = 0; r0 < rows; r0 += BLOCK) {
      const rEnd = Math.min(rows, r0 + BLOCK);
      for (let c = c0; c < cEnd; c++) {
        for (let r = r0; r < rEnd; r++) {
          const upper = values[2 * r * columns + c];
          const lower = values[(2 * r + 1) * columns + c];
          out[2 * c * width + r] = (upper & 0xffff) | (lower << 16);
          out[(2 * c + 1) * width + r] = (upper >>> 16) | (lower & 0xffff0000);
        }
      }
    }
  }
}

/** Numbers that are converted at a time, so that no second copy of a large tensor comes to be. */
const BAND = 2 ** 16;

/**
 * A tensor's file bytes as the bytes a graph wants: in its precision, and turned over where it says so.
 * float16 to float16 keeps every bit, so nothing is rounded twice.
 */
export function convertTensor(bytes: Uint8Array, from: FloatDtype, to: Precision, layout: Layout): Uint8Array {
  const { rows, columns, transposed } = layout;
  const halves = from === 'F16' && to === 'float16' ? patternsOf(bytes) : undefined;
  if (!transposed && (halves || to === 'float32')) return bytesOf(halves ?? decodeFloats(bytes, from));
  const out = new Uint8Array(rows * columns * (to === 'float16' ? 2 : 4));
  if (halves) {
    placeRows(out, to, halves, 0, layout);
    return out;
  }
  const band = Math.max(1, Math.floor(BAND / columns));
  const scratch = new Float32Array(Math.min(rows, band) * columns);
  const rowBytes = columns * DTYPE_BYTES[from];
  for (let first = 0; first < rows; first += band) {
    const count = Math.min(band, rows - first);
    const source = bytes.subarray(first * rowBytes, (first + count) * rowBytes);
    placeRows(out, to, decodeFloats(source, from, scratch.subarray(0, count * columns)), first, layout);
  }
  return out;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Elements of two bytes. */
function patternsOf(bytes: Uint8Array): Uint16Array {
  const view = aligned(bytes, 2);
  return new Uint16Array(view.buffer, view.byteOffset, view.byteLength / 2);
}
