import type { TensorSpec } from '../graph/types';
import type { InferenceSession, Ort, Tensor } from './ort';

/** Numbers in the type that a graph states; float16 as bit patterns. */
export type TypedData = Float32Array | Int32Array | Uint16Array | BigInt64Array;

/** A run's inputs by name. */
export type TypedInputs = ReadonlyMap<string, { data: TypedData; dims: readonly number[] }>;

/** What a run gave: its numbers as they lie in memory, of the type that the graph states. */
export type RawOutputs = Record<string, ArrayBuffer>;

/**
 * A recording keeps its intermediate results for good: as many as the sizes that somebody goes back and forth between.
 */
const MAX_RECORDINGS = 4;

/** What onnxruntime takes for "do not record this run". */
const UNRECORDED = -1;

/** What of a run may be smaller, by name; a denoiser halves its maps up to three times. */
const SMALLEST: Readonly<Record<string, number>> = { batch: 1, height: 8, width: 8, tokens: 8 };

/** A buffer on the card, and onnxruntime's view of it. */
interface Bound {
  buffer: GPUBuffer;
  tensor: Tensor;
}

/** Buffers for inputs of one set of sizes; and for the outputs, where runs are recorded. */
interface Binding {
  inputs: ReadonlyMap<string, Bound & { written?: TypedData }>;
  recording?: { id: number; outputs: ReadonlyMap<string, Bound> };
}

/**
 * Runs a session with its inputs in buffers on the card that stay from run to run (onnxruntime's "IO binding"): an
 * input goes to the card only where it differs from the run before, as a prompt's states do not from step to step.
 *
 * Where runs are recorded, the first of each set of sizes notes its commands and later ones repeat them ("graph
 * capture"): onnxruntime then neither walks the graph nor binds buffers, which takes it longer than a fast card takes
 * to compute. A recording names its buffers, so inputs and outputs have to be the same ones each time.
 */
export class IoBinding {
  readonly #recorded = new Map<string, Binding>();
  /** Of a set of sizes that is not recorded, the last one. */
  #latest: { sizes: string; binding: Binding } | undefined;
  #primed: boolean;

  /** @param records whether runs are recorded: all sizes of the outputs are then sizes of inputs, by name */
  constructor(
    readonly ort: Ort,
    readonly onnx: InferenceSession,
    readonly gpu: GPUDevice,
    readonly specs: { inputs: readonly TensorSpec[]; outputs: readonly TensorSpec[] },
    readonly records: boolean,
  ) {
    this.#primed = !records;
  }

  async run(given: TypedInputs): Promise<RawOutputs> {
    if (!this.#primed) await this.#prime(given);
    const { inputs, recording } = this.#bindingOf(given);
    const feeds: Record<string, Tensor> = {};
    for (const spec of this.specs.inputs) {
      const { data, dims } = given.get(spec.name)!;
      const bound = inputs.get(spec.name);
      feeds[spec.name] = bound?.tensor ?? new this.ort.Tensor(spec.dtype, data as never, dims);
      if (!bound || (bound.written && isSame(bound.written, data))) continue;
      bound.written = data.slice();
      this.gpu.queue.writeBuffer(bound.buffer, 0, inWholeWords(bound.written));
    }
    if (recording) {
      const { id, outputs } = recording;
      await this.onnx.run(feeds, tensorsOf(outputs), numbered(id));
      return this.#read([...outputs]);
    }
    const results = await this.onnx.run(feeds, this.records ? numbered(UNRECORDED) : {});
    try {
      return await this.#read(
        Object.entries(results).map(([name, tensor]) => [name, { tensor, buffer: tensor.gpuBuffer as GPUBuffer }]),
      );
    } finally {
      for (const tensor of Object.values(results)) tensor.dispose();
    }
  }

  release(): void {
    for (const binding of this.#recorded.values()) destroy(binding);
    if (this.#latest) destroy(this.#latest.binding);
    this.#recorded.clear();
    this.#latest = undefined;
  }

  /**
   * onnxruntime records no session's first run. That one is made as small as can be, since the memory of its
   * intermediate results does not come back.
   */
  async #prime(given: TypedInputs): Promise<void> {
    this.#primed = true;
    const { inputs } = this.specs;
    const sides = new Map([...sidesOf(inputs, given), ...Object.entries(SMALLEST)]);
    const smallest = inputs.map((spec) => [spec.name, this.#bound(spec, sized(spec, sides))] as const);
    const results = await this.onnx.run(tensorsOf(smallest), numbered(UNRECORDED));
    for (const tensor of Object.values(results)) tensor.dispose();
    for (const [, { buffer }] of smallest) buffer.destroy();
  }

  #bindingOf(given: TypedInputs): Binding {
    const sizes = [...given].map(([name, { dims }]) => `${name} ${dims.join('x')}`).join(', ');
    const known = this.#recorded.get(sizes) ?? (this.#latest?.sizes === sizes ? this.#latest.binding : undefined);
    if (known) return known;
    const { inputs, outputs } = this.specs;
    const onCard = inputs.filter((spec) => this.records || goesToCard(spec));
    const bound = new Map(onCard.map((spec) => [spec.name, this.#bound(spec, given.get(spec.name)!.dims)]));
    if (this.records && this.#recorded.size < MAX_RECORDINGS) {
      const sides = sidesOf(inputs, given);
      const bindOutput = (spec: TensorSpec) => [spec.name, this.#bound(spec, sized(spec, sides))] as const;
      const recording = { id: this.#recorded.size, outputs: new Map(outputs.map(bindOutput)) };
      const binding = { inputs: bound, recording };
      this.#recorded.set(sizes, binding);
      return binding;
    }
    if (this.#latest) destroy(this.#latest.binding);
    this.#latest = { sizes, binding: { inputs: bound } };
    return this.#latest.binding;
  }

  #bound({ dtype }: TensorSpec, dims: readonly number[]): Bound {
    const { STORAGE, COPY_DST, COPY_SRC } = GPUBufferUsage;
    const size = wholeWords(count(dims) * BYTES[dtype]);
    const buffer = this.gpu.createBuffer({ size, usage: STORAGE | COPY_DST | COPY_SRC });
    return { buffer, tensor: this.ort.Tensor.fromGpuBuffer(buffer, { dataType: dtype as 'float32', dims }) };
  }

  async #read(outputs: readonly (readonly [string, Bound])[]): Promise<RawOutputs> {
    const { MAP_READ, COPY_DST } = GPUBufferUsage;
    const encoder = this.gpu.createCommandEncoder();
    const copies = outputs.map(([name, { buffer, tensor }]) => {
      const bytes = count(tensor.dims) * BYTES[tensor.type as TensorSpec['dtype']];
      const copy = this.gpu.createBuffer({ size: wholeWords(bytes), usage: MAP_READ | COPY_DST });
      encoder.copyBufferToBuffer(buffer, 0, copy, 0, copy.size);
      return { name, bytes, copy };
    });
    this.gpu.queue.submit([encoder.finish()]);
    const read: RawOutputs = {};
    try {
      for (const { name, bytes, copy } of copies) {
        await mapped(this.gpu, copy);
        read[name] = copy.getMappedRange().slice(0, bytes);
      }
    } finally {
      for (const { copy } of copies) copy.destroy();
    }
    return read;
  }
}

/**
 * Waits until a buffer can be read. Chromium looks for what the card has done only when something else is sent to it
 * or, where nothing is, every 2 ms or so; an error scope is the least that can be sent.
 */
async function mapped(gpu: GPUDevice, buffer: GPUBuffer): Promise<void> {
  let waiting = true;
  const mapping = buffer.mapAsync(GPUMapMode.READ).finally(() => {
    waiting = false;
  });
  mapping.catch(() => undefined); // thrown below
  while (waiting) {
    gpu.pushErrorScope('validation');
    await gpu.popErrorScope();
  }
  return mapping;
}

/** Whole numbers are counts and the like, which onnxruntime reads on the CPU, as it may a single number. */
const goesToCard = ({ dtype, dims }: TensorSpec) => dtype.startsWith('float') && !dims.every((side) => side === 1);

const BYTES: Readonly<Record<TensorSpec['dtype'], number>> = { float32: 4, float16: 2, int32: 4, int64: 8 };

const count = (dims: readonly number[]) => dims.reduce((product, side) => product * side, 1);

/** Buffers are written and copied in units of four bytes. */
const wholeWords = (bytes: number) => 4 * Math.ceil(bytes / 4);

function inWholeWords(data: TypedData): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(wholeWords(data.byteLength));
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return bytes;
}

/** Numbers for a graph's named sides, from the inputs that have them. */
function sidesOf(specs: readonly TensorSpec[], given: TypedInputs): Map<string, number> {
  const sides = new Map<string, number>();
  for (const { name, dims } of specs)
    dims.forEach((side, i) => {
      if (typeof side === 'string') sides.set(side, given.get(name)!.dims[i]);
    });
  return sides;
}

/** A tensor's sides as numbers. */
function sized({ dims }: TensorSpec, sides: ReadonlyMap<string, number>): number[] {
  return dims.map((side) => (typeof side === 'number' ? side : sides.get(side)!));
}

const numbered = (id: number): InferenceSession.RunOptions => ({ extra: { gpu_graph_id: String(id) } });

function tensorsOf(bound: Iterable<readonly [string, Bound]>): Record<string, Tensor> {
  return Object.fromEntries([...bound].map(([name, { tensor }]) => [name, tensor]));
}

/** A loop, since a prompt's states have up to a million numbers and are compared at each step. */
function isSame(a: TypedData, b: TypedData): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function destroy({ inputs, recording }: Binding): void {
  for (const { buffer } of inputs.values()) buffer.destroy();
  for (const { buffer } of recording?.outputs.values() ?? []) buffer.destroy();
}
