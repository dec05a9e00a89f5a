import type { BuiltGraph } from '../graph/types';
import type { ModelFiles } from '../types';
import type { BoundWeights } from './bind';
/**
 * A graph's external data file that exists nowhere as a whole: onnxruntime-web asks for one initializer at a time, in no
 * order, and gets it converted on the spot. So no second copy of the weights is ever resident.
 *
 * The JSPI build reads a `Blob` asynchronously, range by range; the other builds call `subarray` of a `Uint8Array`
 * synchronously, so there the tensors are read beforehand (still in the file's dtype) and converted when asked for.
 */
export declare function externalData(graph: BuiltGraph, weights: Pick<BoundWeights, 'read'>, build: 'asynchronous' | 'synchronous'): Promise<Blob | Uint8Array>;
/** An external data file that an ONNX pack brings along, read in the same two ways. */
export declare function externalFile(files: ModelFiles, path: string, build: 'asynchronous' | 'synchronous'): Promise<Blob | Uint8Array>;
