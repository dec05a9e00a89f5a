import { EaselError, said } from '../../core/errors';
import type { BuiltGraph, WeightSlot } from '../graph/types';
import { convertApart } from './conversion';
import { convertTensor, isFloatDtype, placeRows } from './dtypes';
import type { StateDict } from './state-dict';

/** A graph's slots filled from a state dict: each read gives the bytes the graph wants. */
export interface BoundWeights {
  read(slot: WeightSlot): Promise<Uint8Array>;
  /** Whether it is computed as it is read (a LoRA is merged), which takes memory and time of its own. */
  isComputed(slot: WeightSlot): boolean;
  /** Milliseconds that it took this thread so far to make of the files' bytes what graphs want. */
  readonly times: Readonly<{ convert: number }>;
  /** Keys that no graph has a place for, where that is no error. */
  unused: readonly string[];
}

/** Keys that files carry beside the weights and that no graph uses. */
const IGNORED = /(^|\.)(position_ids|num_batches_tracked)$/;

/**
 * Checks that every slot of the graphs has a tensor of its shape and that no tensor is left over.
 * @param graphs that share the state dict: an autoencoder's encoder and decoder do.
 * @param what names the network in errors, as `unet`.
 * @param onUnused what tensors left over are: an error by default; files from the wild carry some.
 * @throws EaselError `corrupt` naming the missing, unused or wrong-shaped key; `unsupported` for a dtype that is no
 * float.
 */
export function bindWeights(
  graphs: readonly BuiltGraph[],
  dict: StateDict,
  what: string,
  onUnused: 'error' | 'warn' = 'error',
): BoundWeights {
  const used = new Set<string>();
  for (const slot of graphs.flatMap((graph) => graph.weights)) {
    const entry = dict.entries.get(slot.key);
    if (!entry) {
      throw new EaselError(
        'corrupt',
        said`${what}: the weights lack "${slot.key}", which the network needs. Pick a complete model.`,
      );
    }
    if (entry.shape.length !== slot.shape.length || entry.shape.some((side, i) => side !== slot.shape[i])) {
      throw new EaselError(
        'corrupt',
        said`${what}: "${slot.key}" has shape [${entry.shape.join(', ')}], but the network needs [${slot.shape.join(', ')}].`,
      );
    }
    if (!isFloatDtype(entry.dtype)) {
      throw new EaselError(
        'unsupported',
        said`${what}: "${slot.key}" has dtype ${entry.dtype}. Easel reads weights that are floats.`,
      );
    }
    used.add(slot.key);
  }
  const unused = [...dict.entries.keys()].filter((key) => !used.has(key) && !IGNORED.test(key));
  if (unused.length > 0 && onUnused === 'error') {
    const more = unused.length > 1 ? said` and ${unused.length - 1} more` : '';
    throw new EaselError(
      'corrupt',
      said`${what}: "${unused[0]}"${more} in the weights has no place in the network that config.json describes.`,
    );
  }
  const times = { convert: 0 };
  return {
    unused,
    times,
    isComputed: ({ key }) => dict.computed?.(key) !== undefined,
    read: (slot) => fill(slot, dict, times),
  };
}

/** What the graph wants of one slot. */
async function fill(
  { key, shape, dtype: to, layout, byteLength }: WeightSlot,
  dict: StateDict,
  times: { convert: number },
): Promise<Uint8Array> {
  const dtype = dict.entries.get(key)?.dtype;
  if (!dtype || !isFloatDtype(dtype)) throw new EaselError('internal', said`Slot "${key}" was not bound.`);
  const [rows = 1, ...rest] = shape;
  const columns = rest.reduce((product, side) => product * side, 1);
  const matrix = { rows, columns, transposed: layout === 'transpose' };
  const computed = dict.computed?.(key);
  if (!computed) {
    const place = dict.placeOf?.(key);
    const apart = place && (await convertApart({ ...place, from: dtype, to, layout: matrix }));
    if (apart) return apart;
    const bytes = await dict.read(key);
    const from = performance.now();
    const converted = convertTensor(bytes, dtype, to, matrix);
    times.convert += performance.now() - from;
    return converted;
  }
  const from = performance.now();
  const out = new Uint8Array(byteLength);
  await computed((values, first) => placeRows(out, to, values, first, matrix));
  times.convert += performance.now() - from;
  return out;
}
