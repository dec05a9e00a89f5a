import { describe, expect, it } from 'vitest';
import { relativeError } from '../../cli/parity/expected';
import { spoken } from '../../core/errors';
import { seededNormal } from '../../core/random';
import { failure } from '../fixtures/failure';
import { publishedUnet } from '../fixtures/guided-diffusion';
import { asPublished } from '../fixtures/published-names';
import { type RawTensor, randomTensors, safetensorsFile } from '../fixtures/random-model';
import * as f64 from '../graph/float64';
import { buildUnet2d } from '../graph/unet2d';
import { parseUnet2dConfig, type Unet2dConfig } from '../graph/unet2d-config';
import { identifyFile } from '../parts/index';
import { loadModel } from '../running/load';
import { openCheckpoint } from '../running/open-checkpoint';
import { chooseDevice } from '../runtime/device';
import { decodeFloats } from '../weights/dtypes';
import { memoryFiles } from '../weights/memory-files';
import { splitHeads } from '../weights/split-heads';
import { NO_TENSORS, openFile, type WeightsFile } from '../weights/state-dict';
import { isGuidedDiffusion, readGuidedDiffusion } from './guided-diffusion-file';

/** A class-conditional network with a learned variance, as unet/config.json states it. */
const STATED = {
  block_out_channels: [64, 128],
  layers_per_block: 1,
  down_block_types: ['ResnetDownsampleBlock2D', 'AttnDownBlock2D'],
  up_block_types: ['AttnUpBlock2D', 'ResnetUpsampleBlock2D'],
  downsample_type: 'resnet',
  upsample_type: 'resnet',
  attention_head_dim: 64,
  norm_num_groups: 32,
  attn_norm_num_groups: 32,
  resnet_time_scale_shift: 'scale_shift',
  in_channels: 3,
  out_channels: 6,
  num_class_embeds: 7,
  sample_size: 64,
};
const tensorsOf = (config: Unet2dConfig) =>
  randomTensors([buildUnet2d(config, { operators: 'plain', precision: 'float32' })]);
const CONFIG = parseUnet2dConfig(STATED);
const TENSORS = tensorsOf(CONFIG);

/** The same weights in the public code's names and shapes. */
const published = () => asPublished(TENSORS, { layers: 1, headWidth: 64 });

const fileOf = (tensors: ReadonlyMap<string, RawTensor>, beside: Readonly<Record<string, string>> = {}) =>
  memoryFiles('adm', { 'adm.safetensors': safetensorsFile(new Map(tensors)), ...beside });
const opened = (tensors: ReadonlyMap<string, RawTensor>) => openFile(fileOf(tensors), 'adm.safetensors');

describe('a file of guided diffusion', () => {
  it('is the network that its folder would be: configuration and weights, heads put in order', async () => {
    const file = await opened(published());
    expect(isGuidedDiffusion([...file.dict.entries.keys()])).toBe(true);
    const { unet, scheduler, warnings } = readGuidedDiffusion(file);
    expect(unet.config).toEqual(CONFIG);
    expect([...unet.weights.entries.keys()].sort()).toEqual([...TENSORS.keys()].sort());
    for (const [key, { bytes, shape }] of TENSORS) {
      expect([key, unet.weights.entries.get(key)?.shape]).toEqual([key, shape]);
      expect([key, Buffer.compare(await unet.weights.read(key), bytes)]).toEqual([key, 0]);
      const [from, to] = [bytes.length >> 2, bytes.length >> 1];
      expect(Buffer.compare(await unet.weights.read(key, from, to), bytes.subarray(from, to))).toBe(0);
    }
    expect(scheduler).toMatchObject({ beta_schedule: 'linear', variance_type: 'learned_range' });
    expect(spoken(warnings[0])).toMatch(/unlike guided diffusion’s published models/);
    expect(spoken(warnings[0])).toMatch(/pictures of 64 × 64, linear noise levels, attention by heads of 64 channels/);
  });

  it.each([
    ['by-head', { width: 2 }, [0, 1, 6, 7]],
    ['by-head', { count: 2 }, [0, 1, 6, 7]],
    ['by-kind', { width: 2 }, [0, 1, 2, 3]],
  ] as const)('has its heads of two rows in either order: %s', async (order, heads, queries) => {
    const rows: RawTensor = { dtype: 'F32', shape: [12, 1, 1], bytes: new Uint8Array(Float32Array.from({ length: 12 }, (_, i) => i).buffer) }; // biome-ignore format: one thing
    const { dict } = await opened(new Map([['a.qkv.weight', rows]]));
    const split = splitHeads(dict, (key) => key, heads, order);
    expect(split.entries.get('a.to_q.weight')?.shape).toEqual([4, 1]);
    expect([...decodeFloats(await split.read('a.to_q.weight'), 'F32')]).toEqual(queries);
    expect(() => splitHeads(dict, (key) => key, { width: 5 }, order)).toThrow(
      '"a.qkv.weight" has 12 rows, which are no heads of 5 channels',
    );
    expect(() => splitHeads(dict, (key) => key, { count: 3 }, order)).toThrow(
      '"a.qkv.weight" has 12 rows, which are no 3 heads',
    );
  });

  it('opens as a model by class, under names with a wrapper too', async () => {
    const wrapped = new Map(Array.from(published(), ([key, tensor]) => [`module.${key}`, tensor] as const));
    expect(await identifyFile(fileOf(wrapped))).toMatchObject({ kind: 'model', architecture: { id: 'adm' } });
    const { info, dispose } = await loadModel(fileOf(wrapped), await chooseDevice('wasm', 2));
    expect(info).toMatchObject({ conditioning: 'class', classes: 7, fixedSide: 64 });
    expect(info.defaults).toMatchObject({ sampler: 'ddpm', varianceType: 'learned_range' });
    expect(info.warnings.map((one) => spoken(one)).join()).toContain('The file holds weights alone');
    await dispose();
  });

  it('is refused where a key is missing', async () => {
    const without = published();
    without.delete('middle_block.0.emb_layers.1.weight');
    const lacking = await failure(opened(without).then(readGuidedDiffusion));
    expect([lacking.code, lacking.message]).toEqual([
      'corrupt',
      'adm.safetensors lacks "middle_block.0.emb_layers.1.weight".',
    ]);
  });
});

/** A file of which nothing but the header is there. */
function headerOf(config: Unet2dConfig, layers: number): WeightsFile {
  const { weights } = buildUnet2d(config, { operators: 'plain', precision: 'float32' });
  const empty = new Map(
    weights.map(({ key, shape }) => [key, { dtype: 'F32', shape, bytes: new Uint8Array() }] as const),
  );
  const entries = Array.from(asPublished(empty, { layers, headWidth: 1 }), ([key, { dtype, shape }]) => {
    const end = 4 * shape.reduce((product, side) => product * side, 1);
    return [key, { key, dtype, shape, path: 'm.pt', start: 0, end }] as const;
  });
  return { path: 'm.pt', dict: { ...NO_TENSORS, entries: new Map(entries) }, metadata: {} };
}

/** A published model's network: its flags' numbers, attention on the last three levels. */
function publishedConfig(width: number, growth: readonly number[], layers: number, classes?: number): Unet2dConfig {
  const attends = growth.map((_, level) => level >= growth.length - 3);
  const stated = {
    ...STATED,
    block_out_channels: growth.map((factor) => factor * width),
    layers_per_block: layers,
    down_block_types: attends.map((does) => (does ? 'AttnDownBlock2D' : 'ResnetDownsampleBlock2D')),
    up_block_types: attends.map((does) => (does ? 'AttnUpBlock2D' : 'ResnetUpsampleBlock2D')).reverse(),
    num_class_embeds: classes,
    attention_head_dim: null,
  };
  return { ...parseUnet2dConfig(stated), ...(growth[0] !== 1 && { timeChannels: width }) };
}

describe('a published model', () => {
  // README.md of openai/guided-diffusion, "Sampling from pre-trained models".
  it.each([
    [64, 192, [1, 2, 3, 4], 3, 1000, { headWidth: 64 }, 'squaredcos_cap_v2', /64 × 64, cosine .* all queries before/],
    [128, 256, [1, 1, 2, 3, 4], 2, 1000, { heads: 4 }, 'linear', /128 × 128, linear .* 4 heads of attention on each/],
    [256, 256, [1, 1, 2, 2, 4, 4], 2, 1000, { headWidth: 64 }, 'linear', /256 × 256, linear .* each head’s query/],
    [256, 256, [1, 1, 2, 2, 4, 4], 2, undefined, { headWidth: 64 }, 'linear', /256 × 256, linear/],
    [512, 256, [0.5, 1, 1, 2, 2, 4, 4], 2, 1000, { headWidth: 64, timeChannels: 256 }, 'linear', /512 × 512, linear/],
  ] as const)('of %i pixels, %i channels, is known by how its channels grow', (...published) => {
    const [side, width, growth, layers, classes, own, betas, words] = published;
    const stated = publishedConfig(width, growth, layers, classes);
    const { unet, facts, scheduler, warnings } = readGuidedDiffusion(headerOf(stated, layers));
    expect(unet.config).toEqual({ ...stated, headWidth: undefined, ...own, sampleSize: side });
    expect(facts).toMatchObject({ classes, pixels: true });
    expect(scheduler).toMatchObject({
      beta_schedule: betas,
      variance_type: 'learned_range',
      num_train_timesteps: 1000,
    });
    expect(scheduler.beta_start).toBeCloseTo(0.0001, 12);
    expect(spoken(warnings[0])).toMatch(/as guided diffusion’s published models: /);
    expect(spoken(warnings[0])).toMatch(words);
  });

  // As narrow as 32 groups let them be: heads by their number, the newer order, a time wider than the first level.
  it.each([
    ['of 128 pixels', { num_heads: 4 }, { count: 4 }, 'by-head', 64],
    ['of 64 pixels', { num_head_channels: 16, use_new_attention_order: true }, { width: 16 }, 'by-kind', 32],
    ['of 512 pixels', { num_head_channels: 32, noise_schedule: 'cosine' }, { width: 32 }, 'by-head', 64],
  ] as const)(
    'in small, with flags as that %s, is the formula in float64',
    async (_, flags, heads, order, timeChannels) => {
      const config = parseUnet2dConfig({ ...STATED, block_out_channels: [32, 64] });
      const raw = asPublished(tensorsOf({ ...config, timeChannels }), { layers: 1, headWidth: 16 });
      const config_json = JSON.stringify({ ...flags, image_size: 8 });
      const model = await loadModel(fileOf(raw, { 'config.json': config_json }), await chooseDevice('wasm', 2));
      expect(model.info).toMatchObject({ fixedSide: 8, warnings: [] });
      expect(model.info.scheduler.beta_schedule).toBe('noise_schedule' in flags ? 'squaredcos_cap_v2' : 'linear');
      const tensors = new Map(Array.from(raw, ([key, { bytes, shape }]) => [key, f64.tensor(decodeFloats(bytes, 'F32'), shape)] as const)); // biome-ignore format: one thing
      const headWidth = (channels: number) => ('count' in heads ? channels / heads.count : heads.width);
      const sample = f64.tensor(seededNormal(2)(3 * 8 * 8), [1, 3, 8, 8]);
      const expected = publishedUnet({ tensors, groups: 32, headWidth, order, layers: 1 }, sample, 333, 4);
      const actual = await model.predict({
        ...{ batch: 1, height: 8, width: 8, timestep: 333, context: new Float32Array(0), tokens: 0 },
        sample: Float32Array.from(sample.values),
        labels: Int32Array.of(4),
      });
      expect(relativeError(actual, Float32Array.from(expected.values))).toBeLessThan(1e-5);
      await model.dispose();
    },
  );

  it('is refused where its flags do not fit its weights, or are not known', async () => {
    const load = async (flags: object) =>
      failure(openCheckpoint(fileOf(published(), { 'config.json': JSON.stringify(flags) })));
    expect((await load({ num_heads: 5 })).message).toMatch(/rows, which are no 5 heads/);
    expect((await load({ noise_schedule: 'sqrt' })).message).toMatch(/config.json: noise_schedule = "?sqrt/);
    expect((await load({ norm_num_groups: 48 })).message).toMatch(/not a multiple of norm_num_groups 48/);
  });
});
