import { describe, expect, it } from 'vitest';
import { spoken } from '../../errors';
import { readSettingsAmong, readSettingsText } from './index';

const among = (texts: Readonly<Record<string, unknown>>) =>
  readSettingsAmong(new Map(Object.entries(texts).map(([key, text]) => [key, typeof text === 'string' ? text : JSON.stringify(text)]))); // biome-ignore format: one thought

const node = (class_type: string, inputs: Record<string, unknown>) => ({ class_type, inputs });

/** A graph with two LoRAs, a ControlNet before its conditioning, and a second pass over the first one's latent. */
const GRAPH = {
  '1': node('CheckpointLoaderSimple', { ckpt_name: 'sdxl\\base.safetensors' }),
  '2': node('LoraLoader', { lora_name: 'moss.safetensors', strength_model: 0.8, strength_clip: 0.8, model: ['1', 0], clip: ['1', 1] }), // biome-ignore format: a node a line
  '3': node('LoraLoader', { lora_name: 'ink.safetensors', strength_model: 1, strength_clip: 0.5, model: ['2', 0], clip: ['2', 1] }), // biome-ignore format: a node a line
  '4': node('CLIPSetLastLayer', { stop_at_clip_layer: -2, clip: ['3', 1] }),
  '5': node('PrimitiveString', { value: 'a fox' }),
  '6': node('CLIPTextEncode', { text: ['5', 0], clip: ['4', 0] }),
  '7': node('CLIPTextEncode', { text: 'blurry', clip: ['4', 0] }),
  '8': node('ControlNetApplyAdvanced', { positive: ['6', 0], negative: ['7', 0], strength: 1 }),
  '9': node('EmptyLatentImage', { width: 512, height: 768, batch_size: 1 }),
  '10': node('KSampler', { seed: 2 ** 33 + 5, steps: 25, cfg: 6.5, sampler_name: 'dpmpp_2m_sde_gpu', scheduler: 'karras', denoise: 1, model: ['3', 0], positive: ['8', 0], negative: ['8', 1], latent_image: ['9', 0] }), // biome-ignore format: a node a line
  '11': node('LatentUpscale', { samples: ['10', 0] }),
  '12': node('KSampler', { seed: 9, steps: 10, cfg: 5, sampler_name: 'euler', scheduler: 'normal', denoise: 0.4, model: ['3', 0], positive: ['6', 0], negative: ['7', 0], latent_image: ['11', 0] }), // biome-ignore format: a node a line
  '13': node('VAEDecode', { samples: ['12', 0], vae: ['1', 2] }),
  '14': node('SaveImage', { images: ['13', 0] }),
  '15': node('KSampler', { seed: 1, steps: 1, cfg: 1, sampler_name: 'lcm', scheduler: 'simple' }),
};

describe('ComfyUI', () => {
  it('the first sampler on the way to the picture that was saved, with its prompts, size, model and LoRAs', () => {
    const read = among({ prompt: GRAPH, workflow: { nodes: [] } });
    expect(read?.request).toEqual({
      prompt: 'a fox <lora:moss:0.8> <lora:ink:0.5:1>',
      negativePrompt: 'blurry',
      steps: 25,
      cfgScale: 6.5,
      seed: 5,
      sampler: 'dpmpp_2m_sde',
      schedule: 'karras',
      width: 512,
      height: 768,
      clipSkip: 2,
      noiseSource: 'cpu',
    });
    expect(read?.model).toBe('base');
    expect(read?.notes?.map((one) => spoken(one))).toEqual([expect.stringContaining('The seed 8589934597 is larger')]);
    expect(read?.ignored).toEqual(['Node 12: KSampler', 'LatentUpscale: node', 'ControlNetApplyAdvanced: node']);
  });

  it('a sampler whose parts are nodes of their own', () => {
    const graph = {
      '1': node('UNETLoader', { unet_name: 'x.safetensors' }),
      '2': node('CLIPTextEncode', { text: 'a fox' }),
      '3': node('CFGGuider', { model: ['1', 0], positive: ['2', 0], negative: ['6', 0], cfg: 4 }),
      '4': node('KSamplerSelect', { sampler_name: 'uni_pc_bh2' }),
      '5': node('BasicScheduler', { scheduler: 'sgm_uniform', steps: 12, denoise: 1, model: ['1', 0] }),
      '6': node('CLIPTextEncode', { text: 'bad' }),
      '7': node('RandomNoise', { noise_seed: 77 }),
      '8': node('SamplerCustomAdvanced', { noise: ['7', 0], guider: ['3', 0], sampler: ['4', 0], sigmas: ['5', 0], latent_image: ['9', 0] }), // biome-ignore format: a node a line
      '9': node('EmptyLatentImage', { width: 64, height: 128, batch_size: 1 }),
      '10': node('SaveImage', { images: ['8', 0] }),
    };
    expect(among({ prompt: graph })?.request).toMatchObject({ prompt: 'a fox', negativePrompt: 'bad', steps: 12, cfgScale: 4, seed: 77, sampler: 'unipc', schedule: 'sgm_uniform', unipcVariant: 'bh2', height: 128 }); // biome-ignore format: one thought
    expect(among({ Model: `prompt:${JSON.stringify(graph)}` })?.request.seed).toBe(77);
  });

  it('goes round in no circle, and reads a graph of 20,000 nodes at once', () => {
    const round = { '1': node('KSampler', { seed: 1, steps: 5, sampler_name: 'euler', model: ['1', 0], positive: ['1', 0], negative: ['2', 0], latent_image: ['1', 0] }), '2': node('X', { conditioning: ['2', 0] }) }; // biome-ignore format: one thought
    expect(among({ prompt: round })?.request).toMatchObject({ prompt: '', steps: 5 });
    const long = Object.fromEntries(Array.from({ length: 20_000 }, (_, k) => [k, node('LoraLoader', { lora_name: `l${k}`, strength_model: 1, model: [String(k + 1), 0], clip: [String(k + 1), 1] })])); // biome-ignore format: one thought
    const graph = { ...long, s: node('KSampler', { seed: 1, steps: 5, sampler_name: 'euler', model: ['0', 0] }) };
    expect(() => among({ prompt: graph })).toThrow('Prompt must have');
  });

  it('without a sampler is refused in a sentence', () => {
    expect(() => among({ prompt: { '1': node('SaveImage', {}) } })).toThrow('This ComfyUI graph has no sampler');
  });
});

it('InvokeAI', () => {
  const read = among({
    invokeai_metadata: {
      app_version: '5.6.0',
      generation_mode: 'txt2img',
      positive_prompt: 'a fox',
      negative_prompt: 'bad',
      width: 512,
      height: 640,
      seed: 3,
      rand_device: 'cpu',
      cfg_scale: 7.5,
      cfg_rescale_multiplier: 0.5,
      steps: 30,
      scheduler: 'dpmpp_2m_k',
      clip_skip: 1,
      model: { key: 'k', hash: 'h', name: 'Juggernaut', base: 'sdxl', type: 'main' },
      loras: [{ model: { name: 'moss' }, weight: 0.7 }],
      hrf_enabled: true,
    },
  });
  expect(read?.request).toEqual({ prompt: 'a fox <lora:moss:0.7>', negativePrompt: 'bad', width: 512, height: 640, seed: 3, cfgScale: 7.5, guidanceRescale: 0.5, steps: 30, sampler: 'dpmpp_2m', schedule: 'karras', clipSkip: 2, noiseSource: 'cpu' }); // biome-ignore format: one thought
  expect(read?.model).toBe('Juggernaut');
  expect(read?.ignored).toEqual(['generation_mode: txt2img', 'hrf_enabled: True']);
});

it('SwarmUI', () => {
  const params = { prompt: 'a fox', negativeprompt: 'bad', model: 'sdxl', seed: 1, steps: 20, cfgscale: 7, width: 1024, height: 768, comfyuisampler: 'euler_ancestral', comfyuischeduler: 'karras', loras: ['a/moss.safetensors'], loraweights: ['0.6'], automaticvae: true, swarm_version: '0.9' }; // biome-ignore format: one thought
  const read = among({ parameters: { sui_image_params: params, sui_extra_data: {} } });
  expect(read?.request).toMatchObject({ prompt: 'a fox <lora:moss:0.6>', negativePrompt: 'bad', sampler: 'euler_a', schedule: 'karras', width: 1024, height: 768, cfgScale: 7 }); // biome-ignore format: one thought
  expect([read?.model, read?.ignored]).toEqual(['sdxl', ['automaticvae: True']]);
});

it('Fooocus', () => {
  const read = among({ parameters: { prompt: 'a fox', negative_prompt: 'bad', styles: "['Fooocus V2']", steps: 30, guidance_scale: 4, resolution: '(1152, 896)', base_model: 'juggernaut', lora_combined_1: 'offset.safetensors : 0.1', lora_combined_2: 'False : off.safetensors : 1', sampler: 'dpmpp_2m_sde_gpu', scheduler: 'karras', seed: '5', version: 'Fooocus v2.5' } }); // biome-ignore format: one thought
  expect(read?.request).toEqual({ prompt: 'a fox <lora:offset:0.1>', negativePrompt: 'bad', steps: 30, cfgScale: 4, width: 1152, height: 896, sampler: 'dpmpp_2m_sde', schedule: 'karras', seed: 5 }); // biome-ignore format: one thought
  expect([read?.model, read?.ignored]).toEqual(['juggernaut', ["styles: ['Fooocus V2']"]]);
});

it('NovelAI', () => {
  const comment = { steps: 28, sampler: 'k_dpmpp_2s_ancestral', seed: 5, scale: 11, uc: 'lowres', width: 832, height: 1216, noise_schedule: 'native', sm: false }; // biome-ignore format: one thought
  const read = among({ Software: 'NovelAI', Description: 'a fox, {snow}', Comment: comment });
  expect(read?.request).toEqual({ prompt: 'a fox, {snow}', negativePrompt: 'lowres', steps: 28, cfgScale: 11, seed: 5, sampler: 'dpmpp_2s_a', schedule: 'automatic', width: 832, height: 1216 }); // biome-ignore format: one thought
  expect(read?.ignored).toEqual(['sm: False']);
});

it('JSON of no known program, and texts with nothing in them', () => {
  expect(() => among({ parameters: '{"a": 1}' })).toThrow('These are settings of a program that Easel does not know.');
  expect(among({ Comment: 'taken with a camera', prompt: 'not JSON', Software: 'NovelAI' })).toBeUndefined();
  expect(among({})).toBeUndefined();
  expect(readSettingsText('{"__proto__": {"steps": 5}, "constructor": 1}')).toBeUndefined();
});
