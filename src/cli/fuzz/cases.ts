import type fc from 'fast-check';
import { exifBlock, jpegWith, webpWith } from '../../core/image/fixtures/exif';
import { pictureTexts } from '../../core/image/picture-texts';
import { readText, withText } from '../../core/image/png-chunks';
import { readParameters } from '../../core/request/parameters';
import { readSettingsAmong, SETTINGS_KEYWORDS } from '../../core/request/programs/index';
import { DEFAULT_REQUEST, parseRequest } from '../../core/request/request';
import { splitPrompts } from '../../core/text/composition';
import { extraNetworks } from '../../core/text/extra-networks';
import { textSchedule } from '../../core/text/schedule';
import { ADAPTER_METHODS } from '../../model/fixtures/adapter-methods';
import { randomTensor, stateDictOf } from '../../model/fixtures/random-model';
import { torchFile } from '../../model/fixtures/torch-writer';
import { buildAutoencoder } from '../../model/graph/autoencoder';
import { parseAutoencoderConfig } from '../../model/graph/autoencoder-config';
import { buildClipText } from '../../model/graph/clip-text';
import { parseClipTextConfig, parseUnetConfig } from '../../model/graph/config';
import { encodeModel } from '../../model/graph/proto';
import { buildUnet } from '../../model/graph/unet';
import { openFolder, openScheduler } from '../../model/layouts/diffusers-folder';
import { chooseDevice } from '../../model/runtime/device';
import { createPackSession } from '../../model/runtime/session';
import { openTokenizer } from '../../model/runtime/tokenizer';
import { openLora } from '../../model/weights/lora';
import { withLoras } from '../../model/weights/lora-merge';
import { parseManifest } from '../../model/weights/manifest';
import { memoryFiles } from '../../model/weights/memory-files';
import { readHeader } from '../../model/weights/safetensors';
import { openFile, openStateDict } from '../../model/weights/state-dict';
import { openEmbedding, withEmbeddings } from '../../model/weights/textual-inversion';
import { goodCheckpoint, openCheckpointWhole, PLAIN, TEXT, UNET, VAE } from './good-model';
import { spoiledBytes, spoiledFields, spoiledTensors, spoiledText, tensorFile } from './mutations';

/** One kind of file from outside: inputs that were right once, and what Easel does with them. */
export interface FuzzCase<T = unknown> {
  /** Something that is read, so that the case is known to reach the code. */
  good: T;
  spoiled: fc.Arbitrary<T>;
  /** Ends with a result, or throws an EaselError. */
  read(input: T): unknown;
}

const caseOf = <T>(fuzz: FuzzCase<T>) => fuzz as unknown as FuzzCase;
const utf8 = (text: string) => new TextEncoder().encode(text);
const json = (value: unknown) => JSON.stringify(value);

function config(good: Record<string, unknown>, read: (fields: Record<string, unknown>) => unknown): FuzzCase {
  return caseOf({ good, spoiled: spoiledFields(good), read });
}

const SCHEDULER = {
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  prediction_type: 'epsilon',
  timestep_spacing: 'leading',
};

const SAFETENSORS = new Map([
  ['a.weight', randomTensor(1, [2, 3])],
  ['a.bias', randomTensor(2, [3], 'F16')],
]);

async function safetensors(): Promise<FuzzCase> {
  const good = await tensorFile(SAFETENSORS).read('x.safetensors');
  return caseOf({
    good,
    spoiled: spoiledBytes(good),
    async read(bytes) {
      const files = memoryFiles('m', { 'x.safetensors': bytes });
      const { tensors } = await readHeader(files, 'x.safetensors');
      for (const { start, end } of tensors.values()) await files.read('x.safetensors', start, end);
    },
  });
}

/** @param legacy as a stream, as torch wrote it before 1.6 */
function pickle(legacy: boolean): FuzzCase {
  const good = torchFile(SAFETENSORS, { wrapped: true, legacy });
  return caseOf({
    good,
    spoiled: spoiledBytes(good),
    async read(bytes) {
      const { dict } = await openFile(memoryFiles('m', { 'x.ckpt': bytes }), 'x.ckpt');
      for (const key of dict.entries.keys()) await dict.read(key);
    },
  });
}

const SHARD = 'x-00001-of-00001.safetensors';

function shardIndex(): FuzzCase {
  const good = json({ weight_map: { 'a.weight': SHARD, 'a.bias': SHARD } });
  return caseOf({
    good,
    spoiled: spoiledText(good, ['"', '{', '}', ':', '../', '__proto__', 'null', '[]']),
    async read(text) {
      const shard = await tensorFile(SAFETENSORS).read('x.safetensors');
      const files = memoryFiles('m', {
        [`unet/${SHARD}`]: shard,
        'unet/w.safetensors.index.json': text,
      });
      await openStateDict(files, 'unet');
    },
  });
}

/** Six letters, one merge and both marks. */
const VOCABULARY = { a: 0, b: 1, 'a</w>': 2, 'b</w>': 3, ab: 4, 'ab</w>': 5, '<|startoftext|>': 6, '<|endoftext|>': 7 };

async function tokenize(files: Record<string, string>): Promise<void> {
  const tokenizer = await openTokenizer(memoryFiles('m', files));
  tokenizer.encode('ab ba <|endoftext|> a');
}

const JSON_PIECES = ['"', '{', '}', '[', ']', ':', ',', 'null', '-1', '1e99', '__proto__', '\\u0000', '</w>'];

function vocabulary(): FuzzCase {
  const good = json(VOCABULARY);
  return caseOf({
    good,
    spoiled: spoiledText(good, JSON_PIECES),
    read: (text) => tokenize({ 'tokenizer/vocab.json': text, 'tokenizer/merges.txt': 'a b\na b</w>\n' }),
  });
}

function merges(): FuzzCase {
  const good = '#version: 0.2\na b\na b</w>\n';
  return caseOf({
    good,
    spoiled: spoiledText(good, ['\n', ' ', '</w>', '\u0000', 'a b c', '#version']),
    read: (text) => tokenize({ 'tokenizer/vocab.json': json(VOCABULARY), 'tokenizer/merges.txt': text }),
  });
}

function tokenizerJson(): FuzzCase {
  const model = {
    type: 'BPE',
    unk_token: '<|endoftext|>',
    end_of_word_suffix: '</w>',
    vocab: VOCABULARY,
    merges: ['a b', 'a b</w>'],
  };
  const good = json({
    version: '1.0',
    added_tokens: [
      {
        id: 7,
        content: '<|endoftext|>',
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      },
    ],
    normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Lowercase' }] },
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model,
  });
  return caseOf({
    good,
    spoiled: spoiledText(good, JSON_PIECES),
    read: (text) => tokenize({ 'tokenizer/tokenizer.json': text, 'tokenizer/tokenizer_config.json': '{}' }),
  });
}

const MANIFEST = {
  v: 1,
  name: 'a',
  defaults: { steps: 20, sampler: 'ddim' },
  previewFactors: [[0, 0, 1]],
  paints: {
    things: [{ name: 'a', also: ['b'] }],
    near: { c: ['a'] },
    colours: ['red'],
    grounds: [],
    scenes: [{ name: 'd', phrases: ['in d'] }],
    styles: [],
  },
  sheets: { things: { path: 'things.webp', side: 48, columns: 32 } },
  files: [{ path: 'unet/x', size: 1, sha256: '0'.repeat(64) }],
};

function modelIndex(): FuzzCase {
  const good = { _class_name: 'StableDiffusionPipeline', _diffusers_version: '0.30.0' };
  // The folder holds nothing else: what is right is told so.
  return config(good, (fields) => openFolder(memoryFiles('m', { 'model_index.json': json(fields) })));
}

/** A file of an adapter's method for one convolution. */
async function adapter(method: string): Promise<FuzzCase> {
  const target = 'mid_block.resnets.0.conv1.weight';
  const layer = [4, 8, 3, 3];
  const base = await stateDictOf(new Map([[target, randomTensor(1, layer)]]));
  const module = 'lora_unet_mid_block_resnets_0_conv1';
  const shapes = Object.entries(ADAPTER_METHODS[method](layer, 2));
  const good = new Map(shapes.map(([end, shape], i) => [`${module}.${end}`, randomTensor(2 + i, shape)]));
  return caseOf({
    good: tensorFile(good),
    spoiled: spoiledTensors(good),
    async read(file) {
      const opened = await openLora(file, 'x.safetensors');
      const { dict } = withLoras(base, 'unet', [{ lora: opened, unetWeight: 0.7, textWeight: 1 }]);
      const { length } = await dict.read(target);
      if (length !== 4 * 8 * 3 * 3 * 4) throw new Error(`The merged weight has ${length} bytes.`);
    },
  });
}

async function embedding(): Promise<FuzzCase> {
  const table = 'text_model.embeddings.token_embedding.weight';
  const base = await stateDictOf(new Map([[table, randomTensor(1, [5, 4])]]));
  const good = new Map([['<moss>', randomTensor(2, [2, 4], 'F16')]]);
  return caseOf({
    good: tensorFile(good),
    spoiled: spoiledTensors(good),
    async read(file) {
      const opened = await openEmbedding(file, 'x.safetensors');
      const dict = withEmbeddings(base, [opened], { index: 0, of: 1 });
      const { length } = await dict.read(table);
      if (length !== (5 + opened.vectors) * 4 * 4) throw new Error(`The table has ${length} bytes.`);
    },
  });
}

function png(): FuzzCase {
  // CRCs are not looked at.
  const chunk = (type: string, data: readonly number[] = []) => [
    0,
    0,
    0,
    data.length,
    ...utf8(type),
    ...data,
    0,
    0,
    0,
    0,
  ];
  const packed = [...utf8('parameters'), 0, 0, 0x78, ...utf8('fox')];
  const signature = [137, 80, 78, 71, 13, 10, 26, 10];
  const empty = Uint8Array.from([...signature, ...chunk('zTXt', packed), ...chunk('IDAT'), ...chunk('IEND')]);
  const good = withText(withText(empty, 'Comment', 'a fox\nSteps: 5'), 'prompt', '{"1": "\u2603"}');
  // Whatever unpacks: the browser's and Node's both throw errors of their own at bytes that are not packed.
  const inflate = async (bytes: Uint8Array) => {
    if (bytes[0] !== 0x78) throw new TypeError('incorrect header check');
    return bytes;
  };
  return caseOf({
    good,
    spoiled: spoiledBytes(good),
    async read(bytes) {
      for (const keyword of ['parameters', 'Comment', 'prompt']) await readText(bytes, keyword, inflate);
    },
  });
}

function parameters(): FuzzCase {
  const good =
    'a fox\nNegative prompt: bad\nSteps: 5, Sampler: Euler a, Schedule type: Karras, CFG scale: 7, Seed: 1, Size: 64x64, Clip skip: 2, RNG: NV';
  const pieces = [
    ',',
    ':',
    '\n',
    '"',
    'Steps: ',
    'Size: x',
    '1e999',
    'NaN',
    '-1',
    '\\',
    '__proto__',
    'Negative prompt:',
  ];
  return caseOf({
    good,
    spoiled: spoiledText(good, pieces),
    read: (text) => parseRequest({ ...DEFAULT_REQUEST, ...readParameters(text).request }),
  });
}

/** The settings in a picture's EXIF block. */
function exif(good: Uint8Array): FuzzCase {
  return caseOf({
    good,
    spoiled: spoiledBytes(good),
    read: async (bytes) => readSettingsAmong(await pictureTexts(bytes, SETTINGS_KEYWORDS, async () => undefined)),
  });
}

const COMFY_GRAPH = {
  '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors' } },
  '2': { class_type: 'CLIPTextEncode', inputs: { text: 'a fox', clip: ['1', 1] } },
  '3': { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
  '4': {
    class_type: 'KSampler',
    inputs: { seed: 1, steps: 5, cfg: 7, sampler_name: 'euler', scheduler: 'normal', model: ['1', 0], positive: ['2', 0], negative: ['2', 0], latent_image: ['3', 0] }, // biome-ignore format: one node
  },
  '5': { class_type: 'SaveImage', inputs: { images: ['4', 0] } },
};

function comfyGraph(): FuzzCase {
  const good = json(COMFY_GRAPH);
  return caseOf({
    good,
    spoiled: spoiledText(good, [...JSON_PIECES, '["4", 0]', '["1", 1]', 'class_type', 'inputs']),
    read: (text) => readSettingsAmong(new Map([['prompt', text]])),
  });
}

function promptSchedule(): FuzzCase {
  const good = 'a [cat:dog:0.5] (in [a|the [big:small:3]|] wood:1.2) AND [x::2]';
  return caseOf({
    good,
    spoiled: spoiledText(good, ['[', ']', '(', ')', ':', '|', '\\', '#', '\n', '0.', '-1', '1e99', ' AND ']),
    read: (text) => splitPrompts(extraNetworks(text).prompt).map((part) => textSchedule(part.text, 20)),
  });
}

async function onnx(): Promise<FuzzCase> {
  const device = await chooseDevice('wasm', 1);
  const values = (name: string) => ({ name, dtype: 'float32', dims: ['batch', 4] }) as const;
  const node = (op: string, inputs: string[], output: string) =>
    ({ op, domain: '', name: output, inputs, outputs: [output], attributes: {} }) as const;
  const good = encodeModel({
    name: 'net',
    nodes: [node('MatMul', ['x', 'w'], 'product'), node('Softmax', ['product'], 'y')],
    initializers: [
      { name: 'w', dtype: 'float32', dims: [4, 4], data: { location: 'weights', offset: 0, byteLength: 64 } },
    ],
    inputs: [values('x')],
    outputs: [values('y')],
  });
  return caseOf({
    good,
    spoiled: spoiledBytes(good),
    async read(bytes) {
      const files = memoryFiles('m', { 'unet/model.onnx': bytes, 'unet/weights': new Uint8Array(64) });
      await (await createPackSession(files, 'unet', device)).release();
    },
  });
}

async function adapters(): Promise<Record<string, FuzzCase>> {
  const cases = Object.keys(ADAPTER_METHODS).map(async (method) => [method, await adapter(method)] as const);
  return Object.fromEntries(await Promise.all(cases));
}

/** Every kind of file that people bring, by name. */
export async function fuzzCases(): Promise<Readonly<Record<string, FuzzCase>>> {
  const checkpoint = goodCheckpoint();
  return {
    'unet/config.json': config(UNET, (fields) => buildUnet(parseUnetConfig(fields), PLAIN)),
    'text_encoder/config.json': config(TEXT, (fields) => buildClipText(parseClipTextConfig(fields), PLAIN)),
    'vae/config.json': config(VAE, (fields) => buildAutoencoder(parseAutoencoderConfig(fields), PLAIN).decoder),
    'model_index.json': modelIndex(),
    'scheduler_config.json': config(SCHEDULER, (fields) =>
      openScheduler(memoryFiles('m', { 'scheduler/scheduler_config.json': json(fields) })),
    ),
    'safetensors header': await safetensors(),
    'pickle in an archive': pickle(false),
    'pickle in a stream': pickle(true),
    'shard index': shardIndex(),
    'single-file checkpoint': caseOf({
      good: tensorFile(checkpoint),
      spoiled: spoiledTensors(checkpoint),
      read: openCheckpointWhole,
    }),
    ...(await adapters()),
    'textual inversion': await embedding(),
    'vocab.json': vocabulary(),
    'merges.txt': merges(),
    'tokenizer.json': tokenizerJson(),
    'manifest.json': config(MANIFEST, parseManifest),
    'PNG chunks': png(),
    'parameters text': parameters(),
    'JPEG metadata': exif(jpegWith(exifBlock('a\nSteps: 5, Sampler: Euler, Seed: 1', 'utf-16be', false))),
    'WebP metadata': exif(webpWith(exifBlock('a\nSteps: 5, Sampler: Euler, Seed: 1', 'utf-16le', true))),
    'ComfyUI graph': comfyGraph(),
    'prompt schedule': promptSchedule(),
    'ONNX protobuf': await onnx(),
  };
}
