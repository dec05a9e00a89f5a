import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { readTexts } from '../core/image/png-chunks';
import { failure } from '../model/fixtures/failure';
import { randomTensor, safetensorsFile } from '../model/fixtures/random-model';
import { createEngine } from './engine';
import { bytesOf } from './fixtures/tiny-folder';
import type { EngineEvent, UpscaleRequest } from './protocol';

const NETWORK = { name: 'compact_x2.pth', file: new Blob([bytesOf('upscalers/compact_x2.pth')]) };
const picture = { width: 4, height: 3, data: new Uint8ClampedArray(48).fill(255) };
const TEXTS = { parameters: 'a fox\nSteps: 20', postprocessing: 'Postprocess upscale by: 2' };

async function upscaled(upscaler: UpscaleRequest['upscaler'], given = picture) {
  const events: EngineEvent[] = [];
  const request = { picture: given, upscaler, to: { width: 8, height: 6 }, texts: TEXTS };
  const { png } = await createEngine().upscale([request], (event) => events.push(event));
  return { bytes: new Uint8Array(await png.arrayBuffer()), events };
}

it('a picture comes back larger by a network, with its texts; no model need be open', async () => {
  const { bytes, events } = await upscaled(NETWORK);
  expect(decode(bytes)).toMatchObject({ width: 8, height: 6, channels: 3 });
  const texts = await readTexts(bytes, Object.keys(TEXTS), async () => undefined);
  expect(Object.fromEntries(texts)).toEqual(TEXTS);
  expect(events.map(({ type }) => type)).toEqual(['stage', 'step']);
  expect(events[1]).toMatchObject({ step: 1, of: 1 });
});

it('a picture of one pixel becomes larger, by a filter and by a network', async () => {
  const single = { width: 1, height: 1, data: new Uint8ClampedArray(4).fill(255) };
  for (const upscaler of ['nearest', 'lanczos', NETWORK] as const)
    expect(decode((await upscaled(upscaler, single)).bytes)).toMatchObject({ width: 8, height: 6 });
});

it('a filter keeps what is transparent', async () => {
  const half = { ...picture, data: picture.data.map((byte, i) => (i % 4 === 3 && i < 24 ? 0 : byte)) };
  const { bytes } = await upscaled('nearest', half);
  const { data, channels } = decode(bytes);
  expect([channels, data[3], data[data.length - 1]]).toEqual([4, 0, 255]);
});

it('what is no picture, upscaler or size is refused by name', async () => {
  const call = (change: object) =>
    createEngine().upscale([{ picture, upscaler: 'lanczos', to: { width: 8, height: 6 }, texts: {}, ...change } as never], () => {}); // biome-ignore format: one call
  expect((await failure(call({ upscaler: 'ultra' }))).message).toContain('upscaler');
  expect((await failure(call({ to: { width: 0, height: 6 } }))).message).toContain('size');
  expect((await failure(call({ to: { width: 9000, height: 6 } }))).message).toContain('8192');
  expect((await failure(call({ picture: { ...picture, width: 5 } }))).message).toContain('picture');
  const lora = { name: 'x.safetensors', file: new Blob([bytesOf('sd15/lora_peft.safetensors')]) };
  expect((await failure(call({ upscaler: lora }))).message).toMatch(/x\.safetensors is a LoRA, not an upscaler/);
  const tensors = new Map([['controlnet_cond_embedding.conv_in.weight', randomTensor(1, [16, 3, 3, 3])]]);
  const control = { name: 'canny.safetensors', file: new Blob([safetensorsFile(tensors) as Uint8Array<ArrayBuffer>]) };
  expect((await failure(call({ upscaler: control }))).message).toMatch('canny.safetensors is a ControlNet');
});
