import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openDirectory } from '../../cli/directory';
import { SMALL_TILE } from '../../core/memory-need';
import { failure } from '../fixtures/failure';
import { packOf } from '../fixtures/onnx-pack';
import { packBytes } from '../layouts/onnx-pack';
import { chooseDevice } from '../runtime/device';
import { memoryFiles } from '../weights/memory-files';
import { loadModel } from './load';
import { decodeTiled } from './tiles';

function expectNear(actual: Float32Array, expected: Float32Array, within: number): void {
  expect(actual).toHaveLength(expected.length);
  expect(actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0)).toBeLessThan(within);
}

const folder = await openDirectory(join(import.meta.dirname, '../fixtures/sd15/model'));
const device = await chooseDevice('wasm', 2);
const FILES = await packOf(folder);
/** The model that the pack was made from. */
const own = await loadModel(folder, device);
afterAll(() => own.dispose());

const wave = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i));
const picture = wave(3 * 4096);

it('a pack with external data runs as the folder that it was made from', async () => {
  const pack = await loadModel(memoryFiles('pack', FILES), device);
  const { inputChannels, latentChannels, contextWidth, architecture, scheduler } = pack.info;
  expect({ inputChannels, latentChannels, contextWidth, architecture, scheduler }).toEqual({
    inputChannels: 4,
    latentChannels: 4,
    contextWidth: 32,
    architecture: { id: 'sd1', label: 'SD 1.x' },
    scheduler: own.info.scheduler,
  });
  const input = {
    sample: wave(2 * 4 * 64),
    batch: 2,
    height: 8,
    width: 8,
    timestep: 500,
    context: wave(2 * 77 * 32),
    tokens: 77,
  };
  expect(await pack.predict(input)).toEqual(await own.predict(input));
  expect(await pack.decode(wave(4 * 64), 8, 8)).toEqual(await own.decode(wave(4 * 64), 8, 8));
  expect((await pack.encode(picture, 64, 64)).mean).toEqual((await own.encode(picture, 64, 64)).mean);
  const ids = Int32Array.from({ length: 77 }, (_, i) => i);
  expect(Array.from((await pack.encodeText(ids)).hidden.subarray(64, 66))).toEqual([2, 2]);
  expect(pack.tokenizer.encode('a fox')).toEqual(own.tokenizer.encode('a fox'));
  expect(
    (
      await failure(
        pack.adapt({
          loras: [],
          embeddings: [
            { word: 'x', vectors: 1, keys: [], dict: { entries: new Map(), read: async () => new Uint8Array() } },
          ],
        }),
      )
    ).code,
  ).toBe('unsupported');
  await pack.dispose();
});

it('its latents are normalised as its autoencoder’s configuration says, both ways', async () => {
  const files = { ...FILES };
  // diffusers' StableDiffusionXLPipeline: z = latents * std / scaling_factor + mean; SD 1.x's own: latents / 0.18215.
  const [mean, std] = [[-1.5, 2, -1.25, 2.5], [8.5, 6, 6.5, 5.25]]; // biome-ignore format: a pair
  // A shift beside them moves every channel alike.
  const shift = 0.25;
  const config = (latents: object) => new TextEncoder().encode(JSON.stringify({ scaling_factor: 0.5, ...latents }));
  files['vae_decoder/config.json'] = config({ latents_mean: mean, latents_std: std, shift_factor: shift });
  const normalised = await loadModel(memoryFiles('pack', files), device);
  expect(normalised.info.latentFormat).toMatchObject({ scalingFactor: 0.5, latentsMean: mean, latentsStd: std });
  const latent = wave(4 * 64);
  const ofChannel = (i: number) => ({ scale: 0.5 / std[Math.floor(i / 64)], shift: shift + mean[Math.floor(i / 64)] });
  const inOwn = latent.map((z, i) => 0.18215 * (z / ofChannel(i).scale + ofChannel(i).shift));
  expectNear(await normalised.decode(latent, 8, 8), await own.decode(inOwn, 8, 8), 1e-4);
  const [encoded, plain] = [await normalised.encode(picture, 64, 64), await own.encode(picture, 64, 64)];
  expectNear(encoded.mean, plain.mean.map((m, i) => (m / 0.18215 - ofChannel(i).shift) * ofChannel(i).scale), 1e-4); // biome-ignore format: one thought
  expect(new Set(encoded.logvar)).toEqual(new Set([Number.NEGATIVE_INFINITY])); // this graph gives latents outright
  await normalised.dispose();
  files['vae_decoder/config.json'] = config({ latents_mean: [1, 2] });
  expect((await failure(loadModel(memoryFiles('pack', files), device))).message).toMatch(
    /vae_decoder\/config\.json.*latents_mean.*must have 4 entries/,
  );
});

it('where memory is short its parts take turns, as a checkpoint’s do, and large pictures are decoded in tiles', async () => {
  const files = memoryFiles('pack', FILES);
  const sparing = await loadModel(files, device, undefined, { memory: { plan: 'in-turn-tiled' } });
  expect(sparing.device).toMatchObject({ plan: 'in-turn-tiled', networks: { unet: packBytes(files).unet } }); // biome-ignore format: one thought
  const large = wave(4 * 41 * 40);
  const tiled = await decodeTiled((z, h, w) => own.decode(z, h, w), large, { height: 41, width: 40, side: SMALL_TILE });
  expectNear(await sparing.decode(large, 41, 40), tiled, 1e-5);
  await sparing.dispose();
});

it('without one of its graphs it is refused by that', async () => {
  const { 'vae_decoder/model.onnx': _, ...files } = FILES;
  expect((await failure(loadModel(memoryFiles('pack', files), device))).message).toMatch(/vae_decoder\/model\.onnx/);
});
