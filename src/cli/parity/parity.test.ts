import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseDevice } from '../../model/runtime/device';
import { openDirectory } from '../directory';
import { compareAll } from './compare';
import type { Comparison } from './expected';

// Outputs of diffusers and transformers on tiny random models (../shared/fixtures, whose README states the bars).
const files = await openDirectory(join(import.meta.dirname, '../../model/fixtures'));
const device = await chooseDevice('wasm', 2);

async function compare(path: string, only: RegExp): Promise<Comparison[]> {
  const results: Comparison[] = [];
  await compareAll(files, path, device, 1e-5, only, (result) => results.push(result));
  return results;
}

function expectParity(results: readonly Comparison[]): void {
  for (const result of results) {
    expect(result.kind).toBe('compared');
    if (result.kind === 'compared') expect(result.error, result.name).toBeLessThanOrEqual(result.tolerance);
  }
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
    const results = await compare('sd15/expected.safetensors', only);
    expect(results).toHaveLength(outputs);
    expectParity(results);
  });

  it('TAESD: encoder and decoder', async () => {
    const results = await compare('taesd/expected.safetensors', /^/);
    expect(results).toHaveLength(2);
    expectParity(results);
  });

  it('upscalers, of which one has its first names and one is a pickle', async () => {
    const results = await compare('upscalers/expected.safetensors', /^(rrdb_x4|rrdb_x2|compact_x2)$/);
    expect(results).toHaveLength(3);
    expectParity(results);
  });
});
