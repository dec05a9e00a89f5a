import { EaselError, said } from '../../core/errors';
import { type Precision, toHalf } from '../weights/dtypes';
import {
  type Attribute,
  type DataType,
  encodeModel,
  type InitializerSpec,
  type NodeSpec,
  type ValueSpec,
} from './proto';
import type { BuiltGraph, Dialect, ExternalFile, WeightSlot } from './types';

/** The name of a tensor in the graph. */
export type Value = string;

interface NodeOptions {
  domain?: NodeSpec['domain'];
  attributes?: Readonly<Record<string, Attribute>>;
  /** Runs on the CPU wherever the rest of the graph does. */
  onCpu?: boolean;
}

/** Weights start on such a boundary, so that a loader may view them as any type. */
const ALIGNMENT = 64;
/**
 * onnxruntime's WebAssembly counts bytes of an external file in 32 bits with a sign; SDXL's UNet has 5.1 GB in float16.
 */
const FILE_BYTES = 2 ** 31 - ALIGNMENT;
/** Buffers that one kernel may bind on every WebGPU device (the default of maxStorageBuffersPerShaderStage). */
const STORAGE_BUFFERS = 8;

/** What all scopes of one graph share. */
interface Shared {
  readonly name: string;
  readonly dialect: Dialect;
  readonly nodes: NodeSpec[];
  readonly initializers: InitializerSpec[];
  readonly inputs: ValueSpec[];
  readonly outputs: ValueSpec[];
  readonly weights: WeightSlot[];
  readonly cpuNodes: string[];
  readonly constants: Map<string, Value>;
  readonly files: ExternalFile[];
  readonly fileBytes: number;
  count: number;
}

/**
 * Builds an ONNX graph under names that equal the state dict's: within `scope('conv1')`, `weight('weight', ...)` is the
 * tensor `....conv1.weight`. So binding a file's weights needs no table.
 */
export class GraphBuilder {
  readonly #shared: Shared;
  readonly #prefix: string;

  private constructor(shared: Shared, prefix: string) {
    this.#shared = shared;
    this.#prefix = prefix;
  }

  /** @param fileBytes the most that one external file holds, unless a tensor alone is larger. */
  static create(name: string, dialect: Dialect, fileBytes = FILE_BYTES): GraphBuilder {
    const lists = { nodes: [], initializers: [], inputs: [], outputs: [], weights: [], cpuNodes: [], files: [] };
    return new GraphBuilder({ name, dialect, ...lists, fileBytes, constants: new Map(), count: 0 }, '');
  }

  get dialect(): Dialect {
    return this.#shared.dialect;
  }

  /** A builder for a child module; `path` may hold several parts, `resnets.0`. */
  scope(path: string): GraphBuilder {
    return new GraphBuilder(this.#shared, `${this.#prefix}${path}.`);
  }

  input(name: string, dtype: 'float32' | 'int32', dims: readonly (number | string)[]): Value {
    this.#shared.inputs.push({ name, dtype, dims });
    return name;
  }

  /** Declares a float32 output under a name of its own. */
  output(name: string, value: Value, dims: readonly (number | string)[]): void {
    this.#shared.nodes.push({
      op: 'Identity',
      domain: '',
      name: `output.${name}`,
      inputs: [value],
      outputs: [name],
      attributes: {},
    });
    this.#shared.outputs.push({ name, dtype: 'float32', dims });
  }

  /** Adds a node with one output. */
  node(op: string, inputs: readonly Value[], options: NodeOptions = {}): Value {
    return this.nodes(op, inputs, 1, options)[0];
  }

  /** Adds a node with several outputs. */
  nodes(
    op: string,
    inputs: readonly Value[],
    outputs: number,
    { domain = '', attributes = {}, onCpu = false }: NodeOptions = {},
  ): Value[] {
    const name = `${this.#prefix}${op}_${this.#shared.count++}`;
    const bound = inputs.filter((input) => input !== '').length + outputs;
    if (this.#shared.dialect.operators === 'webgpu' && !onCpu && bound > STORAGE_BUFFERS) {
      throw new EaselError('internal', said`${name} would bind ${bound} buffers; WebGPU allows ${STORAGE_BUFFERS}.`);
    }
    const names = Array.from({ length: outputs }, (_, i) => (outputs === 1 ? `${name}:out` : `${name}:out${i}`));
    this.#shared.nodes.push({ op, domain, name, inputs, outputs: names, attributes });
    if (onCpu) this.#shared.cpuNodes.push(name);
    return names;
  }

  /**
   * A tensor of the state dict.
   * @param shape as in the state dict
   * @param dims as the graph sees it, where that differs: the same bytes under another shape, or transposed.
   * @param precision where it is not the dialect's.
   */
  weight(
    name: string,
    shape: readonly number[],
    {
      dims = shape,
      layout = 'as-is',
      precision = this.#shared.dialect.precision,
    }: { dims?: readonly number[]; layout?: WeightSlot['layout']; precision?: Precision } = {},
  ): Value {
    const key = `${this.#prefix}${name}`;
    const byteLength = shape.reduce((product, side) => product * side, precision === 'float16' ? 2 : 4);
    const { location, offset } = this.#place(byteLength);
    this.#shared.weights.push({ key, shape, layout, dtype: precision, location, offset, byteLength });
    this.#shared.initializers.push({
      name: key,
      dtype: precision,
      dims,
      data: { location, offset, byteLength },
    });
    return key;
  }

  /** The next free bytes of the last external file, or of a new one where they would not fit. */
  #place(byteLength: number): { location: string; offset: number } {
    const { files, fileBytes } = this.#shared;
    const last = files.at(-1);
    const offset = last ? Math.ceil(last.byteLength / ALIGNMENT) * ALIGNMENT : 0;
    if (last && offset + byteLength <= fileBytes) {
      last.byteLength = offset + byteLength;
      return { location: last.location, offset };
    }
    const location = `weights_${files.length}`;
    files.push({ location, byteLength });
    return { location, offset: 0 };
  }

  /** A small constant, kept inline and shared by all who ask for the same. */
  constant(dtype: DataType, values: readonly number[], dims: readonly number[] = [values.length]): Value {
    const id = `${dtype}[${dims.join('x')}]:${values.join(',')}`;
    const known = this.#shared.constants.get(id);
    if (known) return known;
    const name = `constant_${this.#shared.constants.size}`;
    this.#shared.initializers.push({ name, dtype, dims, data: rawBytes(dtype, values) });
    this.#shared.constants.set(id, name);
    return name;
  }

  /** A constant in the dialect's precision. */
  number(...values: number[]): Value {
    return this.constant(this.#shared.dialect.precision, values);
  }

  finish(): BuiltGraph {
    const { name, nodes, initializers, inputs, outputs, weights, cpuNodes, files } = this.#shared;
    const onnx = encodeModel({ name, nodes, initializers, inputs, outputs });
    return { name, onnx, nodes, inputs, outputs, weights, files, cpuNodes };
  }
}

function rawBytes(dtype: DataType, values: readonly number[]): Uint8Array {
  const bytes = (array: { buffer: ArrayBufferLike }) => new Uint8Array(array.buffer);
  switch (dtype) {
    case 'float32':
      return bytes(Float32Array.from(values));
    case 'float16':
      return bytes(toHalf(Float32Array.from(values)));
    case 'int32':
      return bytes(Int32Array.from(values));
    case 'int64':
      return bytes(BigInt64Array.from(values, (value) => BigInt(value)));
    default:
      dtype satisfies never;
      throw new RangeError(`Unknown type "${String(dtype)}".`);
  }
}
