import type { Precision } from '../types';
/** Which operators a graph may use: `webgpu` has fused ones that the CPU provider lacks; `plain` runs everywhere. */
export interface Dialect {
    operators: 'webgpu' | 'plain';
    /** Of weights and activations; inputs and outputs of every graph are float32 all the same. */
    precision: Precision;
}
/** One initializer: which tensor of the state dict fills which bytes of the graph's external data. */
export interface WeightSlot {
    /** State dict key, `down_blocks.0.resnets.0.conv1.weight`. */
    key: string;
    /** Shape in the state dict; a file that disagrees is an error. */
    shape: readonly number[];
    /** `transpose`: a matrix [out, in] (or 1x1 kernel [out, in, 1, 1]) stored as [in, out]. */
    layout: 'as-is' | 'transpose';
    dtype: Precision;
    /** Bytes [offset, offset + byteLength) of the external data file named `location`. */
    offset: number;
    byteLength: number;
}
export interface TensorSpec {
    name: string;
    dtype: 'float32' | 'float16' | 'int32' | 'int64';
    /** A string is a symbolic dimension. */
    dims: readonly (number | string)[];
}
/** An ONNX graph whose weights are all external, to be served a tensor at a time. */
export interface BuiltGraph {
    name: string;
    onnx: Uint8Array;
    inputs: readonly TensorSpec[];
    outputs: readonly TensorSpec[];
    location: string;
    weights: readonly WeightSlot[];
    /** Size of the external data file. */
    externalBytes: number;
    /** Names of nodes that run on the CPU even where the rest does not. */
    cpuNodes?: readonly string[];
}
