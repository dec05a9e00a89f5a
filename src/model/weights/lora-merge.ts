import type { AttachReport } from '../../core/attach-report';
import { EaselError, type Said, type SaidValue, said } from '../../core/errors';
import { decomposed, magnitudeFault } from './adapters/dora';
import { METHODS } from './adapters/index';
import type { Role } from './adapters/keys';
import {
  type Change,
  columnsOf,
  type Fault,
  type Header,
  type Method,
  sizeOf,
  type Target,
  type Tensors,
} from './adapters/method';
import { DTYPE_BYTES, decodeFloats, decodeNumber, isFloatDtype } from './dtypes';
import { type AdaptedNetwork, type AdapterModule, headerOf, type Lora } from './lora';
import { rowsAtOnce, withProducts } from './matrix-product';
import type { StateDict, TakeRows } from './state-dict';

/** A LoRA as it is asked for. */
export interface LoraUse {
  lora: Lora;
  /** Strength in the UNet and in the text towers; 1 is what it was trained at. */
  unetWeight: number;
  textWeight: number;
}

/** A state dict with LoRAs merged into it. */
export interface Adapted {
  dict: StateDict;
  /** How many tensors are changed. */
  changed: number;
  /** What became of each LoRA's modules for this network, in the order of the uses. */
  reports: readonly AttachReport[];
}

/**
 * The same weights with LoRAs merged as each tensor is read, in float32; nothing is kept, so memory never holds two
 * copies, and without LoRAs the original bytes come back. A module that fits no weight is reported and left out.
 * @throws EaselError `unsupported` naming the tensor where a LoRA was made for another family: none of its modules
 * fits, or those
 *   that read the text have another width.
 * @param source where the bytes of weights that are changed are read, which may be kept
 */
export function withLoras(
  dict: StateDict,
  network: AdaptedNetwork,
  uses: readonly LoraUse[],
  source: Pick<StateDict, 'read'> = dict,
): Adapted {
  const weightOf = new Map<string, string>();
  for (const key of dict.entries.keys()) {
    if (key.endsWith('.weight')) weightOf.set(key.slice(0, -'.weight'.length).replaceAll('.', '_'), key);
  }
  const merges = new Map<string, Merge[]>();
  const reports = uses.map(({ lora, unetWeight, textWeight }): AttachReport => {
    const weight = network === 'unet' ? unetWeight : textWeight;
    const unmatched: SaidValue[] = [];
    let used = 0;
    let firstMisfit: Misfit | undefined;
    for (const [name, module] of lora.modules[network]) {
      const key = weightOf.get(name);
      if (key === undefined) {
        unmatched.push(name);
        continue;
      }
      const own = mergesOf(lora, module, dict, key, weight);
      unmatched.push(...own.misfits.map(({ reason }) => said`${name} (${reason})`));
      const [misfit] = own.misfits;
      if (own.merges.length > 0) used++;
      else if (misfit.ofShape && READS_TEXT.test(key)) throw misfitting(lora, misfit);
      else firstMisfit ??= misfit;
      if (weight === 0) continue;
      for (const merge of own.merges) merges.set(merge.target, [...(merges.get(merge.target) ?? []), merge]);
    }
    if (used === 0 && firstMisfit) throw misfitting(lora, firstMisfit);
    return { name: lora.name, used, unmatched };
  });
  if (merges.size === 0) return { dict, changed: 0, reports };
  const entries = new Map(dict.entries);
  for (const key of merges.keys()) entries.set(key, { ...dict.entries.get(key)!, dtype: 'F32' });
  const base: MergeBase = { entries: dict.entries, read: (...range) => source.read(...range) };
  const computed = (key: string) => {
    const list = merges.get(key);
    return list && ((take: TakeRows) => mergedRows(base, key, list, take));
  };
  const read = async (key: string, from?: number, to?: number) => {
    const list = merges.get(key);
    if (!list) return dict.read(key, from, to);
    const target = targetOf(dict, key);
    const columns = columnsOf(target);
    const values = new Float32Array(target.rows * columns);
    await mergedRows(base, key, list, (some, first) => values.set(some, first * columns));
    return new Uint8Array(values.buffer).subarray(from, to);
  };
  const placeOf = (key: string) => (merges.has(key) ? undefined : dict.placeOf?.(key));
  return { dict: { entries, read, computed, placeOf }, changed: merges.size, reports };
}

/** Cross attention's keys and values: as wide as the family's text. */
const READS_TEXT = /\.attn2\.to_[kv]\.weight$/;

function misfitting({ name }: Lora, { reason, ofShape }: Misfit): EaselError {
  const family = ofShape ? said` It was made for another family.` : '';
  return new EaselError('unsupported', said`LoRA "${name}" does not fit this model: ${reason}.${family}`);
}

/** Weights as they are before they are changed. */
type MergeBase = Pick<StateDict, 'entries' | 'read'>;

/**
 * A weight with every change made to it, one after another, as many rows at a time as the changes allow: those of most
 * methods are made of some rows alone.
 */
async function mergedRows(dict: MergeBase, key: string, merges: readonly Merge[], take: TakeRows): Promise<void> {
  const { dtype } = dict.entries.get(key)!;
  if (!isFloatDtype(dtype))
    throw new EaselError('unsupported', said`"${key}" has dtype ${dtype}, which no LoRA can change.`);
  const target = targetOf(dict, key);
  const { rows } = target;
  const columns = columnsOf(target);
  const changes = await Promise.all(merges.map((merge) => changeOf(merge, target)));
  const together = changes.reduce((common, change) => leastCommonMultiple(common, change.together), 1);
  const step = Math.min(rows, Math.ceil(rowsAtOnce(columns) / together) * together);
  const rowBytes = columns * DTYPE_BYTES[dtype];
  // Most LoRAs do, and so need no copy of the rows.
  const addsProducts = changes.every(({ products }) => products !== undefined);
  const room = new Float32Array(addsProducts ? 0 : step * columns);
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    const bytes = await dict.read(key, first * rowBytes, (first + count) * rowBytes);
    const decode = (values: Float32Array) => decodeFloats(bytes, dtype, values);
    if (addsProducts) {
      const products = changes.flatMap((change) => change.products?.(first, count) ?? []);
      take(withProducts(count, columns, products, decode), first);
    } else {
      const values = decode(room.subarray(0, count * columns));
      for (const change of changes) await change.apply(values, first);
      take(values, first);
    }
  }
}

function leastCommonMultiple(one: number, other: number): number {
  let [a, b] = [one, other];
  while (b > 0) [a, b] = [b, a % b];
  return (one / a) * other;
}

/** A weight or a bias as a matrix. */
function targetOf({ entries }: Pick<StateDict, 'entries'>, key: string): Target {
  const [rows = 0, inputs = 1, ...kernel] = entries.get(key)?.shape ?? [];
  return { rows, inputs, pixels: sizeOf(kernel) };
}

/** One module's part of one tensor, its shapes checked. */
interface Merge {
  lora: Lora;
  module: AdapterModule;
  method: Method;
  weight: number;
  /** Key of what it changes. */
  target: string;
  /** How many of the weight's inputs it was made for: the first ones. */
  inputs: number;
}

/** Why a part of a module cannot be merged. */
interface Misfit {
  reason: Said;
  ofShape: boolean;
}

/** What a module changes of a weight and its bias, and what of it does not fit them: one of the two is never empty. */
function mergesOf(
  lora: Lora,
  module: AdapterModule,
  base: StateDict,
  weightKey: string,
  weight: number,
): { merges: readonly Merge[]; misfits: readonly Misfit[] } {
  const header = headerOf(module.keys, lora.dict);
  const merges: Merge[] = [];
  const misfits: Misfit[] = [];
  for (const method of METHODS.filter((one) => one.is(header) && one.lacks(header) === undefined)) {
    const target = method.of === 'weight' ? weightKey : weightKey.replace(/weight$/, 'bias');
    const merge = { lora, module, method, weight, target, inputs: targetOf(base, target).inputs };
    const fitting = fittingOf(merge, header, base);
    if ('reason' in fitting) misfits.push(fitting);
    else merges.push(fitting);
  }
  return { merges, misfits };
}

/** The first convolution takes more channels in models for inpainting; a LoRA's come first. */
const FIRST_CONVOLUTION = 'conv_in.weight';

/** The merge where it fits, at fewer of the first convolution's inputs if need be. */
function fittingOf(merge: Merge, header: Header, base: StateDict): Merge | Misfit {
  const { lora, module, method, target } = merge;
  if (!base.entries.has(target)) return { reason: said`there is no "${target}"`, ofShape: false };
  const whole = targetOf(base, target);
  const faultAt = (inputs: number) => faultOf(method, header, { ...whole, inputs });
  const fewest = target === FIRST_CONVOLUTION ? 1 : whole.inputs;
  for (let inputs = whole.inputs; inputs >= fewest; inputs--) {
    if (!faultAt(inputs)) return numbersMisfit(merge) ?? { ...merge, inputs };
  }
  return misfitOf(faultAt(whole.inputs)!, module, lora, target, base);
}

const faultOf = (method: Method, header: Header, target: Target): Fault | undefined =>
  method.fault(header, target) ?? (method.of === 'weight' ? magnitudeFault(header, target) : undefined);

function misfitOf(
  { role, other }: Fault,
  { keys }: AdapterModule,
  { dict }: Lora,
  target: string,
  base: StateDict,
): Misfit {
  const shapeOf = ({ entries }: StateDict, key: string) => `[${entries.get(key)?.shape.join(', ')}]`;
  const key = keys[role] ?? role;
  const otherKey = other && keys[other];
  const [against, whose] = otherKey ? [otherKey, dict] : [target, base];
  const reason = said`"${key}" has shape ${shapeOf(dict, key)}, but "${against}" has ${shapeOf(whose, against)}`;
  return { reason: otherKey ? said`${reason}: their ranks do not match` : reason, ofShape: !otherKey };
}

/** Tensors that hold one number, of whatever type: PyTorch writes whole ones as integers. */
const NUMBERS: readonly Role[] = ['alpha', 'scalar'];

/** A tensor of a type that cannot be read as what it should be. */
function numbersMisfit({ lora: { dict }, module }: Merge): Misfit | undefined {
  for (const [role, key] of Object.entries(module.keys) as [Role, string][]) {
    const { dtype, shape } = dict.entries.get(key)!;
    if (NUMBERS.includes(role)) {
      if (sizeOf(shape) !== 1) return { reason: said`"${key}" is not a single number`, ofShape: false };
    } else if (!isFloatDtype(dtype))
      return { reason: said`"${key}" has dtype ${dtype}; Easel reads weights that are floats`, ofShape: false };
  }
  return undefined;
}

/** What a merge does to the rows of its weight, its tensors read. */
async function changeOf({ lora, module, method, weight, inputs }: Merge, target: Target): Promise<Change> {
  const tensors = tensorsOf(lora, module);
  const own = { ...target, inputs };
  const at = (strength: number) => method.change(tensors, own, strength);
  const change = method.of === 'weight' ? await decomposed(tensors, own, weight, at) : await at(weight);
  return inputs === target.inputs ? change : ofFirstInputs(change, own, target);
}

/** A change of the first inputs alone. */
function ofFirstInputs(change: Change, own: Target, target: Target): Change {
  const [width, columns] = [columnsOf(own), columnsOf(target)];
  return {
    together: change.together,
    async apply(values, first) {
      const rows = values.length / columns;
      const narrow = new Float32Array(rows * width);
      for (let row = 0; row < rows; row++)
        narrow.set(values.subarray(row * columns, row * columns + width), row * width);
      await change.apply(narrow, first);
      for (let row = 0; row < rows; row++) values.set(narrow.subarray(row * width, (row + 1) * width), row * columns);
    },
  };
}

/** Relative: bfloat16's, the coarsest that files have. */
const ROUNDING = 2 ** -8;

function tensorsOf({ name, dict, constraint }: Lora, { keys, trained }: AdapterModule): Tensors {
  const number = async (role: Role) => {
    const key = keys[role];
    const dtype = key === undefined ? undefined : dict.entries.get(key)?.dtype;
    if (key === undefined || !dtype) return undefined;
    const value = decodeNumber(await dict.read(key), dtype);
    if (value !== undefined) return value;
    throw new EaselError('unsupported', said`LoRA "${name}": "${key}" has dtype ${dtype}, which is read as no number.`);
  };
  return {
    ...headerOf(keys, dict),
    number,
    async constraint() {
      const alpha = (await number('alpha')) ?? 0;
      const isIt = constraint !== undefined && Math.abs(constraint - alpha) <= ROUNDING * Math.abs(alpha);
      return isIt ? constraint : alpha;
    },
    async floats(role, from, to) {
      const key = keys[role] ?? '';
      const dtype = dict.entries.get(key)?.dtype;
      if (!dtype || !isFloatDtype(dtype)) throw new EaselError('internal', said`Factor "${key}" was not checked.`);
      const bytes = DTYPE_BYTES[dtype];
      return decodeFloats(await dict.read(key, from && from * bytes, to && to * bytes), dtype);
    },
    async scale(rank) {
      const alpha = await number('alpha');
      const scalar = (await number('scalar')) ?? 1;
      if (alpha !== undefined) return (scalar * alpha) / rank;
      // Without an alpha it equals the rank.
      return scalar * (trained ? trained.alpha / (trained.rankStabilised ? Math.sqrt(rank) : rank) : 1);
    },
  };
}
