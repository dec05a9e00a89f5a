/**
 * The part of ONNX's protobuf (onnx/onnx.proto, IR version 8) that a graph without inline weights needs, written
 * straight to bytes. Field numbers are the schema's.
 */
type Bytes = Uint8Array;

const UTF8 = new TextEncoder();

/** A message under construction, in a buffer that doubles when it is full: a UNet's graph is some 6,000 messages. */
class Message {
  #bytes = new Uint8Array(128);
  #length = 0;

  int(field: number, value: number | bigint): this {
    this.#tag(field, 0);
    return this.#varint(value);
  }
  float(field: number, value: number): this {
    this.#tag(field, 5);
    return this.#append(new Uint8Array(Float32Array.of(value).buffer));
  }
  bytes(field: number, value: Bytes): this {
    this.#tag(field, 2);
    this.#varint(value.length);
    return this.#append(value);
  }
  text(field: number, value: string): this {
    // Printable ASCII, as names are, is its own UTF-8.
    if (/[^ -~]/.test(value)) return this.bytes(field, UTF8.encode(value));
    this.#tag(field, 2);
    this.#varint(value.length);
    this.#reserve(value.length);
    for (let i = 0; i < value.length; i++) this.#bytes[this.#length++] = value.charCodeAt(i);
    return this;
  }
  message(field: number, value: Message): this {
    return this.bytes(field, value.finish());
  }
  /** What was written so far; it may be a view of the buffer. */
  finish(): Bytes {
    return this.#bytes.subarray(0, this.#length);
  }

  #tag(field: number, wire: 0 | 2 | 5): void {
    this.#varint((field << 3) | wire);
  }
  /** Base-128 little-endian; negative numbers as 64-bit two's complement, as protobuf's int64 has them. */
  #varint(value: number | bigint): this {
    this.#reserve(MAX_VARINT_BYTES);
    // Nearly all are lengths and small numbers, for which big integers are slow.
    let rest = Number(value);
    if (rest < 0 || !Number.isSafeInteger(rest)) {
      let long = BigInt.asUintN(64, BigInt(value));
      for (; long > 127n; long >>= 7n) this.#bytes[this.#length++] = Number(long & 127n) | 128;
      rest = Number(long);
    }
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 128;
    this.#bytes[this.#length++] = rest;
    return this;
  }
  #append(value: Bytes): this {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }
  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.finish());
    this.#bytes = grown;
  }
}

/** 64 bits in groups of seven. */
const MAX_VARINT_BYTES = 10;

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
