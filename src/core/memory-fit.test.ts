import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterFailure, afterSuccess, fitOf, type MemoryDevice, type MemoryRoom, memoryLimit } from './memory-fit';
import {
  MEMORY_PLANS,
  memoryNeed,
  type NetworkBytes,
  planBelow,
  planFor,
  smallerSize,
  WASM_BYTES,
} from './memory-need';

const GIB = 2 ** 30;
/** Parameters as diffusers and transformers count them, of which a decoder has 49,490,199. */
const inFloats = (text: number, unet: number, bytes: number): NetworkBytes => {
  return { text: text * bytes, unet: unet * bytes, decoder: 49_490_199 * bytes };
};
const SD15 = inFloats(123_060_480, 859_520_964, 2);
const SDXL = inFloats(123_060_480 + 694_659_840, 2_567_463_684, 2);
const SD15_CPU = inFloats(123_060_480, 859_520_964, 4);
const SMALL = { width: 512, height: 512 };
const LARGE = { width: 1024, height: 1024 };

const CARD: MemoryDevice = { provider: 'webgpu', precision: 'float16', binding: 2 * GIB };
const CPU: MemoryDevice = { provider: 'wasm', precision: 'float32' };
const PHONE: MemoryDevice = { ...CARD, binding: GIB / 4, deviceBytes: 8 * GIB };

describe('what painting takes', () => {
  it.each([
    ['SD 1.5', SD15, SMALL, CARD, 5.0],
    [
      'SD 1.5 with its VAE in float32',
      { ...SD15, decoder: 2 * SD15.decoder },
      SMALL,
      { ...CARD, exactDecoder: true },
      6.9,
    ],
    ['SDXL', SDXL, LARGE, CARD, 16.5],
  ] as const)('%s: within a tenth of what the card held when it was measured', (_, weights, size, on, gigabytes) => {
    expect(memoryNeed(weights, size, on).together / (gigabytes * 1e9)).toBeGreaterThan(0.9);
    expect(memoryNeed(weights, size, on).together / (gigabytes * 1e9)).toBeLessThan(1.1);
  });

  it('is less by each plan, and in turn no less than the largest part', () => {
    const side = fc.integer({ min: 4, max: 40 }).map((n) => 64 * n);
    const bytes = fc.integer({ min: 1, max: 8e9 });
    const weights = fc.record({ text: bytes, unet: bytes, decoder: bytes });
    fc.assert(
      fc.property(weights, side, side, fc.constantFrom(CARD, CPU, PHONE), (parts, width, height, on) => {
        const need = memoryNeed(parts, { width, height }, on);
        expect(need.together).toBeGreaterThan(need['in-turn']);
        expect(need['in-turn']).toBeGreaterThanOrEqual(need['in-turn-tiled']);
        expect(need['in-turn-tiled']).toBeGreaterThan(Math.max(parts.text, parts.unet, parts.decoder));
      }),
    );
  });

  it('grows by the decoder no further than a binding goes', () => {
    const need = (binding?: number) => memoryNeed(SD15, { width: 4096, height: 4096 }, { ...CARD, binding }).together;
    expect(need(2 * GIB)).toBeLessThan(need());
  });
});

describe('a device of which a limit is known', () => {
  const limited = (device: MemoryDevice): MemoryRoom => ({ limit: memoryLimit(device) });

  it('is the CPU, with what WebAssembly addresses, and a phone, whose graphics share its memory', () => {
    expect(memoryLimit(CPU)).toBe(WASM_BYTES);
    expect(memoryLimit({ ...CPU, deviceBytes: 2 * GIB })).toBe(2 * GIB);
    expect(memoryLimit(PHONE)).toBe(4 * GIB);
    expect(memoryLimit({ ...CARD, deviceBytes: 4 * GIB })).toBe(2 * GIB);
    expect(memoryLimit({ ...CARD, deviceBytes: 8 * GIB })).toBeUndefined();
  });

  it('holds SD 1.5 on the CPU in turn, large pictures of it at a smaller size; SDXL it does not', () => {
    const tight = { verdict: 'tight', plan: 'in-turn', bound: { bytes: WASM_BYTES, by: 'limit' } };
    expect(fitOf(SD15_CPU, SMALL, CPU, limited(CPU))).toMatchObject({ ...tight, size: SMALL });
    const smaller = { width: 512, height: 512 };
    expect(fitOf(SD15_CPU, { width: 768, height: 768 }, CPU, limited(CPU))).toMatchObject({ ...tight, size: smaller });
    const sdxl = inFloats(817_720_320, 2_567_463_684, 4);
    expect(fitOf(sdxl, LARGE, CPU, limited(CPU))).toMatchObject({ verdict: 'does-not-fit', size: LARGE });
  });

  it('holds SD 1.5 on a phone of 8 GB in turn', () => {
    expect(fitOf(SD15, SMALL, PHONE, limited(PHONE))).toMatchObject({ verdict: 'tight', plan: 'in-turn', size: SMALL });
  });
});

describe('a card whose memory the browser does not tell', () => {
  it('may hold anything, until something ran or failed', () => {
    expect(fitOf(SD15, SMALL, CARD, {})).toMatchObject({ verdict: 'unknown', plan: 'together', bound: undefined });
    expect(fitOf(SD15, SMALL, CARD, { held: 6e9 })).toMatchObject({ verdict: 'fits', plan: 'together' });
    expect(fitOf(SDXL, LARGE, CARD, { held: 6e9 })).toMatchObject({ verdict: 'unknown' });
    // Together SD 1.5 takes 5.0 GB, in turn 2.8.
    const failed = fitOf(SD15, SMALL, CARD, { failed: 4.9e9 });
    expect(failed).toMatchObject({ verdict: 'unknown', plan: 'in-turn', bound: { by: 'failed' } });
    expect(fitOf(SD15, SMALL, CARD, { failed: 4e9, held: 3e9 })).toMatchObject({ verdict: 'tight', plan: 'in-turn' });
    expect(fitOf(SDXL, LARGE, CARD, { failed: 5e9 })).toMatchObject({ verdict: 'does-not-fit', size: LARGE });
  });

  it('is known a little better after each try', () => {
    expect(afterSuccess({}, 5e9)).toEqual({ held: 5e9 });
    expect(afterFailure({ held: 3e9 }, 5e9)).toEqual({ held: 3e9, failed: 5e9 });
    // What was short for a while only.
    expect(afterSuccess({ failed: 5e9 }, 5e9)).toEqual({ held: 5e9 });
    expect(afterFailure({ held: 6e9 }, 5e9)).toEqual({ failed: 5e9 });
    expect(afterFailure({ failed: 4e9 }, 5e9)).toEqual({ failed: 4e9 });
  });
});

describe('what takes less', () => {
  it('is nothing where the parts that took turns would be no burden: a small model, a picture beyond all plans', () => {
    const starter = inFloats(2.41e6, 16.05e6, 4);
    expect(planFor({ ...starter, decoder: 10e6 }, { width: 2048, height: 2048 }, CPU, {})).toBe('together');
    expect(planFor(SD15_CPU, LARGE, CPU, {})).toBe('in-turn-tiled');
  });

  it('is the fastest plan below what failed, if any', () => {
    const need = memoryNeed(SD15, SMALL, CARD);
    for (const [at, plan] of MEMORY_PLANS.entries()) {
      const next = planBelow(need, need[plan]);
      if (next) expect(MEMORY_PLANS.indexOf(next)).toBeGreaterThan(at);
    }
    expect(planBelow(need, need['in-turn-tiled'])).toBeUndefined();
  });

  it('is a picture of half the pixels and about the same shape, down to 256 a side', () => {
    expect(smallerSize(LARGE)).toEqual({ width: 704, height: 704 });
    expect(smallerSize({ width: 768, height: 512 })).toEqual({ width: 512, height: 320 });
    expect(smallerSize({ width: 320, height: 320 })).toBeUndefined();
  });
});
