import { expect, it } from 'vitest';
import { fitOf } from '../core/memory-fit';
import { WASM_BYTES } from '../core/memory-need';
import { CATALOGUE, firstChoice } from './catalogue';
import { readAddress } from './sources/address';

it('names each entry once, by an address that could be typed, with a licence and what it is good at', () => {
  expect(new Set(CATALOGUE.map(({ id }) => id)).size).toBe(CATALOGUE.length);
  for (const { address, licence, goodAt, kind, prompt, steps, shape, goesWith } of CATALOGUE) {
    const { repository, path } = address;
    const typed = path ? `https://huggingface.co/${repository}/blob/main/${path}` : repository;
    expect(readAddress(typed)).toEqual(address);
    if (path) expect(path).toMatch(/\.safetensors$/);
    expect(licence).not.toBe('');
    expect(goodAt).toMatch(/^[A-Z].*\.$/);
    if (kind === 'model') expect([prompt, steps, shape]).not.toContain(undefined);
    else if (kind === 'upscaler') expect(goesWith).toBeUndefined();
    else expect(CATALOGUE.find(({ id }) => id === goesWith)?.kind).toBe('model');
  }
});

it('begins with the first model that fits, else the first that may', () => {
  const [first, second] = CATALOGUE;
  expect(firstChoice(() => 'unknown')).toBe(first);
  expect(firstChoice((entry) => (entry === second ? 'fits' : 'unknown'))).toBe(second);
  expect(firstChoice((entry) => (entry === first ? 'does-not-fit' : 'tight'))).toBe(second);
  expect(firstChoice(() => 'does-not-fit')).toBeUndefined();
  expect(firstChoice(() => undefined)).toBeUndefined();
});

it('has models for every device: a small one that fits the CPU whole, one that may fit a card', () => {
  const on = (provider: 'wasm' | 'webgpu', bytes: number) =>
    CATALOGUE.flatMap(({ id, shape }) => {
      if (!shape) return [];
      const { text, unet, decoder } = shape.parameters;
      const weights = { text: bytes * text, unet: bytes * unet, decoder: bytes * decoder };
      const precision = bytes === 2 ? 'float16' : 'float32';
      const room = provider === 'wasm' ? { limit: WASM_BYTES } : {};
      const size = { width: shape.side, height: shape.side };
      return [[id, fitOf(weights, size, { provider, precision }, room).verdict]];
    });
  expect(Object.fromEntries(on('wasm', 4))).toMatchObject({
    'bk-sdm-tiny': 'fits',
    'dreamshaper-8-lcm': 'tight',
    'stable-diffusion-xl-base-1.0': 'does-not-fit',
  });
  expect(new Set(on('webgpu', 2).map(([, verdict]) => verdict))).toEqual(new Set(['unknown']));
});
