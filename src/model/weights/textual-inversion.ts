import { EaselError, said } from '../../core/errors';
import { DTYPE_BYTES, decodeFloats, isFloatDtype } from './dtypes';
import type { ModelFiles } from './model-files';
import type { TensorEntry } from './safetensors';
import { nameOfFile, openFile, type StateDict, type WeightsFile } from './state-dict';

/**
 * Textual inversion (Gal et al. 2022): a few vectors that stand for a word, as further rows of the text tower's token
 * table. Two forms: diffusers' (one tensor, named by its word) and A1111's (`emb_params`, named by the file; SDXL:
 * `clip_l`, `clip_g`).
 */
export interface Embedding {
  /** The word that stands for it in a prompt. */
  word: string;
  vectors: number;
  /** Keys for the first and the second tower. */
  keys: readonly string[];
  dict: StateDict;
}

const TOKEN_TABLE = 'text_model.embeddings.token_embedding.weight';
/** Keys of A1111's form, for one tower and for SDXL's two. */
const FILE_NAMED = 'emb_params';
const TOWER_KEYS = ['clip_l', 'clip_g'];
/** The same of A1111's first files, which torch wrote, and of diffusers' training script for SDXL. */
const OLD_FILE_NAMED = /^string_to_param\./;
const OLD_TOWER_KEYS = ['text_encoders_0', 'text_encoders_1'];
/** As long as a file's name: each character of a prompt may be compared with the whole word. */
const MAX_WORD_LENGTH = 255;
/** More vectors than a window has places are no word. */
const MAX_VECTORS = 75;

/** Opens an embedding; its vectors are not read yet. */
export async function openEmbedding(files: ModelFiles, path: string): Promise<Embedding> {
  return readEmbedding(await openFile(files, path));
}

/**
 * An embedding by its header.
 * @throws EaselError `unsupported` or `corrupt` naming the file and what is wrong with it.
 */
export function readEmbedding({ path, dict }: WeightsFile): Embedding {
  const keys = embeddingKeys(dict);
  if (!keys) {
    const count = dict.entries.size;
    throw new EaselError('unsupported', said`${path} is not a textual inversion: it holds ${count} tensors, not one.`);
  }
  const isNamedByFile = keys.length > 1 || keys[0] === FILE_NAMED || OLD_FILE_NAMED.test(keys[0]);
  return embeddingOf(path, isNamedByFile ? nameOfFile(path) : keys[0], keys, dict);
}

/** Keys of a file's vectors, one for each text tower; undefined where it holds others, too. */
export function embeddingKeys({ entries }: StateDict): readonly string[] | undefined {
  const towers = [TOWER_KEYS, OLD_TOWER_KEYS].find((keys) => keys.every((key) => entries.has(key)));
  if (towers) return towers;
  if (entries.has(FILE_NAMED)) return [FILE_NAMED];
  return entries.size === 1 ? [...entries.keys()] : undefined;
}

/**
 * The vectors under `keys`, one for each text tower, as an embedding.
 * @throws EaselError `unsupported` or `corrupt` naming the key and what is wrong with it.
 */
export function embeddingOf(path: string, word: string, keys: readonly string[], dict: StateDict): Embedding {
  const counts = keys.map((key) => vectorsOf(path, dict.entries.get(key)!));
  if (counts.some((count) => count !== counts[0])) {
    throw new EaselError('corrupt', said`${path}: its two towers have ${counts[0]} and ${counts[1]} vectors.`);
  }
  if (word.length > MAX_WORD_LENGTH)
    throw new EaselError(
      'unsupported',
      said`${path}: its word has ${word.length} characters. Rename its tensor to at most ${MAX_WORD_LENGTH}.`,
    );
  return { word, vectors: counts[0], keys, dict };
}

function vectorsOf(path: string, { key, shape, dtype }: TensorEntry): number {
  const count = shape.length === 1 ? 1 : shape[0];
  if (shape.length === 2 && count > MAX_VECTORS)
    throw new EaselError(
      'unsupported',
      said`${path} has ${count} vectors; a prompt is read in windows of ${MAX_VECTORS}, and a word has to fit in one.`,
    );
  if (shape.length < 1 || shape.length > 2 || count < 1 || shape[shape.length - 1] < 1) {
    throw new EaselError(
      'unsupported',
      said`${path} is not a textual inversion: "${key}" has the shape [${shape.join(', ')}].`,
    );
  }
  if (!isFloatDtype(dtype))
    throw new EaselError('unsupported', said`${path}: "${key}" has dtype ${dtype}, which is not a float.`);
  return count;
}

/** The ids that stand for each embedding's word, when they follow one another after a vocabulary of this size. */
export function embeddingIds(embeddings: readonly Embedding[], vocabulary: number): Map<string, number[]> {
  let next = vocabulary;
  return new Map(embeddings.map(({ word, vectors }) => [word, Array.from({ length: vectors }, () => next++)]));
}

/**
 * A text tower's weights with the embeddings' vectors below its token table.
 * @param tower which of the model's towers, of how many
 * @throws EaselError `unsupported` naming an embedding of another family, by its width or its towers.
 */
export function withEmbeddings(
  dict: StateDict,
  embeddings: readonly Embedding[],
  tower: { index: 0 | 1; of: number },
): StateDict {
  const table = dict.entries.get(TOKEN_TABLE);
  if (embeddings.length === 0 || !table) return dict;
  const [vocabulary, width] = table.shape;
  const rows = embeddings.map((embedding) => {
    const key = embedding.keys[tower.index];
    const entry = key === undefined ? undefined : embedding.dict.entries.get(key);
    const own = entry?.shape[entry.shape.length - 1];
    if (!entry || embedding.keys.length !== tower.of || own !== width) {
      const has =
        embedding.keys.length === 1
          ? said`vectors of width ${own ?? 0}`
          : said`vectors for ${embedding.keys.length} towers`;
      throw new EaselError(
        'unsupported',
        said`The embedding "${embedding.word}" has ${has}; this model wants ${width} for each of ${tower.of}.`,
      );
    }
    return { dict: embedding.dict, key: entry.key, dtype: entry.dtype };
  });
  const added = embeddings.reduce((sum, { vectors }) => sum + vectors, 0);
  // Kept in the table's own type where the vectors have it, so that nothing is rounded.
  const dtype = rows.every((row) => row.dtype === table.dtype) ? table.dtype : 'F32';
  const end = table.start + (vocabulary + added) * width * DTYPE_BYTES[dtype];
  const entries = new Map(dict.entries).set(TOKEN_TABLE, { ...table, dtype, shape: [vocabulary + added, width], end });
  return {
    entries,
    async read(key, from, to) {
      if (key !== TOKEN_TABLE) return dict.read(key, from, to);
      const out = new Uint8Array(end - table.start);
      let at = 0;
      for (const part of [{ dict, key, dtype: table.dtype }, ...rows]) {
        const bytes = await part.dict.read(part.key);
        const same = part.dtype === dtype ? bytes : floatBytes(bytes, part.dtype);
        out.set(same, at);
        at += same.length;
      }
      return out.subarray(from, to);
    },
    placeOf: (key) => (key === TOKEN_TABLE ? undefined : dict.placeOf?.(key)),
  };
}

function floatBytes(bytes: Uint8Array, dtype: TensorEntry['dtype']): Uint8Array {
  if (!isFloatDtype(dtype)) throw new EaselError('unsupported', said`A token table of type ${dtype} cannot be read.`);
  const values = decodeFloats(bytes, dtype);
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
