import { EaselError } from '../../core/errors';
import { DTYPE_BYTES, decodeFloats, isFloatDtype } from './dtypes';
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

/** A state dict with LoRAs merged into it, and the modules that have no place in this network. */
export interface Adapted {
  dict: StateDict;
  /** How many tensors are changed. */
  changed: number;
  unmatched: readonly string[];
}

/**
 * The same weights with LoRAs merged as each tensor is read, in float32; nothing is kept, so memory never holds two copies, and
 * without LoRAs the original bytes come back.
 * @throws EaselError `unsupported` naming the tensor where a factor does not fit the weight it would change.
 */
export function withLoras(dict: StateDict, network: AdaptedNetwork, uses: readonly LoraUse[]): Adapted {
  const weightOf = new Map<string, string>();
  for (const key of dict.entries.keys()) {
    if (key.endsWith('.weight')) weightOf.set(key.slice(0, -'.weight'.length).replaceAll('.', '_'), key);
  }
  const merges = new Map<string, Merge[]>();
  const unmatched: string[] = [];
  for (const { lora, unetWeight, textWeight } of uses) {
    const weight = network === 'unet' ? unetWeight : textWeight;
    for (const [module, factors] of lora.modules[network]) {
      const key = weightOf.get(module);
      if (key === undefined) {
        unmatched.push(`${lora.name}: ${module}`);
        continue;
      }
      const merge = checked(lora, factors, dict, key, weight);
      if (weight !== 0) merges.set(key, [...(merges.get(key) ?? []), merge]);
    }
  }
  if (merges.size === 0) return { dict, changed: 0, unmatched };
  const entries = new Map(dict.entries);
  for (const key of merges.keys()) entries.set(key, { ...dict.entries.get(key)!, dtype: 'F32' });
  const computed = (key: string) => {
    const list = merges.get(key);
    return list && ((take: TakeRows) => mergedRows(dict, key, list, take));
  };
  const read = async (key: string, from?: number, to?: number) => {
    const list = merges.get(key);
    if (!list) return dict.read(key, from, to);
    const [{ rows, columns }] = list;
    const values = new Float32Array(rows * columns);
    await mergedRows(dict, key, list, (some, first) => values.set(some, first * columns));
    return new Uint8Array(values.buffer).subarray(from, to);
  };
  return { dict: { entries, read, computed }, changed: merges.size, unmatched };
}

/** W + scale up down for every LoRA, some rows at a time: the factors are small, the weight is not. */
async function mergedRows(dict: StateDict, key: string, merges: readonly Merge[], take: TakeRows): Promise<void> {
  const { dtype } = dict.entries.get(key)!;
  if (!isFloatDtype(dtype))
    throw new EaselError('unsupported', `"${key}" has dtype ${dtype}, which no LoRA can change.`);
  const [{ rows, columns }] = merges;
  const products = await Promise.all(merges.map(productOf));
  const rowBytes = columns * DTYPE_BYTES[dtype];
  const step = rowsAtOnce(columns);
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    const bytes = await dict.read(key, first * rowBytes, (first + count) * rowBytes);
    const those = products.map(({ left, ...rest }) => {
      const ranks = left.length / rows;
      return { ...rest, left: left.subarray(first * ranks, (first + count) * ranks) };
    });
    const sum = withProducts(count, columns, those, (values) => decodeFloats(bytes, dtype, values));
    take(sum, first);
  }
}

/** One LoRA's part of one weight, its shapes checked. */
interface Merge {
  lora: Lora;
  up: string;
  down: string;
  mid?: string;
  alpha?: string;
  weight: number;
  rank: number;
  rows: number;
  /** Elements of one row of the weight. */
  columns: number;
}

/** Usual ranks are 4 to 128; the product with a middle factor grows with it. */
const MOST_RANK = 4096;

const product = (shape: readonly number[]) => shape.reduce((total, side) => total * side, 1);

function checked(
  lora: Lora,
  { up = '', down = '', mid, alpha }: Factors,
  base: StateDict,
  key: string,
  weight: number,
): Merge {
  const shapeOf = (name: string) => lora.dict.entries.get(name)?.shape ?? [];
  const target = base.entries.get(key)?.shape ?? [];
  const [rows, columns] = [target[0] ?? 0, product(target.slice(1))];
  const rank = shapeOf(down)[0] ?? 0;
  const inner = mid ? shapeOf(mid) : [];
  const pixels = product(target.slice(2));
  const fits = mid
    ? inner.length === 4 &&
      inner[1] === rank &&
      product(inner.slice(2)) === pixels &&
      product(shapeOf(up)) === rows * inner[0] &&
      product(shapeOf(down)) * pixels === rank * columns
    : product(shapeOf(up)) === rows * rank && product(shapeOf(down)) === rank * columns;
  if (rank > MOST_RANK || (inner[0] ?? 0) > MOST_RANK) {
    throw new EaselError('unsupported', `LoRA "${lora.name}": "${down}" has a rank over ${MOST_RANK}.`);
  }
  if (!fits || rank === 0 || rows === 0) {
    throw new EaselError(
      'unsupported',
      `LoRA "${lora.name}" does not fit this model: "${down}" has shape [${shapeOf(down).join(', ')}], but "${key}" has [${target.join(', ')}]. It was made for another family.`,
    );
  }
  for (const name of [up, down, mid, alpha]) {
    const entry = name === undefined ? undefined : lora.dict.entries.get(name);
    if (entry && !isFloatDtype(entry.dtype)) {
      throw new EaselError(
        'unsupported',
        `LoRA "${lora.name}": "${name}" has dtype ${entry.dtype}. Easel reads F32, F16 and BF16.`,
      );
    }
  }
  if (alpha && product(shapeOf(alpha)) !== 1)
    throw new EaselError('corrupt', `LoRA "${lora.name}": "${alpha}" is no single number.`);
  return { lora, up, down, mid, alpha, weight, rank, rows, columns };
}

/** weight alpha / rank up down. Without an alpha it equals the rank. */
async function productOf({ lora, up, down, mid, alpha, weight, rank, columns }: Merge): Promise<Product> {
  const floats = async (key: string) => {
    const entry = lora.dict.entries.get(key);
    if (!entry || !isFloatDtype(entry.dtype)) throw new EaselError('internal', `Factor "${key}" was not checked.`);
    return decodeFloats(await lora.dict.read(key), entry.dtype);
  };
  const scale = (weight * (alpha ? (await floats(alpha))[0] : rank)) / rank;
  const left = await floats(up);
  const right = mid ? withMiddle(await floats(mid), await floats(down), rank, columns) : await floats(down);
  return { left, right, scale };
}

/** LoCon's kernel between two 1x1 factors: [outer, rank, h, w] and [rank, in] -> [outer, in, h, w]. */
function withMiddle(mid: Float32Array, down: Float32Array, rank: number, columns: number): Float32Array {
  const inputs = down.length / rank;
  const pixels = columns / inputs;
  const outer = mid.length / (rank * pixels);
  const out = new Float32Array(outer * columns);
  for (let o = 0; o < outer; o++)
    for (let r = 0; r < rank; r++)
      for (let i = 0; i < inputs; i++)
        for (let p = 0; p < pixels; p++)
          out[(o * inputs + i) * pixels + p] += mid[(o * rank + r) * pixels + p] * down[r * inputs + i];
  return out;
}
