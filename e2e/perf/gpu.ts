/**
 * Measures Easel on the machine's GPU: the starter through the real engine worker, then a UNet and a VAE decoder of Stable
 * Diffusion 1.5's shape with random weights. Built by `vite build --config e2e/perf/vite.config.ts`; the page POSTs what it
 * measures to /log and /result, as ../shared/gpu/run-page.py expects.
 */
import { createEngineClient } from '../../src/engine/client';
import { buildAutoencoder } from '../../src/model/graph/autoencoder';
import { parseAutoencoderConfig } from '../../src/model/graph/autoencoder-config';
import { parseUnetConfig } from '../../src/model/graph/config';
import type { BuiltGraph } from '../../src/model/graph/types';
import { buildUnet } from '../../src/model/graph/unet';
import { chooseDevice } from '../../src/model/runtime/device';
import { createSession } from '../../src/model/runtime/session';
import { toHalf } from '../../src/model/weights/dtypes';

const post = (path: string, message: unknown) =>
  fetch(path, { method: 'POST', body: typeof message === 'string' ? message : JSON.stringify(message) });
const log = (message: unknown) => post('/log', message);
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];

/** The starter from the page's own worker: timings, and the picture as base64. */
async function paintStarter(device: 'auto' | 'wasm') {
  const spawn = () => new Worker(new URL('../../src/engine/worker.ts', import.meta.url), { type: 'module' });
  const client = createEngineClient(spawn, document.baseURI);
  const model = await client.load({
    source: { kind: 'url', base: 'models/starter/' },
    device,
    vocabulary: 'models/clip/',
  });
  const result: Record<string, unknown> = { device: model.device, loadMs: Math.round(model.loadMs) };
  const request = {
    ...model.info.defaults,
    prompt: 'a red apple on a white background',
    negativePrompt: '',
    seed: 7,
    batchCount: 1,
  };
  for (const run of ['cold', 'warm']) {
    await client.generate(request as Parameters<typeof client.generate>[0], undefined, (event) => {
      if (event.type !== 'picture') return;
      result[run] = event.picture.timings;
      void event.picture.png.arrayBuffer().then((png) => {
        result.png = btoa(Array.from(new Uint8Array(png), (byte) => String.fromCharCode(byte)).join(''));
      });
    });
  }
  client.dispose();
  return result;
}

/** 48 concepts drawn at random, one in two of those the model's first contact sheet showed. */
const NAMES = [
  'lady beetle',
  'whale',
  'spider',
  'bouquet',
  'crown',
  'sports medal',
  'police officer',
  'construction',
  'handshake',
  "man's shoe",
  'prince',
  'canned food',
  'sleeping face',
  'dove',
  'Statue of Liberty',
  'hand with index finger and thumb crossed',
  'file cabinet',
  'nesting dolls',
  "woman's clothes",
  'globe showing Americas',
  'moon viewing ceremony',
  'person pouting',
  'euro banknote',
  'bus stop',
  'motorcycle',
  'pancakes',
  'muted speaker',
  'mouse trap',
  'newspaper',
  'sunrise',
  'flexed biceps',
  'laptop',
  'person in tuxedo',
  'astonished face',
  'sad but relieved face',
  'pizza',
  'smiling face with tear',
  'folded hands',
  'cyclone',
  'sparkles',
  "twelve o'clock",
  'wastebasket',
  'sparkling heart',
  'person with skullcap',
  'beaver',
  'cloud',
  'party popper',
  'person running',
];

/** One picture a name, "a NAME on a white background", CFG 6, 25 DDIM steps, seed 7, uncurated, as a JPEG in base64. */
async function contactSheet() {
  const spawn = () => new Worker(new URL('../../src/engine/worker.ts', import.meta.url), { type: 'module' });
  const client = createEngineClient(spawn, document.baseURI);
  const model = await client.load({
    source: { kind: 'url', base: 'models/starter/' },
    device: 'auto',
    vocabulary: 'models/clip/',
  });
  const [columns, side] = [8, 128];
  const sheet = new OffscreenCanvas(columns * side, (NAMES.length / columns) * side);
  const context = sheet.getContext('2d');
  for (const [i, name] of NAMES.entries()) {
    const prompt = `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name} on a white background`;
    const request = {
      ...model.info.defaults,
      prompt,
      negativePrompt: '',
      seed: 7,
      batchCount: 1,
      cfgScale: 6,
      steps: 25,
    };
    let drawn: Promise<void> | undefined;
    await client.generate(request as Parameters<typeof client.generate>[0], undefined, (event) => {
      if (event.type !== 'picture') return;
      drawn = createImageBitmap(event.picture.png).then((picture) => {
        context?.drawImage(picture, (i % columns) * side, Math.floor(i / columns) * side, side, side);
      });
    });
    await drawn;
  }
  client.dispose();
  const jpeg = await (await sheet.convertToBlob({ type: 'image/jpeg', quality: 0.88 })).arrayBuffer();
  return {
    device: model.device,
    png: btoa(Array.from(new Uint8Array(jpeg), (byte) => String.fromCharCode(byte)).join('')),
  };
}

/** Weights of about the size that keeps activations in range, drawn once and shared by all slots. */
function randomWeights(graph: BuiltGraph) {
  const largest = Math.max(...graph.weights.map(({ byteLength }) => byteLength));
  const values = new Float32Array(largest / 2);
  let state = 1;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (state / 2 ** 32 - 0.5) * 0.03;
  }
  const half = new Uint8Array(toHalf(values).buffer);
  const full = new Uint8Array(values.buffer);
  return {
    read: async (slot: BuiltGraph['weights'][number]) =>
      (slot.dtype === 'float16' ? half : full).subarray(0, slot.byteLength),
  };
}

async function timeGraph(
  graph: BuiltGraph,
  feeds: Parameters<Awaited<ReturnType<typeof createSession>>['run']>[0],
  runs: number,
) {
  const device = await chooseDevice('webgpu', 4);
  const started = performance.now();
  const session = await createSession(graph, randomWeights(graph), device);
  const loadMs = performance.now() - started;
  const times: number[] = [];
  let finite = true;
  for (let i = 0; i < runs + 2; i++) {
    const from = performance.now();
    const out = Object.values(await session.run(feeds))[0];
    times.push(performance.now() - from);
    finite &&= out.every(Number.isFinite);
  }
  await session.release();
  return {
    graph: graph.name,
    loadMs: Math.round(loadMs),
    firstMs: Math.round(times[0]),
    medianMs: median(times.slice(2)),
    finite,
  };
}

const noise = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898) * 1.4);

async function measure() {
  const report: unknown[] = [];
  const tell = async (name: string, work: () => Promise<unknown>) => {
    try {
      const value = await work();
      report.push({ name, value });
      await log({ name, ...(value as object), png: undefined });
    } catch (error) {
      report.push({ name, error: String(error) });
      await log(`${name}: ${error instanceof Error ? `${error.message} ${error.stack}` : String(error)}`);
    }
  };
  await tell('starter on WebGPU', () => paintStarter('auto'));
  await tell('contact sheet', contactSheet);
  await tell('starter on wasm', () => paintStarter('wasm'));
  const unet = parseUnetConfig({
    block_out_channels: [320, 640, 1280, 1280],
    down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D'],
    up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
    cross_attention_dim: 768,
    attention_head_dim: 8,
  });
  await tell('SD 1.5 UNet, batch 2, 512 x 512, float16', () =>
    timeGraph(
      buildUnet(unet, { operators: 'webgpu', precision: 'float16' }),
      {
        sample: { data: noise(2 * 4 * 64 * 64), dims: [2, 4, 64, 64] },
        timestep: { data: Float32Array.of(500), dims: [1] },
        encoder_hidden_states: { data: noise(2 * 77 * 768), dims: [2, 77, 768] },
      },
      10,
    ),
  );
  const vae = parseAutoencoderConfig({
    block_out_channels: [128, 256, 512, 512],
    down_block_types: new Array(4).fill('DownEncoderBlock2D'),
    up_block_types: new Array(4).fill('UpDecoderBlock2D'),
    layers_per_block: 2,
  });
  await tell('SD 1.5 VAE decoder, 512 x 512, float32', () =>
    timeGraph(
      buildAutoencoder(vae, { operators: 'webgpu', precision: 'float32' }).decoder,
      { latent_sample: { data: noise(4 * 64 * 64), dims: [1, 4, 64, 64] } },
      5,
    ),
  );
  await post('/result', report);
}

void measure().catch((error) => post('/result', `failed: ${String(error)}`));
