import { convCase, groupNormCase, linearCase } from '../../../src/model/fixtures/layer-cases';
import { runLayer } from '../../../src/model/fixtures/one-layer';
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
import type { Suite } from '../page';

const map = (batch: number, side: number, channels: number, outputs = channels): TrialSize => ({
  batch,
  height: side,
  width: side,
  channels,
  outputs,
});

/**
 * Layers of Stable Diffusion 1.5 at 512 x 512 (a batch of two), SDXL at 1024 x 1024, and the VAE's decoder at 512 x
 * 512.
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

/** Groups of ten channels are read in pairs, those of a multiple of four in fours. */
const NORMS_IN_PAIRS: Readonly<Record<string, TrialSize>> = { 'sd15 64x64 320': map(2, 64, 320) };
const NORMS: Readonly<Record<string, TrialSize>> = { 'vae 512x512 128': map(1, 512, 128) };

/** Layers that make onnxruntime write the shaders that ours replace. */
const LAYERS = {
  Conv2dMM: convCase({ batch: 2, height: 8, width: 8, from: 32, to: 64, size: 3, kind: 'same' }),
  product: linearCase({ batch: 2, tokens: 64, from: 64, to: 96, bias: true, kernel: false }),
  GroupNormStats: groupNormCase({ batch: 2, height: 8, width: 8, groups: 8, each: 8, active: false }),
  'GroupNormStats in pairs': groupNormCase({ batch: 2, height: 8, width: 8, groups: 8, each: 10, active: false }),
} as const;

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
  await runLayer(LAYERS[layer], 1, listening, { operators: 'webgpu', precision: device.report.precision });
  if (!shader) throw new Error(`onnxruntime's shader for ${layer} did not come by, or is not known.`);
  return shader;
}

function opened({ openGpu }: ChosenDevice): Promise<GPUDevice> {
  if (!openGpu) throw new Error('There is no WebGPU here.');
  return openGpu();
}

/** Runs that are timed together; the card is then at its full clock. */
const REPEATS = 10;

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
    await repeated();
    const ms = (await repeated()) / REPEATS;
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
    ['GroupNormStats', NORMS],
    ['GroupNormStats in pairs', NORMS_IN_PAIRS],
  ] as const) {
    const shader = await shaderOf(layer, chosen);
    const { program } = shader.replacement;
    for (const [name, size] of Object.entries(sizes).slice(0, tiny ? 1 : undefined)) {
      const fitted = tiny ? { ...size, height: 8, width: 8, channels: 64, outputs: 64 } : size;
      const row = { program, name, ...(await timeShader(gpu, shader, fitted)) };
      console.log(JSON.stringify(row));
      rows.push(row);
    }
  }
  gpu.destroy();
  return { device: chosen.report, rows };
};
