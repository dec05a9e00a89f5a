import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EaselError } from '../core/errors';
import { original, originalUnetModules, originalVaeModules } from './fixtures/original-names';
import { type RawTensor, randomTensor, safetensorsFile, stateDictOf } from './fixtures/random-model';
import { buildAutoencoder } from './graph/autoencoder';
import { type KlConfig, parseAutoencoderConfig } from './graph/autoencoder-config';
import { buildClipText } from './graph/clip-text';
import { parseClipTextConfig, parseUnetConfig } from './graph/config';
import type { BuiltGraph } from './graph/types';
import { buildUnet } from './graph/unet';
import { openCheckpoint } from './load';
import { bindWeights } from './weights/bind';
import { openLora, withLoras } from './weights/lora';
import { memoryFiles } from './weights/memory-files';
import { openEmbedding, withEmbeddings } from './weights/textual-inversion';

// What a stranger's file may hold: every outcome is a result or an EaselError, within the time of the test.
const RUNS = { numRuns: 500 };
const PLAIN = { operators: 'plain', precision: 'float32' } as const;

async function expectCoded(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof EaselError)) throw error;
    expect(error.message).not.toBe('');
  }
}

const UNET = {
  _class_name: 'UNet2DConditionModel',
  block_out_channels: [32, 64],
  down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
  layers_per_block: 1,
  cross_attention_dim: 32,
  attention_head_dim: [4, 8],
  transformer_layers_per_block: [1, 1],
  addition_embed_type: 'text_time',
  addition_time_embed_dim: 8,
  projection_class_embeddings_input_dim: 64,
};
const VAE = {
  block_out_channels: [32, 32],
  down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
  up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
  layers_per_block: 1,
  num_encoder_blocks: [1, 1, 1, 1],
  num_decoder_blocks: [1, 1, 1, 1],
  encoder_block_out_channels: [8, 8, 8, 8],
  decoder_block_out_channels: [8, 8, 8, 8],
  vq_embed_dim: 3,
};
const TEXT = { vocab_size: 100, hidden_size: 64, num_attention_heads: 1, num_hidden_layers: 2, intermediate_size: 64 };

/** Values that break careless readers, beside whatever JSON may hold. */
const anyValue = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    0,
    -1,
    1,
    1.5,
    1e9,
    2 ** 53,
    null,
    '',
    [],
    {},
    [[1]],
    [1e9, 1e9],
    '__proto__',
    'AutoencoderTiny',
    'VQModel',
  ),
  fc.array(fc.integer({ min: -2, max: 300 }), { maxLength: 9 }),
);
const spoiled = (json: Record<string, unknown>) =>
  fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...Object.keys(json)), fc.string()), anyValue), {
      minLength: 1,
      maxLength: 3,
    })
    .map((changes) => ({ ...json, ...Object.fromEntries(changes) }));

describe('fuzzed configurations', () => {
  const networks: readonly (readonly [
    string,
    Record<string, unknown>,
    (json: Record<string, unknown>) => BuiltGraph,
  ])[] = [
    ['unet/config.json', UNET, (json) => buildUnet(parseUnetConfig(json), PLAIN)],
    ['text_encoder/config.json', TEXT, (json) => buildClipText(parseClipTextConfig(json), PLAIN)],
    ['vae/config.json', VAE, (json) => buildAutoencoder(parseAutoencoderConfig(json), PLAIN).decoder],
  ];
  it.each(networks)('500 times %s', async (_, json, build) => {
    expect(build(json).weights.length).toBeGreaterThan(10);
    await fc.assert(
      fc.asyncProperty(spoiled(json), (changed) => expectCoded(() => build(changed))),
      RUNS,
    );
  });
});

/** A key with a piece cut out, doubled or put in. */
const edit = fc.tuple(
  fc.nat(200),
  fc.nat(12),
  fc.constantFrom('', '.', '_', '0', '99999999999', 'weight', 'lora_down', '__proto__'),
);
function edited(text: string, [at, length, piece]: [number, number, string]): string {
  const from = at % (text.length + 1);
  return text.slice(0, from) + piece + text.slice(from + length);
}

/** Shapes whose bytes still add up, so that the header itself stays valid: sides swapped, merged, or of nothing at all. */
const reshape = fc.constantFrom<(shape: readonly number[]) => readonly number[]>(
  (shape) => [...shape].reverse(),
  (shape) => [shape.reduce((a, b) => a * b, 1)],
  (shape) => [1, ...shape],
  (shape) => [...shape, 1, 1],
  () => [2 ** 40, 0],
  () => [0],
  () => [],
);

type Change = {
  index: number;
  key?: [number, number, string];
  shape?: (shape: readonly number[]) => readonly number[];
  integer?: boolean;
  drop?: boolean;
};
const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record(
    { index: fc.nat(), key: edit, shape: reshape, integer: fc.constant(true), drop: fc.boolean() },
    { requiredKeys: ['index'] },
  ),
  { minLength: 1, maxLength: 4 },
);

function changed(tensors: ReadonlyMap<string, RawTensor>, list: readonly Change[]): Map<string, RawTensor> {
  const entries = [...tensors];
  for (const { index, key, shape, integer, drop } of list) {
    const at = index % entries.length;
    const [name, tensor] = entries[at];
    const sides = shape?.(tensor.shape) ?? tensor.shape;
    const count = sides.reduce((a, b) => a * b, 1);
    const dtype = integer ? 'I64' : tensor.dtype;
    const bytes = new Uint8Array(count * (dtype === 'I64' ? 8 : dtype === 'F32' ? 4 : 2));
    entries[at] = [key ? edited(name, key) : name, { dtype, shape: sides, bytes }];
    if (drop && entries.length > 1) entries.splice(at, 1);
  }
  return new Map(entries);
}

const fileOf = (tensors: ReadonlyMap<string, RawTensor>) =>
  memoryFiles('m', { 'x.safetensors': safetensorsFile(tensors) });

describe('fuzzed weights', () => {
  it('500 single-file checkpoints', async () => {
    const unetConfig = parseUnetConfig({ ...UNET, attention_head_dim: 8, addition_embed_type: null });
    const vaeConfig = parseAutoencoderConfig(VAE) as KlConfig;
    const { decoder, encoder } = buildAutoencoder(vaeConfig, PLAIN);
    // Shapes alone: the values are never read here.
    const shapes = (graphs: readonly BuiltGraph[]) =>
      new Map(
        graphs.flatMap(({ weights }) => weights.map(({ key, shape }) => [key, randomTensor(0, shape, 'F16')] as const)),
      );
    const tower = shapes([buildClipText(parseClipTextConfig(TEXT), PLAIN)]);
    const good = new Map([
      ...original(shapes([buildUnet(unetConfig, PLAIN)]), originalUnetModules(unetConfig), 'model.diffusion_model.'),
      ...original(shapes([decoder, encoder]), originalVaeModules(vaeConfig), 'first_stage_model.'),
      ...Array.from(tower, ([key, tensor]) => [`cond_stage_model.transformer.${key}`, tensor] as const),
    ]);
    const open = async (tensors: ReadonlyMap<string, RawTensor>) => {
      const { unet, autoencoder, textTowers } = await openCheckpoint(fileOf(tensors));
      const graphs = buildAutoencoder(autoencoder.config, PLAIN);
      bindWeights([buildUnet(unet.config, PLAIN)], unet.weights, unet.name, 'reported');
      bindWeights([graphs.decoder, graphs.encoder], autoencoder.weights, autoencoder.name, 'reported');
      for (const { config, weights, name } of textTowers)
        bindWeights([buildClipText(config, PLAIN)], weights, name, 'reported');
    };
    await open(good);
    await fc.assert(
      fc.asyncProperty(changes, (list) => expectCoded(() => open(changed(good, list)))),
      RUNS,
    );
  });

  it('500 LoRAs', async () => {
    const target = 'mid_block.resnets.0.conv1.weight';
    const base = await stateDictOf(new Map([[target, randomTensor(1, [4, 3, 3, 3])]]));
    const module = 'lora_unet_mid_block_resnets_0_conv1';
    const good = new Map([
      [`${module}.lora_up.weight`, randomTensor(2, [4, 2, 1, 1])],
      [`${module}.lora_down.weight`, randomTensor(3, [2, 3, 1, 1])],
      [`${module}.lora_mid.weight`, randomTensor(4, [2, 2, 3, 3])],
      [`${module}.alpha`, randomTensor(5, [])],
    ]);
    const merge = async (tensors: ReadonlyMap<string, RawTensor>) => {
      const lora = await openLora(fileOf(tensors), 'x.safetensors');
      const { dict } = withLoras(base, 'unet', [{ lora, unetWeight: 1, textWeight: 1 }]);
      expect(await dict.read(target)).toHaveLength(4 * 3 * 3 * 3 * 4);
    };
    await merge(good);
    await fc.assert(
      fc.asyncProperty(changes, (list) => expectCoded(() => merge(changed(good, list)))),
      RUNS,
    );
  });

  it('500 embeddings', async () => {
    const table = 'text_model.embeddings.token_embedding.weight';
    const base = await stateDictOf(new Map([[table, randomTensor(1, [5, 4])]]));
    const good = new Map([['<moss>', randomTensor(2, [2, 4], 'F16')]]);
    const add = async (tensors: ReadonlyMap<string, RawTensor>) => {
      const embedding = await openEmbedding(fileOf(tensors), 'x.safetensors');
      const dict = withEmbeddings(base, [embedding], { index: 0, of: 1 });
      expect(await dict.read(table)).toHaveLength((5 + embedding.vectors) * 4 * 4);
    };
    await add(good);
    await fc.assert(
      fc.asyncProperty(changes, (list) => expectCoded(() => add(changed(good, list)))),
      RUNS,
    );
  });
});
