import { EaselError } from '../../core/errors';
import type { BuiltGraph, WeightSlot } from '../graph/types';
import type { BoundWeights } from './bind';

/**
 * A graph's external data file that exists nowhere as a whole: onnxruntime-web asks for one initializer at a time, in no
 * order, and gets it converted on the spot. So no second copy of the weights is ever resident.
 *
 * The JSPI build reads a `Blob` asynchronously, range by range; the other builds call `subarray` of a `Uint8Array`
 * synchronously, so there the tensors are read beforehand (still in the file's dtype) and converted when asked for.
 */
export async function externalData(
  graph: BuiltGraph,
  weights: BoundWeights,
  build: 'asynchronous' | 'synchronous',
): Promise<Blob | Uint8Array> {
  if (build === 'asynchronous') return new WeightsBlob(graph, weights);
  const tensors = new Map<WeightSlot, Uint8Array>();
  for (const slot of graph.weights) tensors.set(slot, await weights.read(slot));
  return new WeightsBytes(graph, tensors);
}

/** The slot that holds byte `offset`. Slots are in ascending order, so a binary search finds it. */
function slotAt(graph: BuiltGraph, offset: number): WeightSlot {
  let low = 0;
  let high = graph.weights.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (graph.weights[middle].offset <= offset) low = middle;
    else high = middle - 1;
  }
  const slot = graph.weights[low];
  if (!slot || offset < slot.offset || offset >= slot.offset + slot.byteLength) {
    throw new EaselError('internal', `No weight of ${graph.name} lies at byte ${offset}.`);
  }
  return slot;
}

class WeightsBlob extends Blob {
  readonly #graph: BuiltGraph;
  readonly #weights: BoundWeights;

  constructor(graph: BuiltGraph, weights: BoundWeights) {
    super([]);
    this.#graph = graph;
    this.#weights = weights;
  }

  override get size(): number {
    return this.#graph.externalBytes;
  }

  override slice(start = 0, end = this.size): Blob {
    const slot = slotAt(this.#graph, start);
    const weights = this.#weights;
    const stream = () =>
      new ReadableStream<Uint8Array<ArrayBuffer>>({
        async start(controller) {
          const bytes = (await weights.read(slot)) as Uint8Array<ArrayBuffer>;
          controller.enqueue(bytes.subarray(start - slot.offset, end - slot.offset));
          controller.close();
        },
      });
    // onnxruntime calls nothing but stream() on a slice.
    return Object.assign(new Blob([]), { stream });
  }
}

class WeightsBytes extends Uint8Array {
  readonly #graph: BuiltGraph;
  readonly #tensors: Map<WeightSlot, Uint8Array>;

  constructor(graph: BuiltGraph, tensors: Map<WeightSlot, Uint8Array>) {
    super(0);
    this.#graph = graph;
    this.#tensors = tensors;
  }

  override get byteLength(): number {
    return this.#graph.externalBytes;
  }

  override subarray(start = 0, end = this.byteLength): Uint8Array<ArrayBuffer> {
    const slot = slotAt(this.#graph, start);
    const bytes = this.#tensors.get(slot) as Uint8Array<ArrayBuffer>;
    return bytes.subarray(start - slot.offset, end - slot.offset);
  }
}
