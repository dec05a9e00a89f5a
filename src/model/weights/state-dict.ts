import { EaselError } from '../../core/errors';
import type { ModelFiles } from '../types';
import { readHeader, type TensorEntry } from './safetensors';

/** All tensors of one network by their key, in one file or in shards. Nothing but headers has been read. */
export interface StateDict {
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /** A tensor's bytes as they stand in the file. */
  read(key: string): Promise<Uint8Array>;
}

/**
 * Opens the weights in `folder` of a diffusers model: `STEM.safetensors`, a variant such as `STEM.fp16.safetensors`, or
 * shards listed by `STEM.safetensors.index.json`.
 * @throws EaselError `corrupt` for a missing or broken file or shard, `unsupported` where only pickled weights exist.
 */
export async function openStateDict(files: ModelFiles, folder: string): Promise<StateDict> {
  const inside = files.list().filter((path) => path.startsWith(`${folder}/`));
  const single = inside.filter((path) => path.endsWith('.safetensors') && !/-\d{5}-of-\d{5}/.test(path)).sort(byLength);
  const index = inside.filter((path) => path.endsWith('.safetensors.index.json')).sort(byLength);
  if (single.length > 0) return dictOf(files, [single[0]]);
  if (index.length > 0) return openShards(files, folder, index[0]);
  if (inside.some((path) => /\.(bin|ckpt|pt|pth)$/.test(path))) {
    throw new EaselError(
      'unsupported',
      `${folder}/ holds only pickled weights (.bin), which could run code when read. Convert them to .safetensors first.`,
    );
  }
  throw new EaselError('corrupt', `${folder}/ holds no .safetensors file. Pick the whole model folder.`);
}

/** `model.safetensors` before `model.fp16.safetensors`: without a variant is the default. */
const byLength = (a: string, b: string) => a.length - b.length || (a < b ? -1 : 1);

async function openShards(files: ModelFiles, folder: string, indexPath: string): Promise<StateDict> {
  const bad = (what: string) => new EaselError('corrupt', `${indexPath}: ${what}`);
  let map: unknown;
  try {
    map = (JSON.parse(new TextDecoder().decode(await files.read(indexPath))) as { weight_map?: unknown } | null)
      ?.weight_map;
  } catch {
    throw bad('is not valid JSON.');
  }
  if (typeof map !== 'object' || map === null) throw bad('has no weight_map.');
  const shardOf = Object.entries(map as Record<string, unknown>);
  const shards = [...new Set(shardOf.map(([, shard]) => `${folder}/${String(shard)}`))];
  const missing = shards.find((shard) => !files.list().includes(shard));
  if (missing) throw bad(`names ${missing}, which is not in the folder.`);
  const dict = await dictOf(files, shards);
  for (const [key, shard] of shardOf) {
    const entry = dict.entries.get(key);
    if (entry?.path !== `${folder}/${String(shard)}`)
      throw bad(`says that "${key}" lies in ${String(shard)}, but it does not.`);
  }
  return dict;
}

async function dictOf(files: ModelFiles, paths: readonly string[]): Promise<StateDict> {
  const entries = new Map<string, TensorEntry>();
  for (const path of paths) {
    for (const [key, entry] of (await readHeader(files, path)).tensors) {
      if (entries.has(key))
        throw new EaselError('corrupt', `"${key}" stands in both ${entries.get(key)?.path} and ${path}.`);
      entries.set(key, entry);
    }
  }
  const read = (key: string) => {
    const entry = entries.get(key);
    if (!entry) throw new EaselError('corrupt', `Tensor "${key}" is missing.`);
    return files.read(entry.path, entry.start, entry.end);
  };
  return { entries, read };
}

/** The same tensors under other names; `rename` returns undefined for a tensor to leave out. */
export function renamed(dict: StateDict, rename: (key: string) => string | undefined): StateDict {
  const oldName = new Map<string, string>();
  const entries = new Map<string, TensorEntry>();
  for (const [key, entry] of dict.entries) {
    const name = rename(key);
    if (name === undefined) continue;
    oldName.set(name, key);
    entries.set(name, entry);
  }
  return { entries, read: (key) => dict.read(oldName.get(key) ?? key) };
}
