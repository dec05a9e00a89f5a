import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type RawTensor, randomTensor, rawTensors, stateDictOf } from '../fixtures/random-model';
import { predictWith } from '../runtime/denoiser';
import { chooseDevice } from '../runtime/device';
import { createSession } from '../runtime/session';
import { bindWeights } from '../weights/bind';
import { decodeFloats, type FloatDtype } from '../weights/dtypes';
import { parseUnetConfig } from './config';
import { guidanceFeatures } from './timestep-features';
import { buildUnet } from './unet';

/**
 * What distilled UNets leave out of a whole one is, in a whole one, a part that changes nothing: a ResNet block whose
 * last convolution is zero, or an attention whose projection is, passes its input on. So a whole UNet with such parts
 * must paint what the UNet without them does; that whole UNets are right, `cli/parity` shows by diffusers' numbers.
 * (diffusers' own numbers for distilled UNets: `npm run parity -- ../shared/fixtures`.)
 */
type Tensors = Map<string, RawTensor>;

const FOLDER = join(import.meta.dirname, '../fixtures/sd15/model/unet');
const STATED = JSON.parse(readFileSync(join(FOLDER, 'config.json'), 'utf8'));
const whole = await rawTensors(readFileSync(join(FOLDER, 'diffusion_pytorch_model.safetensors')));
const device = await chooseDevice('wasm', 2);

const wave = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * i));
const INPUT = {
  sample: wave(2 * 4 * 12 * 8),
  batch: 2,
  height: 12,
  width: 8,
  timestep: 333.5,
  context: wave(2 * 77 * 32),
  tokens: 77,
  guidance: 8,
};

async function paint(changes: object, tensors: Tensors): Promise<Float32Array> {
  const config = parseUnetConfig({ ...STATED, ...changes });
  const graph = buildUnet(config, { operators: 'plain', precision: 'float32' });
  const session = await createSession(graph, bindWeights([graph], await stateDictOf(tensors), 'unet'), device);
  const out = await predictWith(session, config)(INPUT);
  await session.release();
  return out;
}

const norm = (values: Float32Array) => Math.hypot(...values);
const apart = (a: Float32Array, b: Float32Array) => norm(a.map((value, i) => value - b[i])) / norm(b);

const keysOf = (part: RegExp) => [...whole.keys()].filter((key) => part.test(key));
/** All tensors, those of some parts as zeros. */
const silenced = (parts: RegExp): Tensors =>
  new Map(Array.from(whole, ([key, one]) => [key, parts.test(key) ? { ...one, bytes: one.bytes.map(() => 0) } : one]));
const without = (parts: RegExp): Tensors => new Map([...whole].filter(([key]) => !parts.test(key)));

/** A 1x1 convolution that takes the first channels as they are, and none of the others. */
function passing({ shape: [to, from, ...kernel] }: RawTensor): RawTensor {
  const matrix = Float32Array.from({ length: to * from }, (_, i) => (Math.floor(i / from) === i % from ? 1 : 0));
  return { dtype: 'F32', shape: [to, from, ...kernel], bytes: new Uint8Array(matrix.buffer) };
}

/** The second layer of each level does nothing; on the way up, of three. */
function idleLayers(): Tensors {
  const idle = silenced(/_blocks\.\d\.(resnets\.1\.conv2|attentions\.1\.proj_out)\./);
  for (const key of keysOf(/^up_blocks\.\d\.resnets\.1\.conv_shortcut\./)) {
    const shortcut = whole.get(key) as RawTensor;
    idle.set(key, key.endsWith('weight') ? passing(shortcut) : { ...shortcut, bytes: shortcut.bytes.map(() => 0) });
  }
  return idle;
}

/** Without the second layer of each level: the third of the way up takes its place. */
function oneLayer(): Tensors {
  const kept = without(/_blocks\.\d\.(resnets|attentions)\.1\./);
  return new Map(Array.from(kept, ([key, one]) => [key.replace(/(up_blocks\.\d\.\w+)\.2\./, '$1.1.'), one]));
}

/** Transformer blocks more than there were, which pass on what they are given. */
function deeper(places: Readonly<Record<string, number>>): Tensors {
  const tensors = new Map(whole);
  for (const [attention, depth] of Object.entries(places))
    for (let block = 1; block < depth; block++)
      for (const key of keysOf(new RegExp(`^${attention.replaceAll('.', '\\.')}\\.transformer_blocks\\.0\\.`))) {
        const one = whole.get(key) as RawTensor;
        const isLast = /\.(to_out\.0|net\.2)\./.test(key);
        const bytes = isLast ? one.bytes.map(() => 0) : one.bytes;
        tensors.set(key.replace('transformer_blocks.0.', `transformer_blocks.${block}.`), { ...one, bytes });
      }
  return tensors;
}

const floats = (key: string) => {
  const { bytes, dtype } = whole.get(key) as RawTensor;
  return decodeFloats(bytes, dtype as FloatDtype);
};

/** A guidance embedding, which the step's features are moved by before the first of two linear layers. */
const GUIDED = randomTensor(1, [32, 8]);
function movedBias(): Tensors {
  const [matrix, features] = [decodeFloats(GUIDED.bytes, 'F32'), guidanceFeatures(INPUT.guidance, 8)];
  const moved = (row: number) => features.reduce((sum, value, i) => sum + matrix[8 * row + i] * value, 0);
  const [weight, bias] = ['weight', 'bias'].map((name) => floats(`time_embedding.linear_1.${name}`));
  const steps = Array.from({ length: 32 }, (_, i) => moved(i));
  const sums = bias.map((value, row) => steps.reduce((sum, step, i) => sum + weight[32 * row + i] * step, value));
  const tensor = { dtype: 'F32', shape: [sums.length], bytes: new Uint8Array(sums.slice().buffer) } as const;
  return new Map(whole).set('time_embedding.linear_1.bias', tensor);
}

const [DOWN, UP] = ['CrossAttnDownBlock2D', 'CrossAttnUpBlock2D'];
const CASES = {
  'no middle block (BK-SDM Tiny)': {
    changes: { mid_block_type: null },
    idle: silenced(/^mid_block\.(resnets\.\d\.conv2|attentions\.0\.proj_out)\./),
    distilled: without(/^mid_block\./),
  },
  'a middle of one ResNet block (SSD-1B)': {
    changes: { mid_block_type: 'UNetMidBlock2D' },
    idle: silenced(/^mid_block\.(resnets\.1\.conv2|attentions\.0\.proj_out)\./),
    distilled: without(/^mid_block\.(resnets\.1|attentions)\./),
  },
  'one layer a level (BK-SDM, KOALA)': { changes: { layers_per_block: 1 }, idle: idleLayers(), distilled: oneLayer() },
  'a first level without attention (SDXS)': {
    changes: {
      down_block_types: ['DownBlock2D', DOWN, DOWN, 'DownBlock2D'],
      up_block_types: ['UpBlock2D', UP, UP, 'UpBlock2D'],
    },
    idle: silenced(/^(down_blocks\.0|up_blocks\.3)\.attentions\.\d\.proj_out\./),
    distilled: without(/^(down_blocks\.0|up_blocks\.3)\.attentions\./),
  },
  'depths that differ within a level (SSD-1B, Vega)': {
    changes: {
      transformer_layers_per_block: [[2, 1], 1, [1, 3], 1],
      reverse_transformer_layers_per_block: [1, [1, 2, 3], 1, 1],
    },
    idle: whole,
    distilled: deeper({
      'down_blocks.0.attentions.0': 2,
      'down_blocks.2.attentions.1': 3,
      'up_blocks.1.attentions.1': 2,
      'up_blocks.1.attentions.2': 3,
    }),
  },
  'the guidance scale as an input (LCM)': {
    changes: { time_cond_proj_dim: 8 },
    idle: movedBias(),
    distilled: new Map(whole).set('time_embedding.cond_proj.weight', GUIDED),
  },
};

const plain = paint({}, whole);

it.each(Object.entries(CASES))('%s: as the whole UNet with what it lacks passing its input on', async (_, one) => {
  const distilled = await paint(one.changes, one.distilled);
  expect(apart(distilled, one.idle === whole ? await plain : await paint({}, one.idle))).toBeLessThan(1e-5);
  // What is left out is seen: the whole UNet paints something else.
  if (one.idle !== whole) expect(apart(distilled, await plain)).toBeGreaterThan(1e-3);
});
