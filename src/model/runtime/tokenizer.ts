import * as v from 'valibot';
import { asMessage, EaselError, said } from '../../core/errors';
import { readFields } from '../read-fields';
import { readJson } from '../weights/json-file';
import type { ModelFiles } from '../weights/model-files';

/** A prompt as token ids without start and end tokens. */
export interface Tokenizer {
  /** Ids of a piece of text, without special tokens. */
  encode(text: string): number[];
  readonly bos: number;
  readonly eos: number;
  /** What fills a window after the end token. */
  readonly pad: number;
  /** Id of the token "," where the vocabulary has one: A1111 breaks windows after commas. */
  readonly comma?: number;
}

// By dynamic import: it brings an onnxruntime of its own along, which must not become part of the worker's chunk.
export const loadTokenizers = () => import('@xenova/transformers');

const START = '<|startoftext|>';
const END = '<|endoftext|>';

/**
 * The tokenizer in a model's own `tokenizer/` folder, whether it holds `tokenizer.json` or only `vocab.json` and
 * `merges.txt`, as most Stable Diffusion folders do. Nothing is fetched.
 * @throws EaselError `corrupt` naming the missing or unreadable file.
 */
export async function openTokenizer(files: ModelFiles, folder = 'tokenizer'): Promise<Tokenizer> {
  const config = await readPart(files, `${folder}/tokenizer_config.json`, ConfigSchema);
  const definition = await readDefinition(files, folder);
  const { vocab } = definition.model;
  const bos = vocab[START];
  const eos = vocab[END];
  if (bos === undefined || eos === undefined) {
    throw new EaselError('corrupt', said`${folder}/ lacks the tokens ${START} and ${END}: it is not a CLIP tokenizer.`);
  }
  const { CLIPTokenizer } = await loadTokenizers();
  let clip: InstanceType<typeof CLIPTokenizer>;
  try {
    clip = new CLIPTokenizer(definition, config ?? {});
  } catch (cause) {
    throw new EaselError('corrupt', said`${folder}/ holds a tokenizer that cannot be read.`, { cause });
  }
  const pad = typeof config?.pad_token === 'string' ? vocab[config.pad_token] : undefined;
  return {
    encode: (text) => (text === '' ? [] : clip.encode(text, { add_special_tokens: false })),
    bos,
    eos,
    pad: pad ?? eos,
    comma: vocab[',</w>'],
  };
}

/** Tokens and their ids; a `record` would leave out a token named like a member of all objects. */
const VocabularySchema = v.custom<Record<string, number>>(
  (value) => typeof value === 'object' && value !== null && Object.values(value).every(Number.isSafeInteger),
  asMessage(said`must be tokens with whole numbers`),
);
/** The rest is the tokenizer's own to read. */
const DefinitionSchema = v.looseObject({ model: v.looseObject({ vocab: VocabularySchema }) });
const ConfigSchema = v.looseObject({ pad_token: v.optional(v.unknown()) });

type TokenizerDefinition = v.InferOutput<typeof DefinitionSchema>;

/** A JSON file of a tokenizer; undefined where it has none of that name. */
async function readPart<T>(
  files: ModelFiles,
  path: string,
  schema: v.GenericSchema<unknown, T>,
): Promise<T | undefined> {
  return files.list().includes(path) ? readFields(schema, await readJson(files, path), path) : undefined;
}

async function readDefinition(files: ModelFiles, folder: string): Promise<TokenizerDefinition> {
  const definition = await readPart(files, `${folder}/tokenizer.json`, DefinitionSchema);
  if (definition) return definition;
  const vocab = await readPart(files, `${folder}/vocab.json`, VocabularySchema);
  const merges = `${folder}/merges.txt`;
  if (vocab && files.list().includes(merges)) return clipDefinition(vocab, mergesOf(await files.read(merges)));
  throw new EaselError('corrupt', said`${folder}/ holds neither tokenizer.json nor vocab.json with merges.txt.`);
}

function mergesOf(file: Uint8Array): string[] {
  const lines = new TextDecoder().decode(file).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#version'));
}

/**
 * CLIP's byte-pair tokenizer as a tokenizer.json: the text is NFC-normalised, its white space collapsed, lower-cased,
 * split by the pattern of CLIP's paper code, and each piece ends in `</w>` (Radford et al. 2021).
 */
function clipDefinition(vocab: Record<string, number>, merges: readonly string[]): TokenizerDefinition {
  const special = [START, END].map((content) => ({
    id: vocab[content],
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const words = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
  const definition = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special,
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: words }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: END,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges,
    },
  };
  return definition;
}
