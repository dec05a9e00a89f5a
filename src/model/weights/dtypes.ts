import { EaselError } from '../../core/errors';
import type { Precision } from '../types';

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

/** The ones that carry weights here. */
export type FloatDtype = 'F32' | 'F16' | 'BF16';

export function isFloatDtype(dtype: Dtype): dtype is FloatDtype {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16';
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
export function fromHalf(bits: Uint16Array): Float32Array {
  const table = halfTable();
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = table[bits[i]];
  return out;
}

/** bfloat16 bit patterns -> float32 values: bfloat16 is the upper half of a float32. */
export function fromBfloat(bits: Uint16Array): Float32Array {
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = bits[i] << 16;
  return new Float32Array(out.buffer);
}

/** float32 values -> float16 bit patterns, rounded to nearest, ties to even; beyond 65,504 becomes infinity. */
export function toHalf(values: Float32Array): Uint16Array {
  const source = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
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

/** Little-endian file bytes of a float tensor -> float32 values. */
export function decodeFloats(bytes: Uint8Array, dtype: FloatDtype): Float32Array {
  const view = aligned(bytes, DTYPE_BYTES[dtype]);
  switch (dtype) {
    case 'F32':
      return new Float32Array(view.buffer, view.byteOffset, view.byteLength / 4);
    case 'F16':
      return fromHalf(new Uint16Array(view.buffer, view.byteOffset, view.byteLength / 2));
    case 'BF16':
      return fromBfloat(new Uint16Array(view.buffer, view.byteOffset, view.byteLength / 2));
    default:
      dtype satisfies never;
      throw new EaselError('unsupported', `Weights of type ${String(dtype)} cannot be read.`);
  }
}

function transpose<T extends Float32Array | Uint16Array>(values: T, rows: number, columns: number): T {
  const out = new (values.constructor as new (n: number) => T)(values.length);
  // Square blocks keep both the reads and the writes within the cache.
  const block = 32;
  for (let r0 = 0; r0 < rows; r0 += block)
    for (let c0 = 0; c0 < columns; c0 += block)
      for (let r = r0; r < Math.min(rows, r0 + block); r++)
        for (let c = c0; c < Math.min(columns, c0 + block); c++) out[c * rows + r] = values[r * columns + c];
  return out;
}

/**
 * A tensor's file bytes as the bytes a graph wants: in its precision, and transposed where the slot says so.
 * float16 to float16 is a plain copy, so nothing is rounded twice.
 */
export function convertTensor(
  bytes: Uint8Array,
  from: FloatDtype,
  to: Precision,
  transposeOf?: { rows: number; columns: number },
): Uint8Array {
  let values: Float32Array | Uint16Array;
  if (from === 'F16' && to === 'float16') {
    const view = aligned(bytes, 2);
    values = new Uint16Array(view.buffer, view.byteOffset, view.byteLength / 2);
  } else {
    const floats = decodeFloats(bytes, from);
    values = to === 'float32' ? floats : toHalf(floats);
  }
  if (transposeOf) values = transpose(values, transposeOf.rows, transposeOf.columns);
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
