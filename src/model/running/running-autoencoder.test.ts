import { afterEach, describe, expect, it } from 'vitest';
import { said, spoken } from '../../core/errors';
import { randomTensors, stateDictOf } from '../fixtures/random-model';
import { buildAutoencoder } from '../graph/autoencoder';
import { parseAutoencoderConfig } from '../graph/autoencoder-config';
import type { ChosenDevice } from '../runtime/device';
import { sessionCounts } from '../runtime/session';
import type { Precision } from '../weights/dtypes';
import { bindAutoencoder, inUnetScale, type RunningAutoencoder } from './running-autoencoder';

const KL = {
  _class_name: 'AutoencoderKL',
  block_out_channels: [8, 8],
  down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
  up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
  norm_num_groups: 2,
  latent_channels: 4,
  scaling_factor: 1,
};

/** The CPU provider computes float16 graphs in float32 and rounds what goes from one layer to the next. */
function device(precision: Precision, own: readonly string[]): ChosenDevice {
  const kernels = { own, notes: [], recordsRuns: false };
  return { report: { provider: 'wasm', precision, name: 'CPU', threads: 1, reason: said`It is there.`, kernels } };
}

const opened: RunningAutoencoder[] = [];
afterEach(async () => {
  for (const autoencoder of opened.splice(0)) await autoencoder.release();
});

/** @param large a weight is beyond what float16 holds */
async function open(on: ChosenDevice, large = false): Promise<RunningAutoencoder> {
  const config = parseAutoencoderConfig(KL);
  const { decoder, encoder } = buildAutoencoder(config, { operators: 'plain', precision: 'float32' });
  const tensors = randomTensors([decoder, encoder]);
  for (const half of large ? ['decoder', 'encoder'] : []) {
    const bytes = new Uint8Array(new Float32Array(8).fill(1e5).buffer);
    tensors.set(`${half}.conv_in.bias`, { dtype: 'F32', shape: [8], bytes });
  }
  const weights = await stateDictOf(tensors);
  const { running } = bindAutoencoder({ name: 'vae', config, weights }, on, 'error');
  opened.push(running);
  return running;
}

const LATENT = Float32Array.from({ length: 4 * 6 * 6 }, (_, i) => Math.sin(i * i));
const IMAGE = Float32Array.from({ length: 3 * 12 * 12 }, (_, i) => Math.sin(i * i));

/** Largest difference over the largest number. */
function apart(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]))) / Math.max(...b.map(Math.abs));
}

describe('an autoencoder on a device with float16 and our kernels', () => {
  it('runs in float16 while that holds its numbers, and says nothing', async () => {
    const half = await open(device('float16', ['Conv2dMM']));
    const whole = await open(device('float32', []));
    const difference = apart(await half.decode(LATENT, 6, 6), await whole.decode(LATENT, 6, 6));
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(0.01);
    expect(half.takeNotes?.()).toEqual([]);
  });

  it('gives float32’s picture where float16 overflows, says so once, and stays with float32', async () => {
    const half = await open(device('float16', ['Conv2dMM']), true);
    const whole = await open(device('float32', []), true);
    const picture = await whole.decode(LATENT, 6, 6);
    expect(picture.every(Number.isFinite)).toBe(true);
    expect(await half.decode(LATENT, 6, 6)).toEqual(picture);
    expect(half.takeNotes?.().map((one) => spoken(one))).toEqual([
      expect.stringMatching(/^vae overflows in 16-bit floats/),
    ]);
    const { created } = sessionCounts;
    expect(await half.decode(LATENT, 6, 6)).toEqual(picture);
    expect(half.takeNotes?.()).toEqual([]);
    expect(sessionCounts.created).toBe(created);
  });

  it('encodes so as well', async () => {
    const [half, large] = [
      await open(device('float16', ['Conv2dMM'])),
      await open(device('float16', ['Conv2dMM']), true),
    ];
    const [whole, exact] = [await open(device('float32', [])), await open(device('float32', []), true)];
    const mean = async (autoencoder: RunningAutoencoder) => (await autoencoder.encode(IMAGE, 12, 12)).mean;
    expect(apart(await mean(half), await mean(whole))).toBeLessThan(0.01);
    expect(half.takeNotes?.()).toEqual([]);
    expect(await mean(large)).toEqual(await mean(exact));
    expect(large.takeNotes?.()).toHaveLength(1);
  });

  it('runs in float32 from the start where convolutions are onnxruntime’s, which add up in float16', async () => {
    const theirs = await open(device('float16', ['MatMul']));
    const whole = await open(device('float32', []));
    expect(await theirs.decode(LATENT, 6, 6)).toEqual(await whole.decode(LATENT, 6, 6));
  });
});

it('brings latents that are normalised channel by channel into the UNet’s scale, and back', async () => {
  // diffusers' StableDiffusionXLPipeline: z = latents * std / scaling_factor + mean.
  const own = { release: async () => undefined, decode: async (z: Float32Array) => z, encode: async () => POSTERIOR };
  const POSTERIOR = { mean: Float32Array.of(5, 9, -7), logvar: new Float32Array(3) };
  const format = { scalingFactor: 0.5, shiftFactor: 0, latentsMean: [1, 5, 1], latentsStd: [2, 4, 8] };
  const autoencoder = inUnetScale(own, format);
  expect([...(await autoencoder.decode(Float32Array.of(1, 1, 0, 0, -1, -1), 1, 2))]).toEqual([5, 5, 5, 5, -15, -15]);
  const { mean, logvar } = await autoencoder.encode(new Float32Array(3), 8, 8);
  expect([...mean]).toEqual([1, 0.5, -0.5]);
  for (const [i, std] of [2, 4, 8].entries()) expect(logvar[i]).toBeCloseTo(2 * Math.log(0.5 / std), 6);
});
