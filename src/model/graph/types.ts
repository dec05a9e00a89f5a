import type { Precision } from '../weights/dtypes';
import type { NodeSpec } from './proto';

/** Which operators a graph may use: `webgpu` has fused ones that the CPU provider lacks; `plain` runs everywhere. */
export interface Dialect {
  operators: 'webgpu' | 'plain';
  /** Of weights and activations; inputs and outputs of every graph are float32 all the same. */
  precision: Precision;
  /**
   * Of convolutions, where not the same. Onnxruntime adds up a convolution's products in its own precision: in float16
   * a UNet of SD 1.5's shape ends up 2.1 % off PyTorch's float32, with convolutions in float32 0.45 % (measured on an
   * H100).
   */
  convolutions?: Precision;
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
  /** Bytes [offset, offset + byteLength) of the external file of that name. */
  location: string;
  offset: number;
  byteLength: number;
}

export interface ExternalFile {
  location: string;
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
  /** What `onnx` holds, for those who look at a graph without running it. */
  nodes: readonly NodeSpec[];
  inputs: readonly TensorSpec[];
  outputs: readonly TensorSpec[];
  weights: readonly WeightSlot[];
  /** The files that weights lie in, as onnxruntime sees them; `externalData` serves them. */
  files: readonly ExternalFile[];
  /** Names of nodes that run on the CPU even where the rest does not. */
  cpuNodes?: readonly string[];
}
