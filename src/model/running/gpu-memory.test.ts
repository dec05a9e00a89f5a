import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseDevice } from '../runtime/device';
import { openLora } from '../weights/lora';
import { memoryFiles } from '../weights/memory-files';
import type { Checkpoint } from './checkpoint';
import { openCheckpoint } from './open-checkpoint';
import { type PaintingModel, paintingModel } from './painting-model';

const FIXTURES = join(import.meta.dirname, '../fixtures');

/** onnxruntime without a graph: every session says which device it is on, and its results are zeros. */
const sessions = vi.hoisted(() => ({ on: [] as unknown[] }));
vi.mock('../runtime/ort', () => {
  const outputs = ['sample', 'mean', 'logvar'].map((name) => ({ name, isTensor: true, type: 'float32', shape: [] }));
  const create = async (
    _: Uint8Array,
    { executionProviders: [{ device }] }: { executionProviders: [{ device: unknown }] },
  ) => {
    sessions.on.push(device);
    return {
      inputMetadata: [],
      outputMetadata: outputs,
      release: async () => {
        sessions.on.splice(sessions.on.indexOf(device), 1);
      },
    };
  };
  const ort = { InferenceSession: { create } };
  return { loadOrt: async () => ({ ort, reads: 'asynchronous', threads: 2 }), isNotSent: () => false };
});

vi.mock('../runtime/io-binding', () => ({
  IoBinding: class {
    async run() {
      const zeros = new ArrayBuffer(4 * 3 * 64 * 64);
      return { sample: zeros, mean: zeros, logvar: zeros };
    }
    release() {}
  },
}));

/** A graphics card whose devices are counted: an adapter yields one. */
class FakeCard {
  made = 0;
  readonly alive = new Set<object>();
  readonly gpu = {
    requestAdapter: async () => ({
      info: { description: 'a test', subgroupMinSize: 32 },
      features: new Set(['shader-f16']),
      limits: { maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 31 },
      requestDevice: async () => {
        this.made++;
        const device = { lost: new Promise(() => undefined), destroy: () => this.alive.delete(device) };
        this.alive.add(device);
        return device;
      },
    }),
  } as unknown as GPU;
}

let card: FakeCard;
beforeEach(() => {
  card = new FakeCard();
  sessions.on.length = 0;
});

const TOKENIZER = { encode: () => [], bos: 0, eos: 1, pad: 1 };

let checkpoint: Checkpoint;
beforeAll(async () => {
  const folder = join(FIXTURES, 'sd15/model');
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => extname(path) !== '');
  // In memory: no session waits for what is read ahead, so hundreds of files would be open at a time.
  const contents = paths.map((path) => [path, readFileSync(join(folder, path))] as const);
  checkpoint = await openCheckpoint(memoryFiles('tiny', Object.fromEntries(contents)));
});

async function open(): Promise<PaintingModel> {
  const device = await chooseDevice('webgpu', 2, card.gpu);
  const model = await paintingModel(checkpoint, { tokenizer: TOKENIZER }, device, () => undefined);
  // The encoder starts when it is first needed.
  await model.encode(new Float32Array(3 * 64 * 64), 64, 64);
  return model;
}

/** UNet, text encoder and autoencoder, whose two graphs share one. */
const DEVICES = 3;
const SESSIONS = 4;
const inUse = () => [card.alive.size, sessions.on.length, new Set(sessions.on).size];

describe('the devices of a graphics card', () => {
  it('are one for each group of networks, and none is left of 20 models', async () => {
    for (let i = 1; i <= 20; i++) {
      const model = await open();
      expect(inUse()).toEqual([DEVICES, SESSIONS, DEVICES]);
      expect(card.made).toBe(DEVICES * i);
      await model.dispose();
      expect(inUse()).toEqual([0, 0, 0]);
    }
  });

  it('stay as many over 20 changes of LoRAs; a changed network is on a new one', async () => {
    const model = await open();
    const files = memoryFiles('m', { 'a.safetensors': readFileSync(join(FIXTURES, 'sd15/lora_peft.safetensors')) });
    const lora = await openLora(files, 'a.safetensors');
    for (let i = 1; i <= 20; i++) {
      const made = card.made;
      const loras = i % 2 === 1 ? [{ lora, unetWeight: 1 / i, textWeight: 1 }] : [];
      await model.adapt({ loras, embeddings: [] });
      expect(card.made).toBe(made + 2);
      expect(inUse()).toEqual([DEVICES, SESSIONS, DEVICES]);
    }
    await model.dispose();
    expect(inUse()).toEqual([0, 0, 0]);
  });

  it('stay as many over 20 changes of the VAE', async () => {
    const model = await open();
    const path = 'diffusion_pytorch_model.safetensors';
    const file = { files: memoryFiles('vae', { [path]: readFileSync(join(FIXTURES, 'taesd/model', path)) }), path };
    for (let i = 1; i <= 20; i++) {
      await model.attachVae(i % 2 === 1 ? file : undefined);
      await model.encode(new Float32Array(3 * 64 * 64), 64, 64);
      await model.decode(new Float32Array(4 * 64), 8, 8);
      expect(inUse()).toEqual([DEVICES, SESSIONS, DEVICES]);
    }
    await model.dispose();
    expect(inUse()).toEqual([0, 0, 0]);
  });
});
