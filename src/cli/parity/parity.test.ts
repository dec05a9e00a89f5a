import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseDevice } from '../../model/runtime/device';
import type { ModelFiles } from '../../model/types';
import { memoryFiles } from '../../model/weights/memory-files';
import { openDirectory } from '../directory';
import { compareAll, compareTree } from './compare';
import type { Comparison } from './expected';

// Outputs of diffusers and transformers on tiny random models (../shared/fixtures/sd15, whose README states the bars).
const files = await openDirectory(join(import.meta.dirname, '../../model/fixtures/sd15'));
const device = await chooseDevice('wasm', 2);

async function compare(only: RegExp): Promise<Comparison[]> {
  const results: Comparison[] = [];
  await compareAll(files, 'expected.safetensors', device, 1e-5, only, (result) => results.push(result));
  return results;
}

describe('parity with diffusers, float32 on wasm', () => {
  it.each([
    ['UNet: a batch of two, a tall picture, sides that do not divide by 8 at a fractional timestep', /^unet\.\d$/, 3],
    ['text encoder: last, penultimate and pooled output of four prompts', /^text\.\d$/, 12],
    ['autoencoder: posterior and decoder, two sizes', /^vae\.\d$/, 6],
    ['DDIM: plain, without guidance, odd size, eta 1', /^txt2img\.ddim/, 23],
    ['Euler and Euler a', /^txt2img\.euler/, 14],
    ['DPM++ 2M, also with Karras sigmas', /^txt2img\.dpmpp_2m/, 14],
  ])('%s', async (_, only, outputs) => {
    const results = await compare(only);
    expect(results).toHaveLength(outputs);
    for (const result of results) {
      expect(result.kind).toBe('compared');
      if (result.kind === 'compared') expect(result.error, result.name).toBeLessThanOrEqual(result.tolerance);
    }
  });
});

describe('what the comparison would notice', () => {
  /** The fixture with one number of the text tower's configuration changed. */
  const changed = (name: string, value: number): ModelFiles => ({
    ...files,
    async read(path, start, end) {
      const bytes = await files.read(path, start, end);
      if (path !== 'model/text_encoder/config.json') return bytes;
      return new TextEncoder().encode(
        JSON.stringify({ ...JSON.parse(new TextDecoder().decode(bytes)), [name]: value }),
      );
    },
  });

  it.each([
    ['another number of heads', 'num_attention_heads', 4, 1e-2],
    ['another epsilon in every layer norm', 'layer_norm_eps', 1e-3, 1e-4],
  ])('%s', async (_, name, value, least) => {
    const results: Comparison[] = [];
    await compareAll(changed(name, value), 'expected.safetensors', device, 1e-5, /^text\.0$/, (r) => results.push(r));
    expect(results).toHaveLength(3);
    for (const result of results) expect(result.kind === 'compared' && result.error).toBeGreaterThan(least);
  });

  it('a folder without reference outputs, and a pattern that is none', async () => {
    const tell = () => undefined;
    await expect(compareTree(memoryFiles('empty', {}), device, '', tell)).rejects.toThrow('no expected.safetensors');
    await expect(compareTree(files, device, '(', tell)).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('networks that are not there are accounted for, not passed over', async () => {
    const results = await compare(/^unet[89]\.0$/);
    expect(results.map(({ name, kind }) => [name, kind])).toEqual([
      ['unet8.0.out', 'not-yet'],
      ['unet9.0.out', 'not-yet'],
    ]);
  });
});
