import type { ModelFiles } from '../types';
import { type Dtype } from './dtypes';
/** Where a tensor's bytes lie. */
export interface TensorEntry {
    key: string;
    dtype: Dtype;
    shape: readonly number[];
    /** Path of the file in its ModelFiles. */
    path: string;
    /** Bytes [start, end) of that file. */
    start: number;
    end: number;
}
export interface SafetensorsHeader {
    tensors: Map<string, TensorEntry>;
    metadata: Readonly<Record<string, string>>;
}
/**
 * Reads the header of a safetensors file (https://github.com/huggingface/safetensors, "Format"): an 8-byte
 * little-endian length, then JSON that gives each tensor's dtype, shape and byte range. No tensor is read.
 * @throws EaselError `corrupt` naming the file, and the tensor where one is at fault; `unsupported` for an unknown dtype.
 */
export declare function readHeader(files: ModelFiles, path: string): Promise<SafetensorsHeader>;
