import { EaselError, type Said, type SaidValue, said } from '../../core/errors';
import { METHODS } from './adapters/index';
import { ENDINGS, FOREIGN, type ModuleKeys, type Role } from './adapters/keys';
import type { Header } from './adapters/method';
import { constraintOf, type Training, trainingOf } from './adapters/training';
import type { ModelFiles } from './model-files';
import { diffusersUnetModule } from './original-names';
import { nameOfFile, openFile, type StateDict, type WeightsFile } from './state-dict';
import { type Embedding, embeddingOf } from './textual-inversion';

/**
 * Files of a fine-tuned model's changes (LoRA and its relatives, `adapters/index.ts`), merged when a tensor is served.
 * Forms of the keys: kohya's scripts, LyCORIS and OneTrainer (`lora_unet_..._to_q.lora_down.weight`, for SDXL also
 * under the original block names), diffusers and PEFT (`unet....to_q.lora_A.weight`).
 */

/** Which of a model's networks a module belongs to. */
export type AdaptedNetwork = 'unet' | 'text_encoder' | 'text_encoder_2';

/** One layer's change in the file. */
export interface AdapterModule {
  keys: ModuleKeys;
  /** Of a file without a tensor for it: what its products are scaled by, as PEFT writes it into the header. */
  trained?: Training;
}

/** An opened LoRA file; its factors are still unread. */
export interface Lora {
  name: string;
  /** What its training called it, by which A1111's prompts may name it too; absent where the file does not tell. */
  alias?: string;
  /** The hash that training wrote into the file, which A1111 takes for its own (see `FileHashes`). */
  hash?: string;
  dict: StateDict;
  /** What OFT's training was told (see `constraintOf`). */
  constraint?: number;
  /** By network, then by the module's name with all dots as underscores. */
  modules: Readonly<Record<AdaptedNetwork, ReadonlyMap<string, AdapterModule>>>;
  /** The embeddings that it was trained with, where its file brings them. */
  embeddings: readonly Embedding[];
  /** What else the file holds, by name: other methods' modules, keys that no form has. */
  unused: readonly SaidValue[];
}

const PREFIXES: readonly (readonly [prefix: RegExp, network: AdaptedNetwork])[] = [
  [/^(?:lora|oft)_unet_/, 'unet'],
  [/^lycoris_(?=(?:down_blocks|mid_block|up_blocks|conv_in|conv_out|time_embedding)_)/, 'unet'],
  [/^lora_te1?_/, 'text_encoder'],
  [/^lora_te2_/, 'text_encoder_2'],
  [/^(?:base_model\.model\.)?unet\./, 'unet'],
  [/^(?:base_model\.model\.)?text_encoder\./, 'text_encoder'],
  [/^(?:base_model\.model\.)?text_encoder_2\./, 'text_encoder_2'],
  [/^base_model\.model\.(?=text_model\.)/, 'text_encoder'],
  [/^base_model\.model\./, 'unet'],
  [/^(?=(?:down_blocks|mid_block|up_blocks)\.)/, 'unet'],
];

/** Modules of the transformers that came after Stable Diffusion's UNets (Flux, SD 3), in every form of the keys. */
const TRANSFORMER =
  /^(?:lora_(?:unet|transformer)_|(?:base_model\.model\.|diffusion_model\.|transformer\.)*)(?:(?:double|single|joint)_blocks|(?:single_)?transformer_blocks)[._]/;

/** OneTrainer packs the embeddings that a LoRA was trained with into its file: `bundle_emb.WORD.KEY`. */
const BUNDLED = /^bundle_emb\.([^.]+)\./;

/** Tensors that no other kind of file has. An IP-Adapter may bring factors of its own. */
const ANY_FACTOR =
  /^(?!ip_adapter\.).*(?:[._]lora(?:_(?:up|down|mid|A|B)|(?:_linear_layer)?\.(?:up|down))\.|\.(?:hada_w|lokr_w|oft_blocks$))/;

/** Whether a key is one of a LoRA's or of its relatives', whatever network it is for. */
export function isLoraKey(key: string): boolean {
  if (BUNDLED.test(key) || ANY_FACTOR.test(key)) return true;
  return PREFIXES.some(([prefix]) => prefix.test(key)) && [...ENDINGS, ...FOREIGN].some(([ending]) => ending.test(key));
}

/** Opens a LoRA file; only its header is read. */
export async function openLora(files: ModelFiles, path: string): Promise<Lora> {
  return readLora(await openFile(files, path));
}

/**
 * A LoRA by its file's header. What of it Easel does not know is listed and left out, as long as something remains.
 * @throws EaselError `unsupported` naming the method where it is one that cannot be merged (IA3 ...), the kind of model
 * where that is another, or the key that no form has; `corrupt` naming a module that lacks a factor.
 */
export function readLora({ path, dict, metadata }: WeightsFile): Lora {
  const keys = [...dict.entries.keys()];
  if (keys.length === 0) throw new EaselError('corrupt', said`${path} holds no tensors.`);
  if (keys.some((key) => TRANSFORMER.test(key))) {
    const message = said`${path} is a LoRA for a transformer model (Flux, SD 3 or like them), which Easel does not paint with.`;
    throw new EaselError('unsupported', message);
  }
  const foreign = foreignModules(keys);
  const [first] = foreign.values();
  const left: LeftOut[] = [...foreign].map(([name, { method }]) => ({ name: `${name} (${method})` }));
  const trainedAs = trainingOf(metadata);
  const modules = emptyModules();
  for (const key of keys) {
    const place = placeOf(key);
    if (BUNDLED.test(key) || foreign.has(stemOf(key))) continue;
    const known = place && modules[place.network].get(place.module);
    if (!place || known?.keys[place.role] !== undefined) left.push({ name: key });
    else {
      const trained = known?.trained ?? trainedAs(place.network, place.dotted);
      modules[place.network].set(place.module, { keys: { ...known?.keys, [place.role]: key }, trained });
    }
  }
  for (const map of Object.values(modules)) left.push(...withoutIncomplete(map, dict));
  const { embeddings, unread } = bundledEmbeddings(path, keys, dict);
  left.push(...unread.map((name) => ({ name })));
  if (Object.values(modules).every(({ size }) => size === 0)) throw refusal(path, first, left);
  const unused = left.map(({ name, lacks }) => (lacks ? said`${name} (it lacks ${lacks})` : name));
  return {
    name: nameOfFile(path),
    ...saidOfItself(metadata),
    dict,
    constraint: constraintOf(metadata),
    modules,
    embeddings,
    unused,
  };
}

/** What kohya's scripts write into a LoRA's header. */
function saidOfItself({ ss_output_name, sshs_model_hash }: WeightsFile['metadata']): Pick<Lora, 'alias' | 'hash'> {
  return {
    ...(ss_output_name && { alias: ss_output_name }),
    ...(sshs_model_hash && /^[0-9a-f]{64}$/i.test(sshs_model_hash) && { hash: sshs_model_hash.toLowerCase() }),
  };
}

const METHOD_NAMES = METHODS.filter(({ of }) => of === 'weight')
  .map(({ name }) => name)
  .join(', ');

/** Something in the file that is of no use, by name. */
interface LeftOut {
  name: string;
  /** What its module lacks, where it is known otherwise. */
  lacks?: Said;
}

function refusal(
  path: string,
  foreign: { method: string; key: string } | undefined,
  left: readonly LeftOut[],
): EaselError {
  if (foreign) {
    const { method, key } = foreign;
    const message = said`${path} uses ${method} ("${key}"), which Easel cannot merge. It merges ${METHOD_NAMES}.`;
    return new EaselError('unsupported', message);
  }
  const incomplete = left.find((one): one is Required<LeftOut> => one.lacks !== undefined);
  if (incomplete)
    return new EaselError('corrupt', said`${path}: module "${incomplete.name}" lacks ${incomplete.lacks}.`);
  const message = said`${path} is not a LoRA that Easel knows: "${left[0]?.name}" is not a key of any form.`;
  return new EaselError('unsupported', message);
}

function emptyModules(): Record<AdaptedNetwork, Map<string, AdapterModule>> {
  return { unet: new Map(), text_encoder: new Map(), text_encoder_2: new Map() };
}

/** A module's name in the file: the key without what tells its factors apart. */
function stemOf(key: string): string {
  const ending = [...ENDINGS, ...FOREIGN].find(([pattern]) => pattern.test(key));
  return ending ? key.replace(ending[0], '') : key;
}

/** Modules of other methods, each with one of its keys. */
function foreignModules(keys: readonly string[]): Map<string, { method: string; key: string }> {
  const found = new Map<string, { method: string; key: string }>();
  for (const key of keys) {
    const foreign = FOREIGN.find(([ending]) => ending.test(key));
    if (foreign) found.set(stemOf(key), { method: foreign[1], key });
  }
  return found;
}

/**
 * Takes out of modules what nothing can be made of: methods that lack a tensor. Where none is left, the module itself.
 */
function withoutIncomplete(modules: Map<string, AdapterModule>, dict: StateDict): LeftOut[] {
  const left: LeftOut[] = [];
  for (const [name, module] of modules) {
    const header = headerOf(module.keys, dict);
    const methods = METHODS.filter((method) => method.is(header));
    const lacking = methods.map((method) => method.lacks(header)).find((role) => role !== undefined);
    if (methods.length > 0 && lacking === undefined) continue;
    if (methods.every((method) => method.lacks(header) !== undefined)) modules.delete(name);
    left.push({ name, lacks: lacking ? said`its ${lacking} factor` : said`all factors` });
  }
  return left;
}

/** A module's tensors by the header of its file. */
export function headerOf(keys: ModuleKeys, { entries }: StateDict): Header {
  return {
    has: (role) => keys[role] !== undefined,
    shape: (role) => entries.get(keys[role] ?? '')?.shape ?? [],
  };
}

/** The embeddings in a LoRA's file, and the keys of those that cannot be read. */
function bundledEmbeddings(
  path: string,
  keys: readonly string[],
  dict: StateDict,
): { embeddings: Embedding[]; unread: string[] } {
  const byWord = new Map<string, string[]>();
  for (const key of keys) {
    const word = BUNDLED.exec(key)?.[1];
    if (word !== undefined) byWord.set(word, [...(byWord.get(word) ?? []), key]);
  }
  const embeddings: Embedding[] = [];
  const unread: string[] = [];
  for (const [word, own] of byWord) {
    // The first tower's (`clip_l`, or `string_to_param.*` where there is but one) before the second's (`clip_g`).
    const vectors = own.filter((key) => !key.endsWith('.clip_g')).concat(own.filter((key) => key.endsWith('.clip_g')));
    try {
      embeddings.push(embeddingOf(path, word, vectors, dict));
    } catch {
      unread.push(...own);
    }
  }
  return { embeddings, unread };
}

/** Where a tensor belongs. */
interface TensorPlace {
  network: AdaptedNetwork;
  module: string;
  /** The module as the file calls it, without what tells the network. */
  dotted: string;
  role: Role;
}

function placeOf(key: string): TensorPlace | undefined {
  const prefix = PREFIXES.find(([pattern]) => pattern.test(key));
  const ending = ENDINGS.find(([pattern]) => pattern.test(key));
  if (!prefix || !ending) return undefined;
  const [, network] = prefix;
  const dotted = key.replace(prefix[0], '').replace(ending[0], '');
  const module = network === 'unet' ? unetModule(dotted) : textModule(dotted);
  return { network, module, dotted, role: ending[1] };
}

/** Also diffusers' old attention processors: `attn1.processor.to_out_lora.down.weight`. */
function unetModule(dotted: string): string {
  const module = dotted.replace('.processor.', '.').replace(/\.to_out$/, '.to_out.0');
  return diffusersUnetModule(module.replaceAll('.', '_'));
}

/** Also what diffusers called a tower's projections in 2023: `self_attn.to_out_lora.down.weight`. */
function textModule(dotted: string): string {
  return dotted.replace(/\.self_attn\.to_(q|k|v|out)$/, '.self_attn.$1_proj').replaceAll('.', '_');
}
