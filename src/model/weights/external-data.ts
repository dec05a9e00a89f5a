import { EaselError, said } from '../../core/errors';
import type { BuiltGraph, ExternalFile, WeightSlot } from '../graph/types';
import type { BoundWeights } from './bind';
import { conversionsAtOnce, free } from './conversion';
import type { ModelFiles } from './model-files';

/** A file as onnxruntime-web takes it. */
export interface ServedFile {
  path: string;
  data: Blob | Uint8Array;
}

/** What serving a graph's weights takes of those that are bound to it. */
export type ServedWeights = Pick<BoundWeights, 'read'> & Partial<Pick<BoundWeights, 'isComputed'>>;

/**
 * A graph's external files, which exist nowhere as a whole: onnxruntime-web asks for one initializer at a time, in no
 * order, and gets it converted on the spot. So no second copy of the weights is ever resident, but for the few that are
 * read ahead.
 *
 * The JSPI build reads a `Blob` asynchronously, range by range; the other builds call `subarray` of a `Uint8Array`
 * synchronously, so there the tensors are read and converted beforehand.
 */
export async function externalData(
  graph: BuiltGraph,
  { read: take }: Pick<BoundWeights, 'read'>,
  build: 'asynchronous' | 'synchronous',
): Promise<{ files: ServedFile[]; serving: Serving }> {
  const serving: Serving = { waited: 0 };
  const read = timed(take, serving);
  const files = graph.files.map(async (file) => {
    const slots = graph.weights.filter(({ location }) => location === file.location);
    const data = build === 'asynchronous' ? lazily(file, slots, read) : await beforehand(file, slots, read);
    return { path: file.location, data };
  });
  return { files: await Promise.all(files), serving };
}

/**
 * When onnxruntime asked for its first weight and had its last one, and how long it waited for them, in milliseconds.
 */
export interface Serving {
  first?: number;
  last?: number;
  waited: number;
}

function timed(read: BoundWeights['read'], serving: Serving): BoundWeights['read'] {
  return async (slot) => {
    const asked = performance.now();
    serving.first ??= asked;
    const bytes = await read(slot);
    serving.last = performance.now();
    serving.waited += serving.last - asked;
    return bytes;
  };
}

function lazily({ byteLength }: ExternalFile, slots: readonly WeightSlot[], read: BoundWeights['read']): Blob {
  return new LazyBlob(byteLength, async (start, end) => {
    const slot = slotAt(slots, start);
    return (await read(slot)).subarray(start - slot.offset, end - slot.offset);
  });
}

/** Weights that are read while onnxruntime is busy with others, or with another graph. */
export interface ReadingAhead {
  /** `weights.read`, answered at once where the tensor has been read. */
  read: BoundWeights['read'];
  /** Reads no more, and forgets what nobody asked for. */
  stop(): void;
}

/** How far all graphs together may read ahead: bytes as graphs want them, and tensors at a time. */
export class AheadLimits {
  #bytes = 0;
  #tensors = 0;
  readonly #readOn = new Set<() => void>();

  constructor(
    readonly mostBytes = spareBytes(),
    readonly atOnce = conversionsAtOnce() + 1,
  ) {}

  /** A reader that goes on whenever there is room; the ones that came first, first. */
  add(readOn: () => void): void {
    this.#readOn.add(readOn);
    readOn();
  }

  remove(readOn: () => void): void {
    this.#readOn.delete(readOn);
  }

  hasRoom(bytes: number): boolean {
    return this.#tensors < this.atOnce && this.#bytes + bytes <= this.mostBytes;
  }

  /** Counts a tensor until it is taken, and that it is being read until it has come. */
  begin(bytes: number, reading: Promise<unknown>): void {
    this.#bytes += bytes;
    this.#tensors++;
    const came = () => {
      this.#tensors--;
      this.#goOn();
    };
    reading.then(came, came); // whoever asks for it hears of a failure
  }

  taken(bytes: number): void {
    this.#bytes -= bytes;
    this.#goOn();
  }

  #goOn(): void {
    for (const readOn of [...this.#readOn]) readOn();
  }
}

/**
 * What weights may take for a while: an eighth of the machine's memory, where the browser tells it, at most two
 * gigabytes; a quarter of one else.
 */
export function spareBytes(): number {
  const { deviceMemory = 2 } = (globalThis.navigator ?? {}) as { deviceMemory?: number };
  return (Math.min(16, deviceMemory) * 2 ** 30) / 8;
}

let common: AheadLimits | undefined;
const commonLimits = () => {
  common ??= new AheadLimits();
  return common;
};

/**
 * Reads a graph's tensors before onnxruntime asks. It will ask for each of them once, nobody knows when; so the
 * smallest come first: they are most of the requests, each would cost a round trip to the file, and all of them fit.
 */
export function readAhead(
  slots: readonly WeightSlot[],
  weights: ServedWeights,
  limits: AheadLimits = commonLimits(),
): ReadingAhead {
  const left = slots.filter((slot) => !weights.isComputed?.(slot)).sort((a, b) => a.byteLength - b.byteLength);
  const begun = new Map<WeightSlot, Promise<Uint8Array>>();
  const asked = new Set<WeightSlot>();
  const readOn = () => {
    for (let next = left[0]; next && limits.hasRoom(next.byteLength); next = left[0]) {
      left.shift();
      if (asked.has(next)) continue;
      const reading = weights.read(next);
      begun.set(next, reading);
      limits.begin(next.byteLength, reading);
    }
  };
  limits.add(readOn);
  return {
    async read(slot) {
      asked.add(slot);
      const reading = begun.get(slot) ?? weights.read(slot);
      if (begun.delete(slot)) limits.taken(slot.byteLength);
      return reading;
    },
    stop() {
      limits.remove(readOn);
      for (const { byteLength } of begun.keys()) limits.taken(byteLength);
      begun.clear();
    },
  };
}

async function beforehand(
  { byteLength }: ExternalFile,
  slots: readonly WeightSlot[],
  read: BoundWeights['read'],
): Promise<Uint8Array> {
  const tensors = new Map<WeightSlot, Uint8Array>();
  for (const slot of slots) tensors.set(slot, await read(slot));
  return new WeightsBytes(byteLength, slots, tensors);
}

/** An external data file that an ONNX pack brings along, read in the same two ways. */
export async function externalFile(
  files: ModelFiles,
  path: string,
  build: 'asynchronous' | 'synchronous',
): Promise<Blob | Uint8Array> {
  if (build === 'synchronous') return files.read(path);
  return new LazyBlob(files.size(path), (start, end) => files.read(path, start, end));
}

/** The slot of a file that holds byte `offset`. Slots are in ascending order, so a binary search finds it. */
function slotAt(slots: readonly WeightSlot[], offset: number): WeightSlot {
  let low = 0;
  let high = slots.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (slots[middle].offset <= offset) low = middle;
    else high = middle - 1;
  }
  const slot = slots[low];
  if (!slot || offset < slot.offset || offset >= slot.offset + slot.byteLength) {
    throw new EaselError('internal', said`No tensor at byte offset ${offset} of its file.`);
  }
  return slot;
}

/** A Blob that is read a range at a time, when it is asked for. */
class LazyBlob extends Blob {
  readonly #size: number;
  readonly #read: (start: number, end: number) => Promise<Uint8Array>;

  constructor(size: number, read: (start: number, end: number) => Promise<Uint8Array>) {
    super([]);
    this.#size = size;
    this.#read = read;
  }

  override get size(): number {
    return this.#size;
  }

  override slice(start = 0, end = this.size): Blob {
    // onnxruntime asks a slice for nothing but this, hundreds of times: a real Blob and stream would take 0.4 ms each,
    // this 4 µs.
    return { stream: () => ({ getReader: readerOf(() => this.#read(start, end)) }) } as unknown as Blob;
  }
}

/**
 * A stream's `getReader`, for a stream of one chunk that is read when it is asked for, and whose memory is free once
 * more is asked for: onnxruntime has copied it then.
 */
function readerOf(read: () => Promise<Uint8Array>) {
  let chunk: Uint8Array | undefined;
  return (options?: { mode: 'byob' }) => {
    // As a stream says that does not fill other people's buffers; onnxruntime then asks again without.
    if (options) throw new TypeError('The stream gives chunks of its own.');
    return {
      async read() {
        if (chunk) {
          free(chunk);
          return { done: true, value: undefined };
        }
        chunk = await read();
        return { done: false, value: chunk };
      },
    };
  };
}

class WeightsBytes extends Uint8Array {
  readonly #byteLength: number;
  readonly #slots: readonly WeightSlot[];
  readonly #tensors: ReadonlyMap<WeightSlot, Uint8Array>;

  constructor(byteLength: number, slots: readonly WeightSlot[], tensors: ReadonlyMap<WeightSlot, Uint8Array>) {
    super(0);
    this.#byteLength = byteLength;
    this.#slots = slots;
    this.#tensors = tensors;
  }

  override get byteLength(): number {
    return this.#byteLength;
  }

  override subarray(start = 0, end = this.byteLength): Uint8Array<ArrayBuffer> {
    const slot = slotAt(this.#slots, start);
    const bytes = this.#tensors.get(slot) as Uint8Array<ArrayBuffer>;
    return bytes.subarray(start - slot.offset, end - slot.offset);
  }
}
