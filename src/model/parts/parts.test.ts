import { describe, expect, it } from 'vitest';
import { spoken } from '../../core/errors';
import { DECODER_PARAMETERS } from '../../core/memory-need';
import { checkpointOf, separateVae } from '../fixtures/checkpoints';
import { failure } from '../fixtures/failure';
import { type RawTensor, randomTensor, safetensorsFile } from '../fixtures/random-model';
import type { BuiltGraph } from '../graph/types';
import { memoryFiles } from '../weights/memory-files';
import type { ModelFiles } from '../weights/model-files';
import { openFile } from '../weights/state-dict';
import { openAdapter } from './adapter';
import { identifyFile, PARTS, partOf } from './index';

const filesOf = (tensors: ReadonlyMap<string, RawTensor>) =>
  memoryFiles('m', { 'x.safetensors': safetensorsFile(tensors) });
const small = (...keys: string[]) => new Map(keys.map((key) => [key, randomTensor(1, [2, 2])] as const));
const without = (tensors: ReadonlyMap<string, RawTensor>, pattern: RegExp) =>
  new Map([...tensors].filter(([key]) => !pattern.test(key)));
const bare = (tensors: ReadonlyMap<string, RawTensor>, prefix: string) =>
  new Map([...tensors].map(([key, tensor]) => [key.replace(prefix, ''), tensor] as const));

const MODEL = checkpointOf('sd1').file;
const UNET = new Map([...MODEL].filter(([key]) => key.startsWith('model.diffusion_model.')));
const TOWER = 'text_model.encoder.layers.0.self_attn.q_proj.weight';

// biome-ignore format: a table
/** Keys of files as people have them: those named in the formats' own code, a few of each. */
const SAMPLES: readonly (readonly [file: string, kind: string, tensors: ReadonlyMap<string, RawTensor>, what?: RegExp])[] = [
  ['a checkpoint', 'checkpoint', MODEL],
  ['a checkpoint without a VAE', 'checkpoint', without(MODEL, /^first_stage_model\./)],
  ['a LoRA', 'lora', small('lora_unet_mid_block_attentions_0_proj_in.lora_up.weight', 'lora_unet_mid_block_attentions_0_proj_in.lora_down.weight')],
  ['OneTrainer’s LoRA', 'lora', small('bundle_emb.moss.clip_l', 'lora_te_x.lora_up.weight', 'lora_te_x.lora_down.weight')],
  ['a LoRA for Flux', 'lora', small('transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight', 'transformer.single_transformer_blocks.0.attn.to_q.lora_B.weight'), /LoRA for a transformer model/],
  ['an embedding', 'embedding', small('emb_params', 'name')],
  ['an embedding for SDXL', 'embedding', small('clip_l', 'clip_g')],
  ['an embedding of diffusers', 'embedding', small('<moss>')],
  ['a VAE', 'vae', separateVae(4)],
  ['a VAE with its prefix', 'vae', new Map([...MODEL].filter(([key]) => key.startsWith('first_stage_model.')))],
  ['TAESD’s encoder', 'tiny-vae', small('encoder.layers.0.weight', 'encoder.layers.1.conv.0.weight'), /encoder alone/],
  ['a UNet of a checkpoint', 'denoiser', UNET, /x.safetensors is a UNet alone: it lacks the text encoder/],
  ['a UNet without a prefix', 'denoiser', bare(UNET, 'model.diffusion_model.'), /x.safetensors is a UNet alone/],
  ['a UNet of diffusers', 'denoiser', small('conv_in.weight', 'up_blocks.0.resnets.0.conv1.weight'), /x.safetensors is a UNet alone/],
  ['Flux', 'denoiser', small('double_blocks.0.img_attn.qkv.weight', 'img_in.weight'), /x.safetensors is a transformer model .*does not paint with/],
  ['SD 3', 'denoiser', small('model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight', 'model.diffusion_model.x_embedder.proj.weight'), /x.safetensors is a transformer model .*does not paint with/],
  ['clip_l', 'text-encoder', small(TOWER, 'text_model.final_layer_norm.weight'), /x.safetensors is a CLIP text encoder alone/],
  ['CLIP without its prefix', 'text-encoder', small('encoder.layers.0.self_attn.q_proj.weight', 'final_layer_norm.weight'), /CLIP text encoder alone/],
  ['t5xxl', 'text-encoder', small('encoder.block.0.layer.0.SelfAttention.q.weight', 'shared.weight'), /x.safetensors is a T5 text encoder/],
  ['a ControlNet', 'control', small('control_model.input_blocks.0.0.weight', 'control_model.zero_convs.0.0.weight'), /x.safetensors is a ControlNet, which Easel cannot use yet\./],
  ['a ControlNet of diffusers', 'control', small('conv_in.weight', 'down_blocks.0.resnets.0.conv1.weight', 'controlnet_cond_embedding.conv_in.weight'), /x.safetensors is a ControlNet/],
  ['a ControlNet without a prefix', 'control', small('input_blocks.0.0.weight', 'input_hint_block.0.weight', 'zero_convs.0.0.weight'), /x.safetensors is a ControlNet/],
  ['a T2I-Adapter', 'control', small('adapter.conv_in.weight', 'adapter.body.0.resnets.0.block1.weight'), /x.safetensors is a T2I-Adapter/],
  ['an IP-Adapter', 'image-prompt', small('image_proj.proj.weight', 'ip_adapter.1.to_k_ip.weight', 'ip_adapter.0.to_q_lora.down.weight'), /x.safetensors is an IP-Adapter/],
  ['a CLIP image encoder', 'image-prompt', small('vision_model.encoder.layers.0.self_attn.q_proj.weight', 'visual_projection.weight'), /x.safetensors is a CLIP image encoder/],
  ['an ESRGAN', 'upscaler', small('conv_first.weight', 'body.0.rdb1.conv1.weight')],
  ['an old ESRGAN', 'upscaler', small('model.0.weight', 'model.1.sub.0.RDB1.conv1.0.weight')],
  ['a compact ESRGAN', 'upscaler', small('body.0.weight', 'body.0.bias', 'body.1.weight')],
  ['SwinIR', 'upscaler', small('conv_first.weight', 'conv_after_body.weight'), /x.safetensors is an upscaler \(SwinIR or like it\), which Easel cannot use yet/],
];

describe('what a file can be, in plain words, the tensor that tells it for a report (wild 9, ux 55)', () => {
  for (const [name, kind, tensors, what] of SAMPLES)
    it(`${name} is told by its header, and taken for nothing else`, async () => {
      const files = filesOf(tensors);
      const file = await openFile(files, 'x.safetensors');
      const found = PARTS.filter((part) => part.recognise(file).is);
      expect(found.map((part) => part.kind)).toEqual([kind]);
      for (const part of PARTS) expect(spoken(part.recognise(file).because)).not.toBe('');
      if (what) {
        const error = await failure(identifyFile(files));
        expect(error.code).toBe('unsupported');
        expect(error.message).toMatch(what);
        for (const key of tensors.keys()) expect(error.message).not.toContain(key);
        if (found[0].kind !== 'tiny-vae' && found[0].kind !== 'lora') expect(error.details).toMatch(/^it has "[^"]+"$/);
      }
    });

  it('is nothing where no kind knows it', async () => {
    const error = await failure(identifyFile(filesOf(small('one', 'two'))));
    expect(error.message).toMatch(/x\.safetensors is nothing that Easel knows: its first key is "one"/);
    const file = await openFile(filesOf(new Map()), 'x.safetensors');
    expect(() => partOf(file)).toThrow(/holds no tensors/);
  });

  it('is found out with one look at the header', async () => {
    const files = filesOf(MODEL);
    let reads = 0;
    const counted: ModelFiles = {
      ...files,
      read(...range) {
        reads++;
        return files.read(...range);
      },
    };
    expect(await identifyFile(counted)).toMatchObject({ kind: 'model' });
    expect(reads).toBe(3); // how the file begins, its length, and itself
  });

  it.each([
    ['sd1', 512],
    ['sd2', 768], // v-prediction is taken for granted where nothing is said
    ['sdxl', 1024],
  ] as const)('tells of %s how many numbers painting takes, and the side of its pictures', async (family, side) => {
    const { file, graphs } = checkpointOf(family);
    const numbers = (...of: readonly BuiltGraph[]) =>
      of.flatMap(({ weights }) => weights).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    const parameters = { text: numbers(...graphs.towers), unet: numbers(graphs.unet), decoder: numbers(graphs.vae[0]) };
    expect(await identifyFile(filesOf(file))).toMatchObject({ shape: { parameters, side } });
    const bare = await identifyFile(filesOf(without(file, /^first_stage_model\./)));
    expect(bare).toMatchObject({ shape: { parameters: { ...parameters, decoder: DECODER_PARAMETERS } } });
  });

  it.each([
    [768, {}, 'SD 1.x'],
    [1024, {}, 'SD 2.x'],
    [2048, { ss_base_model_version: 'sd_v1' }, 'SDXL'], // what it holds counts for more than what it says
    [undefined, { ss_base_model_version: 'sdxl_base_v1-0' }, 'SDXL'],
    [undefined, { 'modelspec.architecture': 'stable-diffusion-v2-768-v/lora' }, 'SD 2.x'],
    [640, { ss_base_model_version: 'sd_v1' }, undefined],
    [undefined, {}, undefined],
  ])('tells which family a LoRA is for: text %s wide, saying %j', async (width, metadata, family) => {
    const stem = `lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn${width ? 2 : 1}_to_k.lora_`;
    const tensors = new Map([
      [`${stem}down.weight`, randomTensor(1, [2, width ?? 8])],
      [`${stem}up.weight`, randomTensor(1, [8, 2])],
    ]);
    const report = await identifyFile(memoryFiles('m', { 'x.safetensors': safetensorsFile(tensors, metadata) }));
    expect(report).toMatchObject({ kind: 'lora', triggerWords: [] });
    expect('architecture' in report ? report.architecture?.label : undefined).toBe(family);
  });

  it('says what its training called it, and its hash where it has one', async () => {
    const tensors = small('lora_unet_x.lora_up.weight', 'lora_unet_x.lora_down.weight');
    const reported = (metadata: Readonly<Record<string, string>>) =>
      identifyFile(memoryFiles('m', { 'x.safetensors': safetensorsFile(tensors, metadata) }));
    const [alias, hash] = ['Inky', 'AB'.repeat(32)];
    expect(await reported({ ss_output_name: alias, sshs_model_hash: hash })).toMatchObject({ alias, hash: hash.toLowerCase() }); // biome-ignore format: one thought
    expect(await reported({ ss_output_name: '', sshs_model_hash: '123' })).not.toHaveProperty('hash', '123');
  });

  it('is told to somebody who brings something else as a LoRA', async () => {
    expect((await failure(openAdapter(filesOf(MODEL)))).message).toMatch(
      /x\.safetensors is a whole model, not a LoRA or a textual inversion/,
    );
    expect((await failure(openAdapter(filesOf(small('lora_unet_x.on_input', 'lora_unet_x.weight'))))).message).toMatch(/IA3/); // biome-ignore format: one thought
    expect((await failure(openAdapter(filesOf(small('zero_convs.0.0.weight', 'a'))))).message).toMatch(/a ControlNet/);
  });
});
