import { attention } from '../../../src/model/graph/attention';
import { GraphBuilder, type Value } from '../../../src/model/graph/builder';
import { conv, groupNorm, linear, toFloat32, toPrecision, toTokens } from '../../../src/model/graph/layers';
import type { WeightSlot } from '../../../src/model/graph/types';
import { type ChosenDevice, chooseDevice } from '../../../src/model/runtime/device';
import { createPassTimer } from '../../../src/model/runtime/kernels/pass-timer';
import { recognise } from '../../../src/model/runtime/kernels/recognise';
import {
  type ReplacedShader,
  relativeError,
  startTrial,
  type TrialSize,
  trialOf,
} from '../../../src/model/runtime/kernels/self-test';
import { sourceOf } from '../../../src/model/runtime/kernels/tiled-product';
import { tileCount, tilingsFor } from '../../../src/model/runtime/kernels/tiling';
import { loadOrt } from '../../../src/model/runtime/ort';
import { createSession } from '../../../src/model/runtime/session';
import type { Suite } from '../page';

const map = (batch: number, side: number, channels: number, outputs = channels): TrialSize => ({
  batch,
  height: side,
  width: side,
  channels,
  outputs,
});

/**
 * Layers of Stable Diffusion 1.5 at 512 x 512 (a batch of two), SDXL at 1024 x 1024, the VAE's decoder at 512 x
 * 512, and a tile of Real-ESRGAN's x4 network.
 */
const CONVOLUTIONS: Readonly<Record<string, TrialSize>> = {
  'sd15 64x64 320': map(2, 64, 320),
  'sd15 64x64 960>320': map(2, 64, 960, 320),
  'sd15 32x32 640': map(2, 32, 640),
  'sd15 32x32 1920>640': map(2, 32, 1920, 640),
  'sd15 16x16 1280': map(2, 16, 1280),
  'sd15 8x8 1280': map(2, 8, 1280),
  'sdxl 128x128 320': map(2, 128, 320),
  'sdxl 64x64 640': map(2, 64, 640),
  'sdxl 32x32 1280': map(2, 32, 1280),
  'vae 64x64 512': map(1, 64, 512),
  'vae 256x256 512': map(1, 256, 512),
  'vae 512x512 128': map(1, 512, 128),
  'upscaler 272x272 64>32': map(1, 272, 64, 32),
  'upscaler 272x272 160>32': map(1, 272, 160, 32),
  'upscaler 272x272 192>64': map(1, 272, 192, 64),
  'upscaler 1088x1088 64': map(1, 1088, 64),
};

/** Tokens [rows, inner] times [inner, columns]: projections, feed-forward layers, and the prompt's keys and values. */
const PRODUCTS: Readonly<Record<string, TrialSize>> = {
  'sd15 4096 tokens 320>320': map(2, 64, 320),
  'sd15 4096 tokens 320>2560': map(2, 64, 320, 2560),
  'sd15 4096 tokens 1280>320': map(2, 64, 1280, 320),
  'sd15 1024 tokens 640>640': map(2, 32, 640),
  'sd15 1024 tokens 640>5120': map(2, 32, 640, 5120),
  'sd15 256 tokens 1280>1280': map(2, 16, 1280),
  'sd15 256 tokens 1280>10240': map(2, 16, 1280, 10240),
  'prompt 77 tokens 768>1280': { batch: 2, height: 7, width: 11, channels: 768, outputs: 1280 },
  'sdxl 1024 tokens 1280>10240': map(2, 32, 1280, 10240),
};

/** Tokens of one head each: SDXL's attention to itself and to the prompt, ten and twenty heads of two pictures. */
const ATTENTIONS: Readonly<Record<string, TrialSize>> = {
  'sdxl 4096 tokens 10 heads': { batch: 20, height: 64, width: 64, channels: 64, outputs: 4096 },
  'sdxl 1024 tokens 20 heads': { batch: 40, height: 32, width: 32, channels: 64, outputs: 1024 },
  'sdxl 1024 tokens 20 heads, prompt': { batch: 40, height: 32, width: 32, channels: 64, outputs: 77 },
};

/** Groups of ten channels are read in pairs, those of a multiple of four in fours. */
const NORMS_IN_PAIRS: Readonly<Record<string, TrialSize>> = { 'sd15 64x64 320': map(2, 64, 320) };
const NORMS: Readonly<Record<string, TrialSize>> = { 'vae 512x512 128': map(1, 512, 128) };

const CHANNELS = 64;

/** Layers of a map [2, 64, 8, 8] that make onnxruntime write the shaders that ours replace. */
const LAYERS = {
  Conv2dMM: (g, x) => conv(g.scope('conv'), x, CHANNELS, 96, 3),
  product: (g, x) => linear(g.scope('linear'), toTokens(g, x, CHANNELS), CHANNELS, 96),
  GroupNormStats: (g, x) => groupNorm(g.scope('norm'), x, 8, CHANNELS, 1e-5, 'none'),
  FlashAttention: (g, x) => selfAttend(g, toTokens(g, x, CHANNELS)),
  'GroupNormStats in pairs': (g, x) => groupNorm(g.scope('norm'), x, 32, CHANNELS, 1e-5, 'none'),
} satisfies Record<string, (g: GraphBuilder, x: Value) => Value>;

const selfAttend = (g: GraphBuilder, tokens: Value) => attention(g, tokens, tokens, tokens, 1);

/** onnxruntime's shader for a layer, and what stands in its place. */
async function shaderOf(layer: keyof typeof LAYERS, device: ChosenDevice): Promise<ReplacedShader> {
  let shader: ReplacedShader | undefined;
  const listening = {
    ...device,
    async openGpu() {
      const gpu = await opened(device);
      const createShaderModule = gpu.createShaderModule.bind(gpu);
      gpu.createShaderModule = (descriptor) => {
        const found = recognise(descriptor.code, gpu.limits);
        if (found && 'replacement' in found) shader = { code: descriptor.code, replacement: found.replacement };
        return createShaderModule(descriptor);
      };
      return gpu;
    },
  };
  const g = GraphBuilder.create('layer', { operators: 'webgpu', precision: device.report.precision });
  const map = toPrecision(g, g.input('x', 'float32', ['batch', CHANNELS, 'height', 'width']));
  const hasTokens = layer === 'product' || layer === 'FlashAttention';
  const dims = hasTokens ? ['batch', 'tokens', 'width'] : ['batch', 'channels', 'height', 'width'];
  g.output('out', toFloat32(g, LAYERS[layer](g, map)), dims);
  const zeros = { read: async ({ byteLength }: WeightSlot) => new Uint8Array(byteLength) };
  const session = await createSession(g.finish(), zeros, listening);
  await session.run({ x: { data: new Float32Array(2 * CHANNELS * 64), dims: [2, CHANNELS, 8, 8] } });
  await session.release();
  if (!shader) throw new Error(`onnxruntime's shader for ${layer} did not come by, or is not known.`);
  return shader;
}

function opened({ openGpu }: ChosenDevice): Promise<GPUDevice> {
  if (!openGpu) throw new Error('There is no WebGPU here.');
  return openGpu();
}

/** Runs that are timed together, and how often: the best is taken, at the card's full clock. */
const REPEATS = 10;
const TIMES = 5;

/** One shader and one size: onnxruntime's kernel and ours with each tiling. */
async function timeShader(gpu: GPUDevice, { code, replacement }: ReplacedShader, size: TrialSize) {
  const pipelineOf = (text: string) =>
    gpu.createComputePipelineAsync({
      layout: 'auto',
      compute: { module: gpu.createShaderModule({ code: text }), entryPoint: 'main' },
    });
  const trial = trialOf(code, replacement, size);
  const { encode, run, end } = startTrial(gpu, code, trial);
  const timer = createPassTimer(gpu);
  const time = async (pipeline: GPUComputePipeline, dispatch: typeof trial.dispatch) => {
    const repeated = () =>
      timer.time((pass) => {
        for (let i = 0; i < REPEATS; i++) encode(pass, pipeline, dispatch);
      });
    await repeated(); // the first run of a pipeline waits for the driver
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < TIMES; i++) least = Math.min(least, await repeated());
    const ms = least / REPEATS;
    return { ms, teraflops: trial.operations / ms / 1e9 };
  };
  const theirs = await pipelineOf(code);
  const want = await run(theirs, trial.dispatch);
  const onnxruntime = await time(theirs, trial.dispatch);
  const ours: Record<string, object> = {};
  const texts =
    replacement.kind === 'product'
      ? tilingsFor(gpu.limits, replacement.product.half).map((tiling) => ({
          name: `${tiling.rows}x${tiling.columns}/${tiling.groups}`,
          text: sourceOf(replacement.product, tiling),
          dispatch: [tileCount(tiling, trial.rows, trial.columns), 1, 1] as const,
        }))
      : [{ name: 'ours', text: replacement.code, dispatch: trial.dispatch }];
  for (const { name, text, dispatch } of texts) {
    const pipeline = await pipelineOf(text);
    const difference = relativeError(await run(pipeline, dispatch), want);
    ours[name] = { ...(await time(pipeline, dispatch)), difference };
  }
  timer.end();
  end();
  return { onnxruntime, ours };
}

/**
 * Each of our kernels beside onnxruntime's on the same numbers: ms by the card's clock, TFLOP/s, and how far apart they
 * are.
 */
export const kernels: Suite = async ({ device, tiny }) => {
  const { threads } = await loadOrt();
  const chosen = await chooseDevice(device, threads);
  const gpu = await opened(chosen);
  const rows: object[] = [];
  for (const [layer, sizes] of [
    ['Conv2dMM', CONVOLUTIONS],
    ['product', PRODUCTS],
    ['FlashAttention', ATTENTIONS],
    ['GroupNormStats', NORMS],
    ['GroupNormStats in pairs', NORMS_IN_PAIRS],
  ] as const) {
    const shader = await shaderOf(layer, chosen);
    const { program } = shader.replacement;
    for (const [name, size] of Object.entries(sizes).slice(0, tiny ? 1 : undefined)) {
      const fitted = tiny ? { ...size, batch: 2, height: 8, width: 8, channels: 64, outputs: 64 } : size;
      const row = { program, name, ...(await timeShader(gpu, shader, fitted)) };
      console.log(JSON.stringify(row));
      rows.push(row);
    }
  }
  gpu.destroy();
  return { device: chosen.report, rows };
};
