import { type Attribute, type DataType, type NodeSpec } from './proto';
import type { BuiltGraph, Dialect, WeightSlot } from './types';
/** The name of a tensor in the graph. */
export type Value = string;
interface NodeOptions {
    domain?: NodeSpec['domain'];
    attributes?: Readonly<Record<string, Attribute>>;
    /** Runs on the CPU wherever the rest of the graph does. */
    onCpu?: boolean;
}
/**
 * Builds an ONNX graph under names that equal the state dict's: within `scope('conv1')`, `weight('weight', ...)` is the tensor
 * `....conv1.weight`. So binding a file's weights needs no table.
 */
export declare class GraphBuilder {
    #private;
    private constructor();
    static create(name: string, dialect: Dialect): GraphBuilder;
    get dialect(): Dialect;
    /** A builder for a child module; `path` may hold several parts, `resnets.0`. */
    scope(path: string): GraphBuilder;
    input(name: string, dtype: 'float32' | 'int32', dims: readonly (number | string)[]): Value;
    /** Declares a float32 output under a name of its own. */
    output(name: string, value: Value, dims: readonly (number | string)[]): void;
    /** Adds a node with one output. */
    node(op: string, inputs: readonly Value[], options?: NodeOptions): Value;
    /** Adds a node with several outputs. */
    nodes(op: string, inputs: readonly Value[], outputs: number, { domain, attributes, onCpu }?: NodeOptions): Value[];
    /**
     * A tensor of the state dict, in the dialect's precision.
     * @param shape as in the state dict
     * @param dims as the graph sees it, where that differs: the same bytes under another shape, or transposed.
     */
    weight(name: string, shape: readonly number[], dims?: readonly number[], layout?: WeightSlot['layout']): Value;
    /** A small constant, kept inline and shared by all who ask for the same. */
    constant(dtype: DataType, values: readonly number[], dims?: readonly number[]): Value;
    /** A constant in the dialect's precision. */
    number(...values: number[]): Value;
    finish(): BuiltGraph;
}
export {};
