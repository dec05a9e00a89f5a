/**
 * The part of ONNX's protobuf (onnx/onnx.proto, IR version 8) that a graph without inline weights needs, written straight to
 * bytes. Field numbers are the schema's.
 */
type Bytes = Uint8Array;
/** TensorProto.DataType. */
export declare const DATA_TYPES: {
    readonly float32: 1;
    readonly int32: 6;
    readonly int64: 7;
    readonly float16: 10;
};
export type DataType = keyof typeof DATA_TYPES;
export type Attribute = number | string | readonly number[] | {
    float: number;
};
export interface NodeSpec {
    op: string;
    domain: '' | 'com.microsoft';
    name: string;
    /** An empty name leaves an optional input out. */
    inputs: readonly string[];
    outputs: readonly string[];
    attributes: Readonly<Record<string, Attribute>>;
}
export interface InitializerSpec {
    name: string;
    dtype: DataType;
    dims: readonly number[];
    /** Small constants inline; weights in the external file. */
    data: Bytes | {
        location: string;
        offset: number;
        byteLength: number;
    };
}
export interface ValueSpec {
    name: string;
    dtype: DataType;
    dims: readonly (number | string)[];
}
export interface ModelSpec {
    name: string;
    nodes: readonly NodeSpec[];
    initializers: readonly InitializerSpec[];
    inputs: readonly ValueSpec[];
    outputs: readonly ValueSpec[];
}
/** A ModelProto as bytes. */
export declare function encodeModel({ name, nodes, initializers, inputs, outputs }: ModelSpec): Bytes;
export {};
