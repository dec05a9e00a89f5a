import type { Precision } from '../types';
/** Element types that safetensors files use; the value is the size of one element in bytes. */
export declare const DTYPE_BYTES: {
    readonly BOOL: 1;
    readonly U8: 1;
    readonly I8: 1;
    readonly F8_E4M3: 1;
    readonly F8_E5M2: 1;
    readonly I16: 2;
    readonly U16: 2;
    readonly F16: 2;
    readonly BF16: 2;
    readonly I32: 4;
    readonly U32: 4;
    readonly F32: 4;
    readonly F64: 8;
    readonly I64: 8;
    readonly U64: 8;
};
export type Dtype = keyof typeof DTYPE_BYTES;
/** The ones that carry weights here. */
export type FloatDtype = 'F32' | 'F16' | 'BF16';
export declare function isFloatDtype(dtype: Dtype): dtype is FloatDtype;
/** float16 bit patterns -> float32 values. */
export declare function fromHalf(bits: Uint16Array): Float32Array;
/** bfloat16 bit patterns -> float32 values: bfloat16 is the upper half of a float32. */
export declare function fromBfloat(bits: Uint16Array): Float32Array;
/** float32 values -> float16 bit patterns, rounded to nearest, ties to even; beyond 65,504 becomes infinity. */
export declare function toHalf(values: Float32Array): Uint16Array;
/** Little-endian file bytes of a float tensor -> float32 values. */
export declare function decodeFloats(bytes: Uint8Array, dtype: FloatDtype): Float32Array;
/**
 * A tensor's file bytes as the bytes a graph wants: in its precision, and transposed where the slot says so.
 * float16 to float16 is a plain copy, so nothing is rounded twice.
 */
export declare function convertTensor(bytes: Uint8Array, from: FloatDtype, to: Precision, transposeOf?: {
    rows: number;
    columns: number;
}): Uint8Array;
