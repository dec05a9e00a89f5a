import type { BuiltGraph, TensorSpec } from '../graph/types';
import type { ModelFiles } from '../types';
import type { BoundWeights } from '../weights/bind';
import type { ChosenDevice } from './device';
export type InputData = Float32Array | Int32Array;
/** One graph on its device. Sizes may change from run to run where dimensions are symbolic; weights are read once. */
export interface Session {
    readonly inputs: readonly TensorSpec[];
    readonly outputs: readonly TensorSpec[];
    /**
     * Feeds and results by the graph's own names; numbers are converted to the type that the graph states, results to float32.
     * @throws EaselError `bad-request` where a dimension differs from one that the graph fixes.
     */
    run(feeds: Readonly<Record<string, {
        data: InputData;
        dims: readonly number[];
    }>>): Promise<Record<string, Float32Array>>;
    release(): Promise<void>;
}
/** Counted for the tests: a change of size or a cancel must not create sessions. */
export declare const sessionCounts: {
    created: number;
    released: number;
};
/**
 * Creates a session for `graph`, its weights served a tensor at a time.
 * @throws EaselError `out-of-memory`, `device-lost`, `unsupported` (an operator without a kernel), coded by `sessionError`.
 */
export declare function createSession(graph: BuiltGraph, weights: Pick<BoundWeights, 'read'>, device: ChosenDevice): Promise<Session>;
/** Creates a session for the `model.onnx` in a folder of a pack, with the external data beside it. */
export declare function createPackSession(files: ModelFiles, folder: string, device: ChosenDevice): Promise<Session>;
