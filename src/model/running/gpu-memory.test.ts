import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { EaselError, said, spoken } from '../../core/errors';
import { type KnownMemory, memoryNeed, type NetworkBytes } from '../../core/memory-need';
import { failure } from '../fixtures/failure';
import { chooseDevice } from '../runtime/device';
import { openLora } from '../weights/lora';
import { memoryFiles } from '../weights/memory-files';
import type { Checkpoint } from './checkpoint';
import { openCheckpoint } from './open-checkpoint';
import { type PaintingModel, paintingModel } from './painting-model';

const FIXTURES = join(import.meta.dirname, '../fixtures');

/**
 * onnxruntime without a graph: every session says which device it is on, what its weights take is counted, and its
 * results are zeros.
 */
const sessions = vi.hoisted(() => ({ on: [] as unknown[], bytes: 0, peak: 0 }));
vi.mock('../runtime/ort', () => {
  const outputs = ['sample', 'mean', 'logvar'].map((name) => ({ name, isTensor: true, type: 'float32', shape: [] }));
  const create = async (
    _: Uint8Array,
    {
      executionProviders: [{ device }],
      externalData,
    }: { executionProviders: [{ device: unknown }]; externalData: { data: Blob }[] },
  ) => {
    const bytes = externalData.reduce((sum, { data }) => sum + data.size, 0);
    sessions.bytes += bytes;
    sessions.peak = Math.max(sessions.peak, sessions.bytes);
    sessions.on.push(device);
    return {
      inputMetadata: [],
      outputMetadata: outputs,
      release: async () => {
        sessions.on.splice(sessions.on.indexOf(device), 1);
        sessions.bytes -= bytes;
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
  most = 0;
  /** Takes away the device that was made last, with the browser's words for why. */
  lose: (info: { message: string }) => void = () => {};
  readonly alive = new Set<EventTarget>();
  readonly gpu = {
    requestAdapter: async () => ({
      info: { description: 'a test', subgroupMinSize: 32 },
      features: new Set(['shader-f16']),
      limits: { maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 31 },
      requestDevice: async () => {
        this.made++;
        const device = Object.assign(new EventTarget(), {
          lost: new Promise<unknown>((resolve) => {
            this.lose = resolve;
          }),
          destroy: () => this.alive.delete(device),
        });
        this.alive.add(device);
        this.most = Math.max(this.most, this.alive.size);
        return device;
      },
    }),
  } as unknown as GPU;
}

let card: FakeCard;
beforeEach(() => {
  card = new FakeCard();
  sessions.on.length = 0;
  sessions.bytes = 0;
  sessions.peak = 0;
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

async function start(memory: KnownMemory = {}): Promise<PaintingModel> {
  const device = await chooseDevice('webgpu', 2, card.gpu);
  return paintingModel(checkpoint, { tokenizer: TOKENIZER }, device, () => undefined, { memory });
}

async function open(): Promise<PaintingModel> {
  const model = await start();
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

  it('come back for a model that rested, network by network as each is used', async () => {
    const model = await open();
    await model.dispose();
    expect(inUse()).toEqual([0, 0, 0]);
    await model.encodeText(new Int32Array(77));
    expect(inUse()).toEqual([1, 1, 1]);
    await predict(model);
    await model.decode(new Float32Array(4 * 64), 8, 8);
    expect(inUse()).toEqual([DEVICES, SESSIONS - 1, DEVICES]);
    await model.dispose();
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

function predict(model: PaintingModel): Promise<Float32Array> {
  const context = new Float32Array(77 * 32);
  return model.predict({ sample: new Float32Array(4 * 64), batch: 1, height: 8, width: 8, timestep: 1, tokens: 77, context }); // biome-ignore format: one call
}

/** What a batch asks of a model: its words once, then each picture denoised and decoded. */
async function paintThree(model: PaintingModel, side: number): Promise<void> {
  await model.encodeText(new Int32Array(77));
  for (let picture = 0; picture < 3; picture++) {
    model.arrangeFor({ width: side, height: side });
    for (let step = 0; step < 2; step++) await predict(model);
    await model.decode(new Float32Array(4 * 64), 8, 8);
  }
}

describe('the memory of a graphics card', () => {
  it('holds all networks where they fit together, each loaded once', async () => {
    const model = await start();
    await paintThree(model, 512);
    const { text, unet, decoder } = model.device.networks as NetworkBytes;
    expect(model.device.plan).toBe('together');
    expect(sessions.peak).toBe(text + unet + decoder);
    expect(card.made).toBe(DEVICES);
    await model.dispose();
  });

  it('holds one part at a time where they do not: the words once, then UNet and decoder for each picture', async () => {
    const model = await start({ plan: 'in-turn' });
    await paintThree(model, 512);
    const { text, unet, decoder } = model.device.networks as NetworkBytes;
    expect(sessions.peak).toBe(Math.max(text, unet, decoder));
    expect(card.most).toBe(1);
    expect(card.made).toBe(1 + 3 * 2);
    expect(model.info.warnings.map((one) => spoken(one))).toContainEqual(
      expect.stringMatching(/^Its parts are loaded in turn/),
    );
    await model.dispose();
    expect(inUse()).toEqual([0, 0, 0]);
  });

  it('is shared otherwise for a picture that is too large, which says so, and as before for the next', async () => {
    const usual = await start();
    const { networks, ...report } = usual.device;
    await usual.dispose();
    const short = memoryNeed(networks as NetworkBytes, { width: 1024, height: 1024 }, report).together;
    const model = await start({ short });
    expect(model.device.plan).toBe('together');
    card.most = 0;
    model.arrangeFor({ width: 1024, height: 1024 });
    await predict(model);
    expect(card.alive.size).toBe(1);
    expect(model.takeNotes().map((one) => spoken(one))).toEqual([expect.stringMatching(/loaded in turn/)]);
    await paintThree(model, 512);
    expect(card.alive.size).toBe(DEVICES);
    expect(model.takeNotes()).toEqual([]);
    await model.dispose();
  });

  it.each([
    ['a hang', 'The graphics device was lost (a hang). Load the model again.'],
    ['', 'The graphics device was lost. Load the model again.'],
  ])('is said to be lost, in the browser’s words where it has some: "%s"', async (message, sentence) => {
    const model = await start({ plan: 'in-turn' });
    await predict(model);
    card.lose({ message });
    await Promise.resolve();
    expect(await failure(predict(model))).toMatchObject({ code: 'device-lost', message: sentence });
    await model.dispose();
  });

  it.each([
    ['no room', 'There is not enough memory for the UNet (unet failed: no room).'],
    ['', 'There is not enough memory for the UNet (unet failed).'],
  ])(
    'is said to be short, by the part that found no room, instead of a picture of nothing: "%s"',
    async (message, sentence) => {
      class OutOfMemory extends Error {}
      vi.stubGlobal('GPUOutOfMemoryError', OutOfMemory);
      const model = await start({ plan: 'in-turn' });
      await predict(model);
      const [device] = card.alive;
      device.dispatchEvent(Object.assign(new Event('uncapturederror'), { error: new OutOfMemory(message) }));
      const error = await failure(predict(model));
      expect(error.code).toBe('out-of-memory');
      expect(error.message).toBe(sentence);
      await model.dispose();
      vi.unstubAllGlobals();
    },
  );

  it('is given a part that was cancelled while it started when it is used again', async () => {
    const model = await start({ plan: 'in-turn' });
    await predict(model);
    const stop = new AbortController();
    stop.abort(new EaselError('aborted', said`Cancelled.`));
    model.arrangeFor({ width: 512, height: 512 }, stop.signal);
    await expect(model.encodeText(new Int32Array(77))).rejects.toThrow('Cancelled.');
    model.arrangeFor({ width: 512, height: 512 });
    await model.encodeText(new Int32Array(77));
    await model.dispose();
    expect(inUse()).toEqual([0, 0, 0]);
  });
});
