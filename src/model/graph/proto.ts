/**
 * The part of ONNX's protobuf (onnx/onnx.proto, IR version 8) that a graph without inline weights needs, written straight to
 * bytes. Field numbers are the schema's.
 */
type Bytes = Uint8Array;

/** A message under construction: pieces in field order. */
class Message {
  readonly #parts: Bytes[] = [];

  #tag(field: number, wire: 0 | 2 | 5): void {
    this.#parts.push(varint(BigInt((field << 3) | wire)));
  }
  int(field: number, value: number | bigint): this {
    this.#tag(field, 0);
    this.#parts.push(varint(BigInt(value)));
    return this;
  }
  float(field: number, value: number): this {
    this.#tag(field, 5);
    this.#parts.push(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }
  bytes(field: number, value: Bytes): this {
    this.#tag(field, 2);
    this.#parts.push(varint(BigInt(value.length)), value);
    return this;
  }
  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }
  message(field: number, value: Message): this {
    return this.bytes(field, value.finish());
  }
  finish(): Bytes {
    const out = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

/** Base-128 little-endian; negative numbers as 64-bit two's complement, as protobuf's int64 has them. */
function varint(value: bigint): Bytes {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Uint8Array.from(out);
}

/** TensorProto.DataType. */
export const DATA_TYPES = { float32: 1, int32: 6, int64: 7, float16: 10 } as const;
export type DataType = keyof typeof DATA_TYPES;

export type Attribute = number | string | readonly number[] | { float: number };

/** AttributeProto: a plain number is an int, `{ float }` a float; a list is one of ints. */
function attribute(name: string, value: Attribute): Message {
  const message = new Message().text(1, name);
  if (typeof value === 'number') return message.int(3, value).int(20, 2);
  if (typeof value === 'string') return message.text(4, value).int(20, 3);
  if ('float' in value) return message.float(2, value.float).int(20, 1);
  for (const item of value) message.int(8, item);
  return message.int(20, 7);
}

export interface NodeSpec {
  op: string;
  domain: '' | 'com.microsoft';
  name: string;
  /** An empty name leaves an optional input out. */
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

function node(spec: NodeSpec): Message {
  const message = new Message();
  for (const input of spec.inputs) message.text(1, input);
  for (const output of spec.outputs) message.text(2, output);
  message.text(3, spec.name).text(4, spec.op);
  for (const [name, value] of Object.entries(spec.attributes)) message.message(5, attribute(name, value));
  if (spec.domain) message.text(7, spec.domain);
  return message;
}

export interface InitializerSpec {
  name: string;
  dtype: DataType;
  dims: readonly number[];
  /** Small constants inline; weights in the external file. */
  data: Bytes | { location: string; offset: number; byteLength: number };
}

function initializer({ name, dtype, dims, data }: InitializerSpec): Message {
  const message = new Message();
  for (const side of dims) message.int(1, side);
  message.int(2, DATA_TYPES[dtype]).text(8, name);
  if (data instanceof Uint8Array) return message.bytes(9, data);
  const entry = (key: string, value: string) => message.message(13, new Message().text(1, key).text(2, value));
  entry('location', data.location);
  entry('offset', String(data.offset));
  entry('length', String(data.byteLength));
  return message.int(14, 1);
}

export interface ValueSpec {
  name: string;
  dtype: DataType;
  dims: readonly (number | string)[];
}

function valueInfo({ name, dtype, dims }: ValueSpec): Message {
  const shape = new Message();
  for (const side of dims) {
    const dim = new Message();
    shape.message(1, typeof side === 'number' ? dim.int(1, side) : dim.text(2, side));
  }
  const tensor = new Message().int(1, DATA_TYPES[dtype]).message(2, shape);
  return new Message().text(1, name).message(2, new Message().message(1, tensor));
}

export interface ModelSpec {
  name: string;
  nodes: readonly NodeSpec[];
  initializers: readonly InitializerSpec[];
  inputs: readonly ValueSpec[];
  outputs: readonly ValueSpec[];
}

/** The opset every graph is written for: the first with LayerNormalization. */
const OPSET = 17;

/** A ModelProto as bytes. */
export function encodeModel({ name, nodes, initializers, inputs, outputs }: ModelSpec): Bytes {
  const graph = new Message();
  for (const spec of nodes) graph.message(1, node(spec));
  graph.text(2, name);
  for (const spec of initializers) graph.message(5, initializer(spec));
  for (const spec of inputs) graph.message(11, valueInfo(spec));
  for (const spec of outputs) graph.message(12, valueInfo(spec));
  return new Message()
    .int(1, 8)
    .text(2, 'Easel')
    .message(7, graph)
    .message(8, new Message().text(1, '').int(2, OPSET))
    .message(8, new Message().text(1, 'com.microsoft').int(2, 1))
    .finish();
}
