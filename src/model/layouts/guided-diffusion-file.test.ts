import { describe, expect, it } from 'vitest';
import { spoken } from '../../core/errors';
import { failure } from '../fixtures/failure';
import { type RawTensor, randomTensors, safetensorsFile } from '../fixtures/random-model';
import { buildUnet2d } from '../graph/unet2d';
import { parseUnet2dConfig } from '../graph/unet2d-config';
import { identifyFile } from '../parts/index';
import { loadModel } from '../running/load';
import { chooseDevice } from '../runtime/device';
import { decodeFloats } from '../weights/dtypes';
import { memoryFiles } from '../weights/memory-files';
import { splitHeads } from '../weights/split-heads';
import { openFile } from '../weights/state-dict';
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
const CONFIG = parseUnet2dConfig(STATED);
const TENSORS = randomTensors([buildUnet2d(CONFIG, { operators: 'plain', precision: 'float32' })]);

/** Where the public code keeps each module. */
const MODULES: Readonly<Record<string, string>> = {
  'time_embedding.linear_1': 'time_embed.0',
  'time_embedding.linear_2': 'time_embed.2',
  class_embedding: 'label_emb',
  conv_in: 'input_blocks.0.0',
  'down_blocks.0.resnets.0': 'input_blocks.1.0',
  'down_blocks.0.downsamplers.0': 'input_blocks.2.0',
  'down_blocks.1.resnets.0': 'input_blocks.3.0',
  'down_blocks.1.attentions.0': 'input_blocks.3.1',
  'mid_block.resnets.0': 'middle_block.0',
  'mid_block.attentions.0': 'middle_block.1',
  'mid_block.resnets.1': 'middle_block.2',
  'up_blocks.0.resnets.0': 'output_blocks.0.0',
  'up_blocks.0.attentions.0': 'output_blocks.0.1',
  'up_blocks.0.resnets.1': 'output_blocks.1.0',
  'up_blocks.0.attentions.1': 'output_blocks.1.1',
  'up_blocks.0.upsamplers.0': 'output_blocks.1.2',
  'up_blocks.1.resnets.0': 'output_blocks.2.0',
  'up_blocks.1.resnets.1': 'output_blocks.3.0',
  conv_norm_out: 'out.0',
  conv_out: 'out.2',
};
const PARTS: Readonly<Record<string, string>> = {
  norm1: 'in_layers.0',
  conv1: 'in_layers.2',
  time_emb_proj: 'emb_layers.1',
  norm2: 'out_layers.0',
  conv2: 'out_layers.3',
  conv_shortcut: 'skip_connection',
  group_norm: 'norm',
  'to_out.0': 'proj_out',
};

/** The same weights in the public code's names and shapes, each head's query, key and value together. */
function published(): Map<string, RawTensor> {
  const file = new Map<string, RawTensor>();
  for (const [key, tensor] of TENSORS) {
    const module = Object.keys(MODULES).find((name) => key.startsWith(`${name}.`)) ?? '';
    const [, part, kind] = /^(?:\.(.*))?\.(weight|bias)$/.exec(key.slice(module.length)) ?? [];
    if (part === 'to_k' || part === 'to_v') continue;
    const isKernel = part === 'to_out.0' && kind === 'weight';
    if (part === 'to_q') file.set(`${MODULES[module]}.qkv.${kind}`, fused(`${module}.`, kind));
    else {
      const name = [MODULES[module], part && (PARTS[part] ?? part), kind].filter(Boolean).join('.');
      file.set(name, isKernel ? { ...tensor, shape: [...tensor.shape, 1] } : tensor);
    }
  }
  return file;
}

function fused(module: string, kind: string): RawTensor {
  const parts = ['to_q', 'to_k', 'to_v'].map((part) => TENSORS.get(`${module}${part}.${kind}`) as RawTensor);
  const [{ dtype, shape, bytes }] = parts;
  const headBytes = (64 * bytes.length) / shape[0];
  const heads = Array.from({ length: shape[0] / 64 }, (_, head) => head * headBytes);
  const pieces = heads.flatMap((at) => parts.map((part) => part.bytes.subarray(at, at + headBytes)));
  const rest = kind === 'weight' ? [shape[1], 1] : [];
  return { dtype, shape: [3 * shape[0], ...rest], bytes: Buffer.concat(pieces) };
}

const fileOf = (tensors: ReadonlyMap<string, RawTensor>) =>
  memoryFiles('adm', { 'adm.safetensors': safetensorsFile(new Map(tensors)) });
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
    expect(spoken(warnings[0])).toMatch(/pictures of 64 × 64, linear noise levels, attention by heads of 64 channels/);
  });

  it.each([
    ['by-head', [0, 1, 6, 7]],
    ['by-kind', [0, 1, 2, 3]],
  ] as const)('has its heads of two rows in either order: %s', async (order, queries) => {
    const rows: RawTensor = { dtype: 'F32', shape: [12, 1, 1], bytes: new Uint8Array(Float32Array.from({ length: 12 }, (_, i) => i).buffer) }; // biome-ignore format: one thing
    const { dict } = await opened(new Map([['a.qkv.weight', rows]]));
    const split = splitHeads(dict, (key) => key, 2, order);
    expect(split.entries.get('a.to_q.weight')?.shape).toEqual([4, 1]);
    expect([...decodeFloats(await split.read('a.to_q.weight'), 'F32')]).toEqual(queries);
    const tooWide = async () =>
      splitHeads((await opened(new Map([['a.qkv.weight', rows]]))).dict, (key) => key, 5, order);
    const { message } = await failure(tooWide());
    expect(message).toContain('"a.qkv.weight" has 12 rows, which are no heads of 5 channels');
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

  it('is refused where its heads are unlike, or a key is missing', async () => {
    const without = published();
    without.delete('middle_block.0.emb_layers.1.weight');
    const lacking = await failure(opened(without).then(readGuidedDiffusion));
    expect([lacking.code, lacking.message]).toEqual([
      'corrupt',
      'adm.safetensors lacks "middle_block.0.emb_layers.1.weight".',
    ]);
    const wider = published();
    const time = wider.get('time_embed.0.weight') as RawTensor;
    wider.set('time_embed.0.weight', { ...time, shape: [128, 128] });
    expect((await failure(opened(wider).then(readGuidedDiffusion))).message).toMatch(/models of 128 or 512 pixels/);
  });
});
