import type { AttachReport } from '../../core/attach-report';
import { EaselError } from '../../core/errors';
import { DTYPE_BYTES, decodeFloats, decodeNumber, isFloatDtype } from './dtypes';
import type { AdaptedNetwork, Factors, Lora } from './lora';
import { type Product, rowsAtOnce, withProducts } from './matrix-product';
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
 */
export function withLoras(dict: StateDict, network: AdaptedNetwork, uses: readonly LoraUse[]): Adapted {
  const weightOf = new Map<string, string>();
  for (const key of dict.entries.keys()) {
    if (key.endsWith('.weight')) weightOf.set(key.slice(0, -'.weight'.length).replaceAll('.', '_'), key);
  }
  const merges = new Map<string, Merge[]>();
  const reports = uses.map(({ lora, unetWeight, textWeight }): AttachReport => {
    const weight = network === 'unet' ? unetWeight : textWeight;
    const unmatched: string[] = [];
    let used = 0;
    let firstMisfit: Misfit | undefined;
    for (const [module, factors] of lora.modules[network]) {
      const key = weightOf.get(module);
      if (key === undefined) {
        unmatched.push(module);
        continue;
      }
      const own = mergesOf(lora, factors, dict, key, weight);
      unmatched.push(...own.misfits.map(({ reason }) => `${module} (${reason})`));
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
  const computed = (key: string) => {
    const list = merges.get(key);
    return list && ((take: TakeRows) => mergedRows(dict, key, list, take));
  };
  const read = async (key: string, from?: number, to?: number) => {
    const list = merges.get(key);
    if (!list) return dict.read(key, from, to);
    const { rows, columns } = matrixOf(dict, key);
    const values = new Float32Array(rows * columns);
    await mergedRows(dict, key, list, (some, first) => values.set(some, first * columns));
    return new Uint8Array(values.buffer).subarray(from, to);
  };
  const placeOf = (key: string) => (merges.has(key) ? undefined : dict.placeOf?.(key));
  return { dict: { entries, read, computed, placeOf }, changed: merges.size, reports };
}

/** Cross attention's keys and values: as wide as the family's text. */
const READS_TEXT = /\.attn2\.to_[kv]\.weight$/;

function misfitting({ name }: Lora, { reason, ofShape }: Misfit): EaselError {
  const family = ofShape ? ' It was made for another family.' : '';
  return new EaselError('unsupported', `LoRA "${name}" does not fit this model: ${reason}.${family}`);
}

/** W + scale up down + difference for every LoRA, some rows at a time: the factors are small, the weight is not. */
async function mergedRows(dict: StateDict, key: string, merges: readonly Merge[], take: TakeRows): Promise<void> {
  const { dtype } = dict.entries.get(key)!;
  if (!isFloatDtype(dtype))
    throw new EaselError('unsupported', `"${key}" has dtype ${dtype}, which no LoRA can change.`);
  const { rows, columns } = matrixOf(dict, key);
  const products = await Promise.all(merges.filter(isLowRank).map(productOf));
  const differences = await Promise.all(merges.filter(isDifference).map(additionOf));
  const rowBytes = columns * DTYPE_BYTES[dtype];
  const step = rowsAtOnce(columns);
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    const bytes = await dict.read(key, first * rowBytes, (first + count) * rowBytes);
    const those = products.map(({ left, ...rest }) => {
      const ranks = left.length / rows;
      return { ...rest, left: left.subarray(first * ranks, (first + count) * ranks) };
    });
    const whole = await Promise.all(differences.map(({ read }) => read(first * columns, (first + count) * columns)));
    // From here on nothing may be waited for: the sum's memory is shared.
    const sum = withProducts(count, columns, those, (values) => decodeFloats(bytes, dtype, values));
    for (const [at, { scale }] of differences.entries())
      for (let i = 0; i < sum.length; i++) sum[i] += scale * whole[at][i];
    take(sum, first);
  }
}

/** A weight as a matrix: its first axis, and all others. */
function matrixOf({ entries }: StateDict, key: string): { rows: number; columns: number } {
  const [rows = 0, ...rest] = entries.get(key)?.shape ?? [];
  return { rows, columns: product(rest) };
}

/** One LoRA's part of one tensor, its shapes checked. */
type Merge = LowRank | Difference;

interface LowRank {
  kind: 'low-rank';
  target: string;
  lora: Lora;
  up: string;
  down: string;
  mid?: string;
  alpha?: string;
  scalar?: string;
  weight: number;
  rank: number;
  /** Elements of one row of the weight. */
  columns: number;
}

/** A whole tensor to be added. */
interface Difference {
  kind: 'difference';
  target: string;
  lora: Lora;
  key: string;
  weight: number;
  /** The product that it belongs to, where it is scaled as that is. */
  scaledBy?: LowRank;
}

const isLowRank = (merge: Merge) => merge.kind === 'low-rank';
const isDifference = (merge: Merge) => merge.kind === 'difference';

/** Why a part of a module cannot be merged. */
interface Misfit {
  reason: string;
  ofShape: boolean;
}

/** Usual ranks are 4 to 128; the product with a middle factor grows with it. */
const MAX_RANK = 4096;

const product = (shape: readonly number[]) => shape.reduce((total, side) => total * side, 1);

/** What a module changes of a weight and its bias, and what of it does not fit them: one of the two is never empty. */
function mergesOf(
  lora: Lora,
  { up, down, mid, alpha, scalar, difference, biasDifference, upBias }: Factors,
  base: StateDict,
  target: string,
  weight: number,
): { merges: readonly Merge[]; misfits: readonly Misfit[] } {
  const merges: Merge[] = [];
  const misfits: Misfit[] = [];
  const sort = (merge: Merge, misfit: Misfit | undefined) => {
    if (misfit) misfits.push(misfit);
    else merges.push(merge);
  };
  const add = (key: string, to: string, scaledBy?: LowRank) => {
    const merge: Difference = { kind: 'difference', target: to, lora, key, weight, scaledBy };
    sort(merge, differenceMisfit(merge, base));
  };
  const bias = target.replace(/weight$/, 'bias');
  if (up && down) {
    const { columns } = matrixOf(base, target);
    const rank = lora.dict.entries.get(down)?.shape[0] ?? 0;
    const merge: LowRank = { kind: 'low-rank', target, lora, up, down, mid, alpha, scalar, weight, rank, columns };
    sort(merge, lowRankMisfit(merge, base));
    if (upBias && merges.length > 0) add(upBias, bias, merge);
  }
  if (difference) add(difference, target);
  if (biasDifference) add(biasDifference, bias);
  return { merges, misfits };
}

/** Why a tensor cannot be added to another; undefined where it can. */
function differenceMisfit({ lora, key, target }: Difference, base: StateDict): Misfit | undefined {
  const [own, theirs] = [lora.dict.entries.get(key)?.shape ?? [], base.entries.get(target)?.shape];
  if (!theirs) return { reason: `there is no "${target}"`, ofShape: false };
  return product(own) === product(theirs) ? dtypeMisfit(key, lora) : shapeMisfit(key, own, target, theirs);
}

/** Why a product cannot be added to a weight; undefined where it can. */
function lowRankMisfit(merge: LowRank, base: StateDict): Misfit | undefined {
  const { lora, up, down, mid, alpha, scalar, rank, target } = merge;
  const shapeOf = (name: string) => lora.dict.entries.get(name)?.shape ?? [];
  const shape = base.entries.get(target)?.shape ?? [];
  const inner = mid ? shapeOf(mid) : [];
  if (rank > MAX_RANK || (inner[0] ?? 0) > MAX_RANK)
    return { reason: `"${down}" has a rank over ${MAX_RANK}`, ofShape: false };
  const rows = shape[0] ?? 0;
  const pixels = product(shape.slice(2));
  const width = product(shapeOf(down)) / rank;
  const fits = mid
    ? inner.length === 4 &&
      inner[1] === rank &&
      product(inner.slice(2)) === pixels &&
      product(shapeOf(up)) === rows * inner[0] &&
      isWidth(width * pixels, merge, pixels)
    : product(shapeOf(up)) === rows * rank && isWidth(width, merge, pixels);
  if (!fits || rank === 0 || rows === 0) return shapeMisfit(down, shapeOf(down), target, shape);
  for (const name of [alpha, scalar]) {
    if (name && product(shapeOf(name)) !== 1) return { reason: `"${name}" is no single number`, ofShape: false };
  }
  const names = mid ? [up, down, mid] : [up, down];
  return names.map((name) => dtypeMisfit(name, lora)).find((misfit) => misfit !== undefined);
}

/**
 * An inpainting model's first convolution takes more channels than the one a LoRA was trained on, whose channels come
 * first.
 */
function isWidth(width: number, { target, columns }: LowRank, pixels: number): boolean {
  return width === columns || (target === FIRST_CONVOLUTION && width < columns && width > 0 && width % pixels === 0);
}

const FIRST_CONVOLUTION = 'conv_in.weight';

function shapeMisfit(key: string, own: readonly number[], target: string, theirs: readonly number[]): Misfit {
  const reason = `"${key}" has shape [${own.join(', ')}], but "${target}" has [${theirs.join(', ')}]`;
  return { reason, ofShape: true };
}

function dtypeMisfit(key: string, { dict }: Lora): Misfit | undefined {
  const dtype = dict.entries.get(key)?.dtype;
  if (dtype && isFloatDtype(dtype)) return undefined;
  return { reason: `"${key}" has dtype ${dtype}; Easel reads weights that are floats`, ofShape: false };
}

/** A number in the file, of whatever type: PyTorch writes whole ones as integers. */
async function numberAt({ name, dict }: Lora, key: string): Promise<number> {
  const dtype = dict.entries.get(key)?.dtype;
  const value = dtype && decodeNumber(await dict.read(key), dtype);
  if (value !== undefined) return value;
  throw new EaselError('unsupported', `LoRA "${name}": "${key}" has dtype ${dtype}, which is read as no number.`);
}

async function floatsAt({ dict }: Lora, key: string, from?: number, to?: number): Promise<Float32Array> {
  const dtype = dict.entries.get(key)?.dtype;
  if (!dtype || !isFloatDtype(dtype)) throw new EaselError('internal', `Factor "${key}" was not checked.`);
  const bytes = DTYPE_BYTES[dtype];
  return decodeFloats(await dict.read(key, from && from * bytes, to && to * bytes), dtype);
}

/** weight alpha / rank, and the scalar where there is one. Without an alpha it equals the rank. */
async function scaleOf({ lora, alpha, scalar, weight, rank }: LowRank): Promise<number> {
  const scale = (weight * (alpha ? await numberAt(lora, alpha) : rank)) / rank;
  return scalar ? scale * (await numberAt(lora, scalar)) : scale;
}

async function productOf(merge: LowRank): Promise<Product> {
  const { lora, up, down, mid, rank, columns } = merge;
  const factor = await floatsAt(lora, down);
  const outer = mid ? lora.dict.entries.get(mid)!.shape[0] : rank;
  const right = mid ? withMiddle(await floatsAt(lora, mid), factor, outer, rank) : factor;
  return { left: await floatsAt(lora, up), right: widened(right, outer, columns), scale: await scaleOf(merge) };
}

/** A difference's numbers, some at a time, and what they are multiplied by. */
async function additionOf({ lora, key, weight, scaledBy }: Difference): Promise<{
  scale: number;
  read(from: number, to: number): Promise<Float32Array>;
}> {
  const scale = scaledBy ? await scaleOf(scaledBy) : weight;
  return { scale, read: (from, to) => floatsAt(lora, key, from, to) };
}

/** Rows with zeros behind them, `columns` wide. */
function widened(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const width = matrix.length / rows;
  if (width === columns) return matrix;
  const out = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) out.set(matrix.subarray(row * width, (row + 1) * width), row * columns);
  return out;
}

/** LoCon's kernel between two 1x1 factors: [outer, rank, h, w] and [rank, in] -> [outer, in, h, w]. */
function withMiddle(mid: Float32Array, down: Float32Array, outer: number, rank: number): Float32Array {
  const inputs = down.length / rank;
  const pixels = mid.length / (outer * rank);
  const out = new Float32Array(outer * inputs * pixels);
  for (let o = 0; o < outer; o++)
    for (let r = 0; r < rank; r++)
      for (let i = 0; i < inputs; i++)
        for (let p = 0; p < pixels; p++)
          out[(o * inputs + i) * pixels + p] += mid[(o * rank + r) * pixels + p] * down[r * inputs + i];
  return out;
}
