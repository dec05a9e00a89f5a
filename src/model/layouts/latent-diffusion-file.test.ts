import { describe, expect, it } from 'vitest';
import { relativeError } from '../../cli/parity/expected';
import { linearBetas, scaledLinearBetas } from '../../core/diffusion/noise-schedules';
import { spoken } from '../../core/errors';
import type { Picture } from '../../core/image/picture';
import { seededNormal } from '../../core/random';
import { parseRequest } from '../../core/request/request';
import { paint } from '../../pipeline/generate';
import { failure } from '../fixtures/failure';
import { publishedUnet } from '../fixtures/guided-diffusion';
import { original, originalVaeModules } from '../fixtures/original-names';
import { asPublished } from '../fixtures/published-names';
import { type RawTensor, randomTensors, safetensorsFile } from '../fixtures/random-model';
import { PLAIN } from '../fixtures/theory-models';
import { buildAutoencoder } from '../graph/autoencoder';
import { type KlConfig, parseAutoencoderConfig } from '../graph/autoencoder-config';
import * as f64 from '../graph/float64';
import { buildUnet2d } from '../graph/unet2d';
import { parseUnet2dConfig } from '../graph/unet2d-config';
import { identifyFile } from '../parts/index';
import { loadModel } from '../running/load';
import { openCheckpoint } from '../running/open-checkpoint';
import { chooseDevice } from '../runtime/device';
import { decodeFloats } from '../weights/dtypes';
import { memoryFiles } from '../weights/memory-files';

const CLASSES = 5;
const VQ = {
  _class_name: 'VQModel',
  block_out_channels: [32, 32],
  down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
  up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
  latent_channels: 3,
  num_vq_embeddings: 16,
};

/** Of the UNet alone, in the public code's names. */
function unetTensors(inChannels: number): Map<string, RawTensor> {
  const stated = {
    block_out_channels: [32, 64],
    layers_per_block: 1,
    down_block_types: ['DownBlock2D', 'AttnDownBlock2D'],
    up_block_types: ['AttnUpBlock2D', 'UpBlock2D'],
    attention_head_dim: 32,
    in_channels: inChannels,
  };
  const tensors = randomTensors([buildUnet2d(parseUnet2dConfig(stated), PLAIN)]);
  return asPublished(tensors, { layers: 1, headWidth: 32 });
}

/** A file as latent diffusion's code saves it. @param beside what is not of its UNet or autoencoder */
function fileOf(inChannels: number, beside: Readonly<Record<string, RawTensor>> = {}): Record<string, Uint8Array> {
  const config = parseAutoencoderConfig(VQ) as KlConfig;
  const { decoder, encoder } = buildAutoencoder(config, PLAIN);
  const modules = new Map([...originalVaeModules(config), ['quantize.embedding', 'quantize.embedding']]);
  const vae = original(randomTensors([decoder, encoder]), modules, 'first_stage_model.');
  const unet = Array.from(
    unetTensors(inChannels),
    ([key, tensor]) => [`model.diffusion_model.${key}`, tensor] as const,
  );
  return { 'm.safetensors': safetensorsFile(new Map([...unet, ...vae, ...Object.entries(beside)])) };
}

const floats = (values: ArrayLike<number>): RawTensor => ({ dtype: 'F32', shape: [values.length], bytes: new Uint8Array(Float32Array.from(values).buffer) }); // biome-ignore format: one line
// So strong that the few entries of a random codebook tell pictures apart.
const MAPPER = { ...floats(Float32Array.from(seededNormal(9)(3 * CLASSES), (value) => 20 * value)), shape: [3, CLASSES, 1, 1] }; // biome-ignore format: one line
const BETAS = scaledLinearBetas(0.0015, 0.0205, 1000);
const semantic = () =>
  memoryFiles('semantic', fileOf(6, { 'cond_stage_model.channel_mapper.weight': MAPPER, betas: floats(BETAS) }));
const load = async (files = semantic()) => loadModel(files, await chooseDevice('wasm', 2));

/** 16 x 16 pixels of the classes, each 1 + its place times a number, modulo how many there are. */
const classesBy = (factor: number) => Uint8Array.from({ length: 256 }, (_, i) => (1 + factor * i * i) % CLASSES);
const pictureOf = (classes: Uint8Array): Picture => ({
  width: 16,
  height: 16,
  data: Uint8ClampedArray.from(Array.from(classes).flatMap((grey) => [grey, grey, grey, 255])),
});

/** Halved bilinearly, centres of pixels aligned: sums over all pixels, by the weights of the definition. */
function halved(plane: Float64Array, side: number): Float64Array {
  const weight = (to: number, from: number) => Math.max(0, 1 - Math.abs(2 * (to + 0.5) - 0.5 - from));
  return Float64Array.from({ length: (side / 2) ** 2 }, (_, i) => {
    const [y, x] = [Math.floor(i / (side / 2)), i % (side / 2)];
    return plane.reduce((sum, v, j) => sum + v * weight(y, Math.floor(j / side)) * weight(x, j % side), 0);
  });
}

describe('latent diffusion’s model of maps (semantic synthesis)', () => {
  it('is told from its file, with the noise levels and the classes that stand there', async () => {
    expect(await identifyFile(semantic())).toMatchObject({ kind: 'model', architecture: { id: 'ldm' }, hasVae: true });
    const { info, dispose } = await load();
    expect(info).toMatchObject({
      architecture: { id: 'ldm' },
      conditioning: 'none',
      spatial: 'class-map',
      mapClasses: CLASSES,
      defaults: { sampler: 'ddim', width: 256 },
      thresholding: { kind: 'none' },
    });
    expect(relativeError(info.scheduler.trained_betas ?? [], Float32Array.from(BETAS))).toBeLessThan(1e-7);
    expect(info.warnings.map((one) => spoken(one)).join()).toMatch(/heads of 32 channels.*num_head_channels/);
    await dispose();
  });

  it('shows its UNet a map as the definition has it: one plane a class, halved, mixed', async () => {
    const model = await load();
    const classes = classesBy(3);
    const planes = Array.from({ length: CLASSES }, (_, label) =>
      halved(
        Float64Array.from(classes, (own) => Number(own === label)),
        16,
      ),
    );
    const kernel = decodeFloats(MAPPER.bytes, 'F32');
    const expected = Float32Array.from({ length: 3 * 64 }, (_, i) =>
      planes.reduce((sum, plane, label) => sum + kernel[Math.floor(i / 64) * CLASSES + label] * plane[i % 64], 0),
    );
    const shown = await model.encodeMap?.(classes, 8, 8);
    expect(relativeError(shown as Float32Array, expected)).toBeLessThan(1e-6);
    await model.dispose();
  });

  it('has a UNet that is the formula in float64', async () => {
    const model = await load();
    const tensors = new Map(Array.from(unetTensors(6), ([key, { bytes, shape }]) => [key, f64.tensor(decodeFloats(bytes, 'F32'), shape)] as const)); // biome-ignore format: one thing
    const sample = f64.tensor(seededNormal(2)(6 * 8 * 8), [1, 6, 8, 8]);
    const net = { tensors, groups: 32, headWidth: () => 32, order: 'by-head', layers: 1 } as const;
    const expected = publishedUnet(net, sample, 250);
    const actual = await model.predict({
      ...{ batch: 1, height: 8, width: 8, timestep: 250, context: new Float32Array(0), tokens: 0 },
      sample: Float32Array.from(sample.values),
    });
    expect(relativeError(actual, Float32Array.from(expected.values))).toBeLessThan(1e-5);
    await model.dispose();
  });

  it('paints from a map, another picture from another map, and asks for one', async () => {
    const model = await load();
    const painted = (picture?: Picture) =>
      paint(
        model,
        parseRequest({ ...model.info.defaults, prompt: '', steps: 2, width: 16, height: 16, seed: 3 }),
        {},
        picture && { given: { picture } },
      );
    const one = await painted(pictureOf(classesBy(3)));
    expect([one.width, one.height, one.given]).toEqual([16, 16, 'picture']);
    expect((await painted(pictureOf(classesBy(3)))).rgb).toEqual(one.rgb);
    expect((await painted(pictureOf(new Uint8Array(256).fill(4)))).rgb).not.toEqual(one.rgb);
    expect((await failure(painted())).message).toMatch(/paints from a map of 5 classes/);
    const { code, message } = await failure(painted(pictureOf(classesBy(3).fill(9, 40, 41))));
    expect([code, message]).toEqual(['bad-request', expect.stringContaining('#090909 at 8, 2')]);
    await model.dispose();
  });
});

describe('latent diffusion’s other files without text', () => {
  it.each([
    ['an unconditional one', 3, undefined],
    ['one that makes a picture larger', 6, 'small-picture'],
  ] as const)('%s opens', async (_, inChannels, spatial) => {
    const files = memoryFiles('ldm', fileOf(inChannels, { betas: floats(linearBetas(0.001, 0.02, 1000)) }));
    const { info, dispose } = await load(files);
    expect(info).toMatchObject({ conditioning: 'none', spatial, latentScale: 2 });
    await dispose();
  });

  it('is refused where what it is shown does not fit, or its heads do not', async () => {
    const { message } = await failure(openCheckpoint(memoryFiles('ldm', fileOf(5))));
    expect(message).toMatch(/takes 5 channels/);
    const flagged = { ...fileOf(3), 'config.json': JSON.stringify({ num_heads: 7 }) };
    expect((await failure(openCheckpoint(memoryFiles('ldm', flagged)))).message).toMatch(/which are no 7 heads/);
  });
});
