import { describe, expect, it } from 'vitest';
import { failure } from './fixtures/failure';
import { openClipTensors, original, originalUnetModules, originalVaeModules } from './fixtures/original-names';
import { type RawTensor, randomTensor, randomTensors, safetensorsFile } from './fixtures/random-model';
import { buildAutoencoder } from './graph/autoencoder';
import { type KlConfig, parseAutoencoderConfig } from './graph/autoencoder-config';
import { buildClipText } from './graph/clip-text';
import { type ClipTextConfig, parseClipTextConfig, parseUnetConfig, type UnetConfig } from './graph/config';
import type { BuiltGraph } from './graph/types';
import { buildUnet } from './graph/unet';
import { openCheckpoint } from './load';
import { openSingleFile } from './single-file';
import type { Family } from './types';
import { bindWeights } from './weights/bind';
import { memoryFiles } from './weights/memory-files';

const DIALECT = { operators: 'plain', precision: 'float32' } as const;
const down = (attention: boolean[]) => attention.map((yes) => (yes ? 'CrossAttnDownBlock2D' : 'DownBlock2D'));
const up = (attention: boolean[]) => attention.map((yes) => (yes ? 'CrossAttnUpBlock2D' : 'UpBlock2D')).reverse();

interface Model {
  unet: UnetConfig;
  vae: KlConfig;
  towers: ClipTextConfig[];
}

const tower = (layers: number, width: number, projection?: number): ClipTextConfig => ({
  ...parseClipTextConfig({
    vocab_size: 20,
    hidden_size: width,
    intermediate_size: 96,
    num_hidden_layers: layers,
    num_attention_heads: width / 64,
    hidden_act: projection === undefined && layers === 2 ? 'quick_gelu' : 'gelu',
    eos_token_id: 19,
  }),
  projection,
});

/** Each family's shape at a fraction of its width, as its config.json would state it. */
function modelOf(family: Family, inChannels = 4): Model {
  const vae = parseAutoencoderConfig({
    block_out_channels: [32, 32],
    down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
    up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
    layers_per_block: 2,
    scaling_factor: family === 'sdxl' ? 0.13025 : 0.18215,
  }) as KlConfig;
  const shared = { in_channels: inChannels, norm_num_groups: 32 };
  switch (family) {
    case 'sd1': {
      const attention = [true, false];
      const types = { down_block_types: down(attention), up_block_types: up(attention) };
      const unet = {
        ...shared,
        ...types,
        block_out_channels: [32, 32],
        cross_attention_dim: 64,
        attention_head_dim: 8,
      };
      return { unet: parseUnetConfig(unet), vae, towers: [tower(2, 64)] };
    }
    case 'sd2': {
      const attention = [true, false];
      const types = { down_block_types: down(attention), up_block_types: up(attention) };
      const heads = { use_linear_projection: true, attention_head_dim: [1, 2], upcast_attention: true };
      const unet = { ...shared, ...types, ...heads, block_out_channels: [64, 128], cross_attention_dim: 64 };
      return { unet: parseUnetConfig(unet), vae, towers: [tower(3, 64)] };
    }
    case 'sdxl': {
      const attention = [false, true];
      const types = { down_block_types: down(attention), up_block_types: up(attention) };
      const heads = { use_linear_projection: true, attention_head_dim: [1, 2] };
      const added = {
        addition_embed_type: 'text_time',
        addition_time_embed_dim: 4,
        projection_class_embeddings_input_dim: 64,
      };
      const depths = { transformer_layers_per_block: [1, 2] };
      const unet = { ...shared, ...types, ...heads, ...added, ...depths, block_out_channels: [64, 128] };
      return {
        unet: parseUnetConfig({ ...unet, cross_attention_dim: 192 }),
        vae,
        towers: [tower(2, 64), tower(3, 128, 40)],
      };
    }
    default:
      family satisfies never;
      throw new Error('unknown family');
  }
}

interface Graphs {
  unet: BuiltGraph;
  towers: BuiltGraph[];
  vae: BuiltGraph[];
}

function graphsOf({ unet, vae, towers }: Model): Graphs {
  const { decoder, encoder } = buildAutoencoder(vae, DIALECT);
  return {
    unet: buildUnet(unet, DIALECT),
    towers: towers.map((config) => buildClipText(config, DIALECT)),
    vae: [decoder, encoder],
  };
}

type Made = ReturnType<typeof make>;
const made = new Map<string, Made>();

/** A checkpoint with random weights: what the file holds (a copy to spoil), and what each network should find under its own names. */
function checkpointOf(family: Family, inChannels = 4): Made {
  const id = `${family} ${inChannels}`;
  const model = made.get(id) ?? make(family, inChannels);
  made.set(id, model);
  return { ...model, file: new Map(model.file) };
}

function make(family: Family, inChannels: number) {
  const model = modelOf(family, inChannels);
  const graphs = graphsOf(model);
  const unet = randomTensors([graphs.unet]);
  const vae = randomTensors(graphs.vae);
  const towers = graphs.towers.map((graph) => randomTensors([graph]));
  const file = new Map<string, RawTensor>([
    ...original(unet, originalUnetModules(model.unet), 'model.diffusion_model.'),
    ...original(vae, originalVaeModules(model.vae), 'first_stage_model.'),
  ]);
  const add = (tensors: Map<string, RawTensor>) => {
    for (const [key, tensor] of tensors) file.set(key, tensor);
  };
  const clip = (prefix: string, tensors: Map<string, RawTensor>) =>
    new Map([...tensors].map(([key, tensor]) => [prefix + key, tensor]));
  if (family === 'sd1') add(clip('cond_stage_model.transformer.', towers[0]));
  if (family === 'sdxl') {
    add(clip('conditioner.embedders.0.transformer.', towers[0]));
    add(openClipTensors(towers[1], 'conditioner.embedders.1.model.'));
  }
  if (family === 'sd2') {
    // The file has one layer more than is used, and a projection that nothing reads.
    const whole = randomTensors([buildClipText({ ...model.towers[0], layers: 4, projection: 64 }, DIALECT)]);
    for (const key of towers[0].keys()) towers[0].set(key, whole.get(key) as RawTensor);
    add(openClipTensors(whole, 'cond_stage_model.model.'));
  }
  return { model, graphs, file, expected: { unet, vae, towers } };
}

/** Byte for byte (`toEqual` would take seconds). */
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

const open = (file: Map<string, RawTensor>, metadata?: Record<string, string>) =>
  openSingleFile(memoryFiles('m', { 'x.safetensors': safetensorsFile(file, metadata) }), 'x.safetensors');

describe('openSingleFile', () => {
  it.each([
    ['sd1', 4],
    ['sd1', 9],
    ['sd2', 4],
    ['sdxl', 4],
  ] as const)(
    '%s with %i channels: configurations from shapes, every weight under its diffusers name',
    async (family, inChannels) => {
      const { model, graphs, file, expected } = checkpointOf(family, inChannels);
      const checkpoint = await open(file);
      expect(checkpoint.family).toBe(family);
      const { depths, sampleSize: _, ...rest } = model.unet;
      expect(checkpoint.unet.config).toMatchObject(rest);
      // A level without attention has no depth to tell.
      depths.forEach((depth, level) => {
        if (model.unet.downAttention[level]) expect(checkpoint.unet.config.depths[level]).toBe(depth);
      });
      expect(checkpoint.autoencoder.config).toEqual(model.vae);
      expect(checkpoint.textTowers.map(({ config }) => config)).toEqual(model.towers);
      const networks = [
        { network: checkpoint.unet, graphs: [graphs.unet], tensors: expected.unet },
        { network: checkpoint.autoencoder, graphs: graphs.vae, tensors: expected.vae },
        ...checkpoint.textTowers.map((network, i) => ({
          network,
          graphs: [graphs.towers[i]],
          tensors: expected.towers[i],
        })),
      ];
      for (const { network, graphs, tensors } of networks) {
        expect(() => bindWeights(graphs, network.weights, 'x')).not.toThrow();
        for (const [key, { bytes }] of tensors) expect(same(await network.weights.read(key), bytes), key).toBe(true);
      }
    },
  );

  it('reads no tensor while it opens, and of a fused one only the part that is asked for', async () => {
    const bytes = safetensorsFile(checkpointOf('sd2').file);
    const files = memoryFiles('m', { 'x.safetensors': bytes });
    const reads: [number, number][] = [];
    const watched = {
      ...files,
      read: (path: string, start = 0, end = bytes.length) => {
        reads.push([start, end]);
        return files.read(path, start, end);
      },
    };
    const checkpoint = await openSingleFile(watched, 'x.safetensors');
    const header = 8 + new DataView(bytes.buffer).getUint32(0, true);
    expect(reads.every(([, end]) => end <= header)).toBe(true);
    reads.length = 0;
    await checkpoint.textTowers[0].weights.read('text_model.encoder.layers.0.self_attn.k_proj.weight');
    expect(reads.map(([start, end]) => end - start)).toEqual([64 * 64 * 4]);
  });

  it('passes over what training leaves in a file, and names what it does not know', async () => {
    const { file } = checkpointOf('sd1');
    for (const key of [
      'betas',
      'alphas_cumprod',
      'model_ema.decay',
      'model_ema.diffusion_modelout2bias',
      'global_step',
    ])
      file.set(key, randomTensor(1, [3]));
    file.set('cond_stage_model.transformer.text_model.embeddings.position_ids', {
      dtype: 'I64',
      shape: [1],
      bytes: new Uint8Array(8),
    });
    expect((await open(file)).strays).toEqual([]);
    file.set('my_notes.weight', randomTensor(1, [3]));
    expect((await open(file)).strays).toEqual(['my_notes.weight']);
  });

  it('accepts a wrapper around every key, and a text tower without its outer name', async () => {
    const { file, expected } = checkpointOf('sd1');
    const wrapped = new Map(
      [...file].map(([key, t]) => [`state_dict.${key.replace('transformer.text_model.', 'transformer.')}`, t]),
    );
    const checkpoint = await open(wrapped);
    for (const [key, { bytes }] of expected.towers[0])
      expect(same(await checkpoint.textTowers[0].weights.read(key), bytes), key).toBe(true);
  });

  it.each([
    ['SD 2.x as v, which is a guess', 'sd2', [], undefined, 'v_prediction', false],
    ['SD 1.x as noise', 'sd1', [], undefined, 'epsilon', true],
    ['SDXL as noise, which is a guess', 'sdxl', [], undefined, 'epsilon', false],
    ['a marker key', 'sdxl', ['v_pred'], undefined, 'v_prediction', true],
    ['a marker of zero terminal SNR', 'sdxl', ['ztsnr'], undefined, 'v_prediction', true],
    ['metadata of ModelSpec', 'sd2', [], { 'modelspec.prediction_type': 'epsilon' }, 'epsilon', true],
    ["kohya's metadata", 'sd1', [], { ss_v_parameterization: 'True' }, 'v_prediction', true],
  ] as const)('takes the prediction type from %s', async (_, family, keys, metadata, type, known) => {
    const { file } = checkpointOf(family);
    for (const key of keys) file.set(key, randomTensor(1, [1]));
    const checkpoint = await open(file, metadata);
    expect([checkpoint.predictionType, checkpoint.predictionKnown]).toEqual([type, known]);
    expect(checkpoint.scheduler.rescale_betas_zero_snr).toBe(keys.some((key) => key === 'ztsnr'));
  });

  it.each([
    ['a UNet alone', /^(?!model\.)/, /embeddings\.token_embedding\.weight/],
    ['no autoencoder', /^first_stage_model\./, /encoder\.down_blocks\.0\.resnets\.0/],
    ['no UNet', /^model\./, /no "model\.diffusion_model\.input_blocks\.0\.0\.weight"/],
    ['no text layers', /fc1\.weight$/, /layers\.0\.mlp\.fc1\.weight/],
  ])('names what is missing: %s', async (_, missing, message) => {
    const { file } = checkpointOf('sd1');
    for (const key of file.keys()) if (missing.test(key)) file.delete(key);
    expect((await failure(open(file))).message).toMatch(message);
  });

  it.each([
    ['a LoRA', 'lora_unet_x.lora_down.weight', /LoRA/],
    ['a transformer', 'double_blocks.0.img_attn.qkv.weight', /transformer model/],
    ['an autoencoder', 'decoder.conv_in.weight', /autoencoder/],
  ])('says what a file is instead: %s', async (_, key, message) => {
    const error = await failure(open(new Map([[key, randomTensor(1, [2])]])));
    expect(error.code).toBe('unsupported');
    expect(error.message).toMatch(message);
  });

  it('refuses what would paint wrongly: a refiner, an LCM that takes its guidance, odd numbers of channels', async () => {
    const { file: refiner } = checkpointOf('sdxl');
    for (const key of refiner.keys()) if (key.startsWith('conditioner.embedders.0.')) refiner.delete(key);
    expect((await failure(open(refiner))).message).toMatch(/refiner/);
    const { file: lcm } = checkpointOf('sd1');
    lcm.set('model.diffusion_model.time_embed.cond_proj.weight', randomTensor(1, [2, 2]));
    expect((await failure(open(lcm))).message).toMatch(/time_embed\.cond_proj/);
    const depth = memoryFiles('m', { 'x.safetensors': safetensorsFile(checkpointOf('sd1', 5).file) });
    expect((await failure(openCheckpoint(depth))).message).toMatch(/takes 5 channels.*take 4, or 9/);
  });

  it('refuses two keys that stand for one', async () => {
    const { file } = checkpointOf('sd1');
    const key = 'model.diffusion_model.out.0.weight';
    file.set(`module.${key}`, file.get(key) as RawTensor);
    expect((await failure(open(file))).message).toMatch(
      /module\.model\.diffusion_model\.out\.0\.weight.*both stand for/,
    );
  });
});

describe('a separate autoencoder', () => {
  const vaeFile = (tensors: Map<string, RawTensor>) => ({
    files: memoryFiles('v', { 'v.safetensors': safetensorsFile(tensors) }),
    path: 'v.safetensors',
  });
  /** A model without its own, opened with this one; the autoencoder's graphs must find all their weights. */
  async function opened(tensors: Map<string, RawTensor>) {
    const { file } = checkpointOf('sd1');
    for (const key of file.keys()) if (key.startsWith('first_stage_model.')) file.delete(key);
    const files = memoryFiles('m', { 'x.safetensors': safetensorsFile(file) });
    const { autoencoder } = await openCheckpoint(files, { vae: vaeFile(tensors) });
    const { decoder, encoder } = buildAutoencoder(autoencoder.config, DIALECT);
    bindWeights([decoder, encoder], autoencoder.weights, 'v');
    return autoencoder;
  }

  it('is read in the original layout, with its prefix or without, and in diffusers names', async () => {
    const { model, expected } = checkpointOf('sd1');
    const modules = originalVaeModules(model.vae);
    const forms = [
      original(expected.vae, modules, ''),
      original(expected.vae, modules, 'first_stage_model.'),
      expected.vae,
    ];
    for (const tensors of forms) {
      const { config, weights } = await opened(new Map(tensors));
      expect(config).toEqual(model.vae);
      for (const [key, { bytes }] of expected.vae) expect(same(await weights.read(key), bytes), key).toBe(true);
    }
  });

  it('may be TAESD', async () => {
    const config = parseAutoencoderConfig({
      _class_name: 'AutoencoderTiny',
      encoder_block_out_channels: [8, 8, 8],
      decoder_block_out_channels: [8, 8, 8],
      num_encoder_blocks: [1, 2, 3],
      num_decoder_blocks: [3, 2, 1],
    });
    const { decoder, encoder } = buildAutoencoder(config, DIALECT);
    expect((await opened(randomTensors([decoder, encoder]))).config).toEqual(config);
  });

  it('is refused for another kind of latent, and when it is none', async () => {
    const wide = parseAutoencoderConfig({ _class_name: 'AutoencoderTiny', latent_channels: 16 });
    const { decoder, encoder } = buildAutoencoder(wide, DIALECT);
    expect((await failure(opened(randomTensors([decoder, encoder])))).message).toMatch(/16 channels.*paints in 4/);
    expect((await failure(opened(new Map([['x', randomTensor(1, [1])]])))).message).toMatch(/no autoencoder/);
    expect((await failure(opened(new Map([['decoder.layers.0.bias', randomTensor(1, [1])]])))).message).toMatch(
      /"encoder\.layers\.0\.weight" is missing/,
    );
  });
});

describe('openCheckpoint', () => {
  it('refuses pickles, several checkpoints, and none', async () => {
    const names = (...paths: string[]) =>
      openCheckpoint(memoryFiles('m', Object.fromEntries(paths.map((p) => [p, 'x']))));
    expect((await failure(names('x.ckpt'))).message).toMatch(/pickle/);
    expect((await failure(names('a.safetensors', 'b.safetensors'))).message).toMatch(/2 checkpoints/);
    expect((await failure(names('notes.txt'))).code).toBe('corrupt');
  });
});
