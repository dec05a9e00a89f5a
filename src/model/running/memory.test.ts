import { describe, expect, it } from 'vitest';
import { said, spoken } from '../../core/errors';
import { memoryNeed, planFor } from '../../core/memory-need';
import { failure } from '../fixtures/failure';
import { buildClipText } from '../graph/clip-text';
import { parseClipTextConfig, parseUnetConfig } from '../graph/config';
import type { Dialect } from '../graph/types';
import { buildUnet } from '../graph/unet';
import type { ChosenDevice, MemoryLimits } from '../runtime/device';
import type { Precision } from '../weights/dtypes';
import { bytesOf, convolutionPrecision, networkBytes, refuseTooLarge, withMemoryPlan } from './memory';

const GIB = 2 ** 30;

function card(precision: Precision, limits: Partial<MemoryLimits> = {}): ChosenDevice {
  const report = { provider: 'webgpu', precision, name: 'card', threads: 2, reason: said`It is there.` } as const;
  return { report, limits: { maxBufferSize: 2 * GIB, maxStorageBufferBindingSize: 2 * GIB, ...limits } };
}
const CPU: ChosenDevice = {
  report: { provider: 'wasm', precision: 'float32', name: '2 threads', threads: 2, reason: said`No card.` },
};

/** SD 1.5's UNet and text tower by their config.json. */
function sd15(dialect: Dialect) {
  const tower = { hidden_size: 768, intermediate_size: 3072, num_hidden_layers: 12, num_attention_heads: 12 };
  const [down, up] = ['CrossAttnDownBlock2D', 'CrossAttnUpBlock2D'];
  const types = {
    down_block_types: [down, down, down, 'DownBlock2D'],
    up_block_types: ['UpBlock2D', up, up, up],
  };
  const unet = {
    ...types,
    block_out_channels: [320, 640, 1280, 1280],
    cross_attention_dim: 768,
    attention_head_dim: 8,
  };
  return [buildUnet(parseUnetConfig(unet), dialect), buildClipText(parseClipTextConfig(tower), dialect)];
}
const bytes = (precision: Precision, convolutions: Precision) =>
  bytesOf(sd15({ operators: 'webgpu', precision, convolutions }));

describe('what SD 1.5 takes', () => {
  // 859,520,964 and 123,060,480 parameters, as diffusers and transformers count them.
  const parameters = 859_520_964 + 123_060_480;

  it('is its parameters, and 1.13 GB more where convolutions run in float32', () => {
    const half = bytes('float16', 'float16');
    expect(half / (2 * parameters)).toBeCloseTo(1, 3);
    expect(bytes('float32', 'float32') / (4 * parameters)).toBeCloseTo(1, 3);
    const more = bytes('float16', 'float32') - half;
    expect(more).toBeCloseTo(1.129e9, -7);
  });
});

describe('convolutions in float32', () => {
  it.each([
    ['SD 1.5 on a card', card('float16'), 3 * GIB, 'float32'],
    ['SDXL, which is too large', card('float16'), 7 * GIB, 'float16'],
    ['a phone, whose buffers are small', card('float16', { maxBufferSize: GIB / 4 }), GIB, 'float16'],
    ['a card without 16-bit floats', card('float32', { maxBufferSize: GIB / 4 }), 7 * GIB, 'float32'],
    ['the CPU', CPU, 7 * GIB, 'float32'],
  ] as const)('%s', (_, device, weightBytes, precision) => {
    expect(convolutionPrecision(device, weightBytes)).toBe(precision);
  });

  it('are told of in the report where there is a choice', () => {
    expect(withMemoryPlan(card('float16'), 'float32', 5, 'float32').report).toMatchObject({
      convolutions: 'float32',
      weightBytes: 5,
      exactDecoder: true,
      reason: said`${said`It is there.`} ${said`Convolutions run in 32-bit floats, which is more exact.`}`,
    });
    expect(spoken(withMemoryPlan(card('float16'), 'float16', 5, 'float16').report.reason)).toMatch(/16-bit floats too/);
    expect(withMemoryPlan(CPU, 'float32', 5, 'float32').report.reason).toEqual(said`No card.`);
  });
});

describe('the plan for a picture', () => {
  const [unet, tower] = sd15({ operators: 'webgpu', precision: 'float16' });
  const weights = networkBytes([tower, unet], tower);
  const on = card('float16').report;
  const SMALL = { width: 512, height: 512 };
  const need = memoryNeed(weights, SMALL, on);

  it('is to hold all networks together, where nothing says that it is too much', () => {
    expect(planFor(weights, SMALL, on, {})).toBe('together');
    expect(planFor(weights, SMALL, on, { short: need.together + 1 })).toBe('together');
  });

  it('is the next one after what is too much, at that size only; the last where all are', () => {
    expect(planFor(weights, SMALL, on, { short: need.together })).toBe('in-turn');
    expect(planFor(weights, { width: 256, height: 256 }, on, { short: need.together })).toBe('together');
    expect(planFor(weights, SMALL, on, { short: 1 })).toBe('in-turn-tiled');
  });

  it('is none before the one that this model is known to need', () => {
    expect(planFor(weights, SMALL, on, { plan: 'in-turn' })).toBe('in-turn');
    expect(planFor(weights, SMALL, on, { plan: 'in-turn', short: 1 })).toBe('in-turn-tiled');
  });

  it('keeps to what WebAssembly addresses on the CPU', () => {
    const [whole, text] = sd15({ operators: 'plain', precision: 'float32' });
    expect(planFor(networkBytes([text, whole], text), { width: 320, height: 320 }, CPU.report, {})).toBe('in-turn');
  });
});

describe('a model that a device cannot hold', () => {
  const graphs = sd15({ operators: 'webgpu', precision: 'float16' });
  const refused = (device: ChosenDevice, these = graphs) =>
    failure((async () => refuseTooLarge('sd15', these, device))());

  it('is named with the tensor that no buffer, or no binding, can take', async () => {
    for (const limit of ['maxBufferSize', 'maxStorageBufferBindingSize']) {
      const error = await refused(card('float16', { [limit]: 64 * 2 ** 20 }));
      expect(error.code).toBe('out-of-memory');
      expect(error.message).toMatch(
        /^"text_model\.embeddings\.token_embedding\.weight" of sd15 takes 73 MiB in float16; .* bind 64 MiB/,
      );
    }
    expect(() => refuseTooLarge('sd15', graphs, card('float16'))).not.toThrow();
  });

  it('is named with its size on the CPU', async () => {
    const whole = sd15({ operators: 'plain', precision: 'float32' });
    // Too large together, they take turns.
    expect(() => refuseTooLarge('sd15', [...whole, ...whole], CPU)).not.toThrow();
    const [unet] = whole;
    const error = await refused(CPU, [{ ...unet, files: [...unet.files, ...unet.files] }]);
    expect(error.code).toBe('out-of-memory');
    expect(error.message).toMatch(/^The unet of sd15 has 6\.4 GiB of weights in 32-bit floats.* CPU can hold 3\.8 GiB/);
  });
});
