import { EaselError, said } from '../../core/errors';
import { DTYPE_BYTES } from './dtypes';
import type { TensorEntry } from './safetensors';
import { type StateDict, viewed } from './state-dict';

const PARTS = ['to_q', 'to_k', 'to_v'] as const;
const FUSED = /\.qkv\.(weight|bias)$/;
/** Matrices that some code keeps as kernels of one pixel. */
const MATRIX = /\.(qkv|to_out\.0)\.weight$/;

/**
 * How rows of query, key and value follow each other in one matrix, by guided diffusion's two attentions: those of each
 * head together, head after head (`QKVAttentionLegacy`), or all queries, all keys, all values (`QKVAttention`).
 */
export type HeadOrder = 'by-head' | 'by-kind';

/** How attention is cut into heads: all of one width, or as many on each level. */
export type Heads = { width: number } | { count: number };

/**
 * The tensors of a network under other names, its `qkv` cut into `to_q`, `to_k` and `to_v`.
 * @param rename a key's new name; that of a fused matrix ends with `.qkv.weight`
 * @throws EaselError `corrupt` naming a matrix that cannot be cut into such heads
 */
export function splitHeads(
  dict: StateDict,
  rename: (key: string) => string,
  heads: Heads,
  order: HeadOrder,
): StateDict {
  const named = viewed(dict, (key, { shape }) => {
    const name = rename(key);
    return [{ key: name, ...(MATRIX.test(name) && { shape: shape.slice(0, 2) }) }];
  });
  const entries = new Map<string, TensorEntry>();
  const cut = new Map<string, { from: string; part: number }>();
  for (const [key, entry] of named.entries) {
    if (!FUSED.test(key)) {
      entries.set(key, entry);
      continue;
    }
    const [rows, ...rest] = entry.shape;
    const count = 'count' in heads ? heads.count : rows / PARTS.length / heads.width;
    if (!Number.isInteger(count) || rows % (PARTS.length * count) !== 0) throw oddHeads(entry, rows, heads);
    PARTS.forEach((part, index) => {
      const own = key.replace(FUSED, `.${part}.$1`);
      const bytes = (entry.end - entry.start) / PARTS.length;
      entries.set(own, { ...entry, key: own, shape: [rows / PARTS.length, ...rest], start: 0, end: bytes });
      cut.set(own, { from: key, part: index });
    });
  }
  return {
    entries,
    async read(key, from, to) {
      const fused = cut.get(key);
      if (!fused) return named.read(key, from, to);
      const { shape, dtype } = named.entries.get(fused.from) as TensorEntry;
      const rowBytes = DTYPE_BYTES[dtype] * shape.slice(1).reduce((product, side) => product * side, 1);
      const [rows] = (entries.get(key) as TensorEntry).shape;
      const width = 'count' in heads ? rows / heads.count : heads.width;
      const together = order === 'by-head' ? width : rows;
      return rowsOf(await named.read(fused.from), fused.part, together * rowBytes).subarray(from, to);
    },
    placeOf: (key) => (cut.has(key) ? undefined : named.placeOf?.(key)),
  };
}

function oddHeads({ path, key }: TensorEntry, rows: number, heads: Heads): EaselError {
  const are = 'count' in heads ? said`${heads.count} heads` : said`heads of ${heads.width} channels`;
  return new EaselError('corrupt', said`${path}: "${key}" has ${rows} rows, which are no ${are}.`);
}

/** Every third piece of so many bytes, from the first, second or third on. */
function rowsOf(bytes: Uint8Array, part: number, pieceBytes: number): Uint8Array {
  const out = new Uint8Array(bytes.length / PARTS.length);
  for (let at = 0; at < out.length; at += pieceBytes) {
    const from = PARTS.length * at + part * pieceBytes;
    out.set(bytes.subarray(from, from + pieceBytes), at);
  }
  return out;
}
