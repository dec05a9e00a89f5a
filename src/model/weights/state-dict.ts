import * as v from 'valibot';
import { EaselError, type Said, said } from '../../core/errors';
import { WEIGHTS_FILE } from '../../core/file-kinds';
import { readFields } from '../read-fields';
import { DTYPE_BYTES } from './dtypes';
import { refuseForeign } from './foreign-files';
import { readJson } from './json-file';
import type { ModelFiles } from './model-files';
import { isTorchFile, readTorchFile, type TorchTensor } from './pickle/torch-file';
import { readHeader, type TensorEntry } from './safetensors';

/** All tensors of one network by their key, in one file or in shards. Nothing but headers has been read. */
export interface StateDict {
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /** A tensor's bytes as they stand in the file, or the bytes [from, to) of them. */
  read(key: string, from?: number, to?: number): Promise<Uint8Array>;
  /** Of a tensor that is computed as it is read: hands over its rows. undefined for one that is read as it lies. */
  computed?(key: string): ((take: TakeRows) => Promise<void>) | undefined;
  /** Where the bytes that `read` would give stand as they are, for helpers that read them on their own. */
  placeOf?(key: string): Place | undefined;
}

/** Of a network that has none. */
export const NO_TENSORS: StateDict = {
  entries: new Map(),
  read: (key) => Promise.reject(new EaselError('internal', said`There is no tensor "${key}": there are none at all.`)),
};

/** Bytes [start, end) of a file. */
interface Place {
  file: Blob;
  start: number;
  end: number;
}

/** Some float32 rows, from `first` on. The taker may overwrite them, and is done with them when it returns. */
export type TakeRows = (values: Float32Array, first: number) => void;

/**
 * Opens the weights in `folder` of a diffusers model: `STEM.safetensors`, a variant such as `STEM.fp16.safetensors`, or
 * shards listed by `STEM.safetensors.index.json`; where there is none of these, the same as `.bin`, which torch wrote.
 * @throws EaselError `corrupt` for a missing or broken file or shard, `unsupported` for a pickle of more than weights.
 */
export async function openStateDict(files: ModelFiles, folder: string): Promise<StateDict> {
  const inside = files.list().filter((path) => path.startsWith(`${folder}/`));
  for (const ending of ENDINGS) {
    const single = inside.filter((path) => path.endsWith(ending) && !/-\d{5}-of-\d{5}/.test(path)).sort(byLength);
    const index = inside.filter((path) => path.includes(ending) && SHARD_INDEX.test(path)).sort(byLength);
    if (single.length > 0) return dictOf(files, [single[0]]);
    if (index.length > 0) return openShards(files, folder, index[0]);
  }
  throw new EaselError('corrupt', said`${folder}/ holds no .safetensors or .bin file. Pick the whole model folder.`);
}

/** Of what a folder holds twice, the safer and faster one. */
const ENDINGS = ['.safetensors', '.bin'];

/**
 * Of a variant, each version of the libraries put its name elsewhere: `.fp16.safetensors.index`, `.index.fp16`,
 * `.safetensors.fp16.index`.
 */
const SHARD_INDEX = /\.(safetensors|bin)(\.\w+)?\.index(\.\w+)?\.json$/;

/** `model.safetensors` before `model.fp16.safetensors`: without a variant is the default. */
const byLength = (a: string, b: string) => a.length - b.length || (a < b ? -1 : 1);

const IndexSchema = v.object({ weight_map: v.record(v.string(), v.string()) });

async function openShards(files: ModelFiles, folder: string, indexPath: string): Promise<StateDict> {
  const bad = (what: Said) => new EaselError('corrupt', said`${indexPath}: ${what}`);
  const { weight_map } = readFields(IndexSchema, await readJson(files, indexPath), indexPath);
  const shardOf = Object.entries(weight_map);
  const shards = [...new Set(shardOf.map(([, shard]) => `${folder}/${shard}`))];
  const missing = shards.find((shard) => !files.list().includes(shard));
  if (missing) throw bad(said`names ${missing}, which is not in the folder.`);
  const dict = await dictOf(files, shards);
  for (const [key, shard] of shardOf) {
    const entry = dict.entries.get(key);
    if (entry?.path !== `${folder}/${shard}`) throw bad(said`says that "${key}" lies in ${shard}, but it does not.`);
  }
  return dict;
}

/** A file of weights, safetensors' or torch's, of which nothing but the header was read. */
export interface WeightsFile {
  path: string;
  dict: StateDict;
  metadata: Readonly<Record<string, string | undefined>>;
}

/** Reads the header of one file, whose first bytes tell whether torch wrote it. */
export async function openFile(files: ModelFiles, path: string): Promise<WeightsFile> {
  const { tensors, metadata } = await readTensors(files, path);
  return { path, dict: serve(files, tensors), metadata };
}

/** As many as tell what wrote a file. */
const START_BYTES = 64;

async function readTensors(
  files: ModelFiles,
  path: string,
): Promise<Pick<WeightsFile, 'metadata'> & { tensors: Map<string, TorchTensor> }> {
  const start = await files.read(path, 0, Math.min(START_BYTES, files.size(path)));
  if (isTorchFile(start)) return { tensors: await readTorchFile(files, path), metadata: {} };
  refuseForeign(path, start);
  const { tensors, metadata } = await readHeader(files, path);
  return { tensors: new Map(Array.from(tensors, ([key, entry]) => [key, { entry }])), metadata };
}

/** A file's name without folders and ending: what prompts and lists call it. */
export function nameOfFile(path: string): string {
  return path.replace(/^.*\//, '').replace(WEIGHTS_FILE, '');
}

async function dictOf(files: ModelFiles, paths: readonly string[]): Promise<StateDict> {
  const tensors = new Map<string, TorchTensor>();
  for (const path of paths) {
    for (const [key, tensor] of (await readTensors(files, path)).tensors) {
      const other = tensors.get(key);
      if (other) throw new EaselError('corrupt', said`"${key}" stands in both ${other.entry.path} and ${path}.`);
      tensors.set(key, tensor);
    }
  }
  return serve(files, tensors);
}

function serve(files: ModelFiles, tensors: ReadonlyMap<string, TorchTensor>): StateDict {
  return {
    entries: new Map(Array.from(tensors, ([key, { entry }]) => [key, entry])),
    async read(key, from, to) {
      const tensor = tensors.get(key);
      if (!tensor) throw new EaselError('corrupt', said`Tensor "${key}" is missing.`);
      const { entry, gather } = tensor;
      if (gather) return (await gather()).subarray(from, to);
      const end = to === undefined ? entry.end : entry.start + to;
      return files.read(entry.path, entry.start + (from ?? 0), end);
    },
    placeOf(key) {
      const { entry, gather } = tensors.get(key) ?? {};
      const file = entry && !gather && files.blob?.(entry.path);
      return file ? { file, start: entry.start, end: entry.end } : undefined;
    },
  };
}

/**
 * A tensor as another network wants it: under another name, a part of its rows, the same bytes in another shape, or
 * turned.
 */
export interface View {
  key: string;
  /** One of several equal parts of the rows: [1, 3] is the second third. */
  part?: readonly [index: number, of: number];
  /** For the same number of elements. */
  shape?: readonly number[];
  /** A matrix turned over: its rows become columns. */
  transpose?: boolean;
}

/**
 * The same tensors through other eyes, still unread: `views` says what each becomes (nothing at all, or several).
 * @param onTwice hears of two that would take one name, of which the later one does then
 * @throws EaselError `corrupt` naming the tensor that cannot be cut or turned so, or without `onTwice` both that would
 *   take one name.
 */
export function viewed(
  dict: StateDict,
  views: (key: string, entry: TensorEntry) => readonly View[],
  onTwice?: (earlier: string, later: string) => void,
): StateDict {
  const seen = new Map<string, Look & { from: string }>();
  for (const [key, entry] of dict.entries) {
    for (const view of views(key, entry)) {
      const taken = seen.get(view.key);
      if (taken && onTwice) onTwice(taken.from, key);
      else if (taken) {
        throw new EaselError(
          'corrupt',
          said`${entry.path}: "${taken.from}" and "${key}" both stand for "${view.key}".`,
        );
      }
      seen.set(view.key, { from: key, ...look(dict, key, entry, view) });
    }
  }
  return {
    entries: new Map(Array.from(seen, ([key, { entry }]) => [key, entry])),
    async read(key, from, to) {
      const found = seen.get(key);
      if (!found) throw new EaselError('corrupt', said`Tensor "${key}" is missing.`);
      return found.read(from, to);
    },
    placeOf: (key) => seen.get(key)?.placeOf(),
  };
}

interface Look {
  entry: TensorEntry;
  read(from?: number, to?: number): Promise<Uint8Array>;
  placeOf(): Place | undefined;
}

function look(dict: StateDict, key: string, entry: TensorEntry, { key: name, part, shape, transpose }: View): Look {
  const bad = (what: Said) => new EaselError('corrupt', said`${entry.path}: "${key}" ${what}.`);
  const [index, of] = part ?? [0, 1];
  const [rows = 1, ...rest] = shape ?? entry.shape;
  if (rows % of !== 0) throw bad(said`has ${rows} rows, which cannot be cut into ${of}`);
  if (transpose && rest.length !== 1) throw bad(said`is not a matrix`);
  const bytes = (entry.end - entry.start) / of;
  const start = entry.start + index * bytes;
  const flat = part || shape ? [rows / of, ...rest] : entry.shape;
  return {
    entry: { ...entry, key: name, shape: transpose ? [...flat].reverse() : flat, start, end: start + bytes },
    async read(from = 0, to = bytes) {
      const at = index * bytes;
      if (!transpose) return dict.read(key, at + from, at + to);
      const data = await dict.read(key, at, at + bytes);
      return transposedBytes(data, flat, DTYPE_BYTES[entry.dtype]).subarray(from, to);
    },
    placeOf() {
      const place = transpose ? undefined : dict.placeOf?.(key);
      if (!place) return undefined;
      const first = place.start + index * bytes;
      return { file: place.file, start: first, end: first + bytes };
    },
  };
}

function transposedBytes(bytes: Uint8Array, [rows, columns]: readonly number[], size: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      for (let b = 0; b < size; b++) out[(c * rows + r) * size + b] = bytes[(r * columns + c) * size + b];
  return out;
}

/** The same tensors under other names; `rename` returns undefined for a tensor to leave out. */
export function renamed(dict: StateDict, rename: (key: string) => string | undefined): StateDict {
  return viewed(dict, (key) => {
    const name = rename(key);
    return name === undefined ? [] : [{ key: name }];
  });
}
