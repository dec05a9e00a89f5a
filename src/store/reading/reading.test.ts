import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { decode, encode } from 'fast-png';
import { expect, it } from 'vitest';
import { onlyPixels, withText } from '../../core/image/png-chunks';
import { inflate } from './inflate';
import { readSettings } from './read-settings';

const PICTURE = encode({ width: 2, height: 1, channels: 4, data: Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 0) });

it('unpacks up to a limit', async () => {
  const packed = new Uint8Array(deflateSync(new Uint8Array(1000)));
  expect(await inflate(packed, 1000)).toEqual(new Uint8Array(1000));
  expect(await inflate(packed, 999)).toBeUndefined();
  await expect(inflate(Uint8Array.of(1, 2, 3), 10)).rejects.toThrow();
});

it('reads the settings in a file, and tells where there are none', async () => {
  const text = 'a fox\nSteps: 3, Sampler: Euler a, Seed: 1';
  const read = await readSettings(new Blob([withText(PICTURE, 'parameters', text)]));
  expect(read?.request).toMatchObject({ prompt: 'a fox', steps: 3, sampler: 'euler_a' });
  expect(await readSettings(new Blob([PICTURE as Uint8Array<ArrayBuffer>]))).toBeUndefined();
});

it.each([
  ['adaptive.png', { sampler: 'dpm_adaptive', width: 128 }],
  [
    'comfyui.png',
    { prompt: 'a fox', negativePrompt: 'bad', seed: 5, cfgScale: 8, sampler: 'euler', schedule: 'normal' },
  ],
  ['fooocus.png', { prompt: 'a fox', negativePrompt: 'bad', steps: 30, sampler: 'dpmpp_2m_sde' }],
  ['novelai.png', { prompt: 'a fox, {snow}', negativePrompt: 'lowres', cfgScale: 11, sampler: 'euler_a' }],
  ['text-utf8.png', { prompt: 'ein Fuchs für 猫 🦊, (snow:1.2)' }],
  ['usercomment.jpg', { prompt: 'a fox, (snow:1.2)', negativePrompt: 'blurry,\nlow quality', steps: 7 }],
  ['usercomment.png', undefined],
])('reads the settings of %s (wild 27, ux 26)', async (name, request) => {
  const bytes = readFileSync(new URL(`./fixtures/${name}`, import.meta.url));
  const read = await readSettings(new Blob([bytes]));
  if (request) expect(read?.request).toMatchObject(request);
  else expect(read).toBeUndefined();
});

it('reads a text file, and none that is too long', async () => {
  const text = 'a fox\nSteps: 3, Sampler: Euler a, Seed: 1';
  expect((await readSettings(new Blob([text], { type: 'text/plain' })))?.request.steps).toBe(3);
  expect(await readSettings(new Blob([' '.repeat(1e7), text], { type: 'text/plain' }))).toBeUndefined();
});

it('leaves of a PNG its pixels alone, hidden colours included', async () => {
  const bare = await onlyPixels(withText(PICTURE, 'parameters', 'x'), inflate);
  expect(Buffer.from(bare ?? []).includes('parameters')).toBe(false);
  expect([...decode(bare ?? PICTURE).data]).toEqual([1, 2, 3, 255, 4, 5, 6, 0]);
  const opaque = encode({ width: 1, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3) });
  expect(await onlyPixels(opaque, inflate)).toBeUndefined();
});

it('leaves a PNG alone that holds more pixels than its sides tell', async () => {
  const tall = encode({ width: 2, height: 100, channels: 4, data: new Uint8Array(800) });
  tall[8 + 8 + 4 + 3] = 1; // the header's height
  expect(await onlyPixels(tall, inflate)).toBeUndefined();
});
