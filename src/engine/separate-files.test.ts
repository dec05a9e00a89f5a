import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { beforeAll, expect, it } from 'vitest';
import { DEFAULT_REQUEST, type GenerationRequest } from '../core/request/request';
import { checkpointOf, separateVae } from '../model/fixtures/checkpoints';
import { originalTaesdHalf } from '../model/fixtures/original-names';
import { randomTensor, rawTensors, safetensorsFile } from '../model/fixtures/random-model';
import { createEngine } from './engine';
import { bytesOf, fixtureFile, tinyFolder } from './fixtures/tiny-folder';
import type { AttachKind, EngineEvent, LoadRequest, NamedFile, PreviewImage } from './protocol';

const named = (name: string, bytes: Uint8Array): NamedFile => ({
  name,
  file: new Blob([bytes as Uint8Array<ArrayBuffer>]),
});
const VAE = named('vae.safetensors', safetensorsFile(separateVae(4)));
const TAESD_PATH = 'taesd/model/diffusion_pytorch_model.safetensors';
const TAESD = fixtureFile('taesd.safetensors', TAESD_PATH);
const taesdHalf = async (half: 'encoder' | 'decoder') =>
  named(`taesd_${half}.safetensors`, safetensorsFile(originalTaesdHalf(half, await rawTensors(bytesOf(TAESD_PATH)))));
const checkpoint = (family: Parameters<typeof checkpointOf>[0]) => named('m.safetensors', safetensorsFile(checkpointOf(family).file)); // biome-ignore format: one thought

const tiny: GenerationRequest = {
  ...DEFAULT_REQUEST,
  prompt: 'a fox',
  sampler: 'euler',
  steps: 2,
  width: 64,
  height: 64,
  seed: 5,
};

/** One engine for all tests; all but the last leave it with the tiny model and its own VAE. */
const engine = createEngine();
const load = (request: Partial<LoadRequest> = {}) =>
  engine.load([{ source: tinyFolder(), device: 'wasm', vocabulary: 'models/clip/', ...request }], () => undefined);
const attach = (kind: AttachKind, ...files: NamedFile[]) => engine.attach([kind, files], () => undefined);
const attachVae = (...file: NamedFile[]) => attach('vae', ...file);
async function painted(): Promise<{ pixels: number[]; previews: PreviewImage[]; parameters: string }> {
  const events: EngineEvent[] = [];
  await engine.generate([tiny], (event) => events.push(event));
  const picture = events.find((event) => event.type === 'picture');
  if (picture?.type !== 'picture') throw new Error('no picture');
  const { data } = decode(new Uint8Array(await picture.picture.png.arrayBuffer()));
  const previews = events.filter((event) => event.type === 'preview').map(({ image }) => image);
  return { pixels: [...data], previews, parameters: picture.picture.parameters };
}

beforeAll(async () => void (await load()));

it('tells files apart by their headers', async () => {
  const identify = (file: NamedFile) => engine.identify([file], () => undefined);
  expect(await identify(VAE)).toEqual({ kind: 'vae' });
  expect(await identify(TAESD)).toEqual({ kind: 'tiny-vae' });
  expect(await identify(await taesdHalf('decoder'))).toEqual({ kind: 'tiny-decoder' });
  await expect(identify(await taesdHalf('encoder'))).rejects.toThrow(/encoder alone/);
  expect(await identify(fixtureFile('lora.safetensors', 'sd15/lora_peft.safetensors'))).toEqual({
    kind: 'lora',
    triggerWords: [],
  });
  const inversion = fixtureFile('ti_a1111.safetensors', 'sd15/ti_a1111.safetensors');
  expect(await identify(inversion)).toEqual({ kind: 'embedding', word: 'ti_a1111' });
  // What it takes in memory is told of its shape: `memory-need`'s to test.
  const model = { kind: 'model', hasVae: true, shape: expect.any(Object) } as const;
  const epsilon = { predictionType: 'epsilon', predictionKnown: true } as const;
  expect(await identify(checkpoint('sd1'))).toEqual({
    ...model,
    ...epsilon,
    architecture: { id: 'sd1', label: 'SD 1.x' },
  });
  const sd2 = {
    ...model,
    architecture: { id: 'sd2', label: 'SD 2.x' },
    predictionType: 'v_prediction',
    predictionKnown: false,
    asksPrediction: true,
  };
  expect(await identify(checkpoint('sd2'))).toEqual(sd2);
  const { file } = checkpointOf('sdxl');
  for (const key of file.keys()) if (key.startsWith('first_stage_model.')) file.delete(key);
  file.set('v_pred', randomTensor(1, []));
  const bare = {
    ...model,
    architecture: { id: 'sdxl', label: 'SDXL' },
    hasVae: false,
    predictionType: 'v_prediction',
    predictionKnown: true,
  };
  expect(await identify(named('x.safetensors', safetensorsFile(file)))).toEqual(bare);
});

it('refuses to identify pickles of code and damaged files, saying what to do', async () => {
  const identify = (name: string, bytes: BlobPart) =>
    engine.identify([{ name, file: new Blob([bytes]) }], () => undefined);
  const code = readFileSync(join(import.meta.dirname, '../model/fixtures/pickles/code.ckpt'));
  await expect(identify('old.ckpt', code)).rejects.toThrow(/"posix\.system".*could run code.*as \.safetensors/);
  await expect(identify('x.safetensors', 'x')).rejects.toMatchObject({ code: 'corrupt' });
});

it('a separate VAE decodes the picture, and the model’s own again afterwards, bit for bit', async () => {
  const { pixels: own } = await painted();
  await attachVae(TAESD);
  const { pixels: tinyPixels } = await painted();
  expect(tinyPixels).not.toEqual(own);
  await attachVae(VAE);
  const { pixels: other } = await painted();
  expect(other).not.toEqual(own);
  expect(other).not.toEqual(tinyPixels);
  await attachVae();
  expect((await painted()).pixels).toEqual(own);
  // One for other latents is refused, and the one before stays.
  await attachVae(TAESD);
  const small = named('small.safetensors', safetensorsFile(separateVae(2)));
  await expect(attachVae(small)).rejects.toThrow(/latents 2x.*own 8x/);
  expect((await painted()).pixels).toEqual(tinyPixels);
  await attachVae();
});

it('a picture says the file whose autoencoder decoded it, and its hash once it is told', async () => {
  const said = async () => /VAE hash: \w+, |VAE: [^,]+/g[Symbol.match]((await painted()).parameters);
  expect(await said()).toBeNull();
  await attachVae(VAE);
  expect(await said()).toEqual(['VAE: vae.safetensors']);
  const vaes = [['taesd', '1'.repeat(64)], ['vae', '2'.repeat(64)]] as const; // biome-ignore format: one thought
  await engine.tellHashes([{ loras: [], embeddings: [], vaes }], () => undefined);
  expect(await said()).toEqual(['VAE hash: 2222222222, ', 'VAE: vae.safetensors']);
  await attachVae(TAESD);
  expect(await said()).toEqual(['VAE hash: 1111111111, ', 'VAE: taesd.safetensors']);
  // One that is refused leaves the one before, also in words.
  await expect(attachVae(named('small.safetensors', safetensorsFile(separateVae(2))))).rejects.toThrow(/latents 2x/);
  expect(await said()).toContain('VAE: taesd.safetensors');
  await attachVae();
  // What decodes the previews is none of the picture's.
  await attach('preview-decoder', TAESD);
  expect(await said()).toBeNull();
  await attach('preview-decoder');
});

it('TAESD decodes previews at full size; the picture stays as it is', async () => {
  const plain = await painted();
  expect(plain.previews.map(({ width }) => width)).toEqual([8, 8]);
  await attach('preview-decoder', TAESD);
  const sharp = await painted();
  expect(sharp.previews.map(({ width, height, rgba }) => [width, height, rgba.length])).toEqual([
    [64, 64, 16384],
    [64, 64, 16384],
  ]);
  expect(sharp.pixels).toEqual(plain.pixels);
  // After the last step, the preview is what TAESD would make of the final latent.
  await attachVae(TAESD);
  const { pixels } = await painted();
  const last = sharp.previews[1].rgba.filter((_, i) => i % 4 < 3);
  expect([...last]).toEqual(pixels);
  // Its author's file of the decoder alone holds the same layers under numbers; painting from a picture needs more.
  await attach('preview-decoder', await taesdHalf('decoder'));
  await attachVae(await taesdHalf('decoder'));
  const numbered = await painted();
  expect([...numbered.previews[1].rgba]).toEqual([...sharp.previews[1].rgba]);
  expect(numbered.pixels).toEqual(pixels);
  await attach('preview-decoder');
  expect((await painted()).previews[0].width).toBe(8);
  await attachVae();
});

it('an embedding for another family does not stand in the way until a prompt names it', async () => {
  const { pixels } = await painted();
  const tensors = new Map([['emb_params', randomTensor(1, [2, 768])]]);
  await attach('adapter', named('wide.safetensors', safetensorsFile(tensors)));
  expect((await painted()).pixels).toEqual(pixels);
  const asked = { ...tiny, negativePrompt: 'Wide' };
  await expect(engine.generate([asked], () => undefined)).rejects.toThrow(/width 768/);
});

it('a model is opened with a separate VAE in the place of its own, or where it has none', async () => {
  const { pixels: own } = await painted();
  const { info } = await load({ vae: TAESD });
  expect(info.hasVae).toBe(true);
  const { pixels, parameters } = await painted();
  expect(pixels).not.toEqual(own);
  expect(parameters).toContain('VAE: taesd.safetensors');
  await attachVae();
  expect((await painted()).pixels).toEqual(own);
  const vaeless = tinyFolder({
    'vae/config.json': undefined,
    'vae/diffusion_pytorch_model.safetensors': undefined,
  });
  const { info: bare } = await load({ source: vaeless, vae: TAESD });
  expect(bare.hasVae).toBe(false);
  expect((await painted()).pixels).toEqual(pixels);
  await expect(load({ source: vaeless })).rejects.toThrow(/vae\/config\.json/);
});
