import { folderFiles } from '../../../src/engine/model-source';
import { buildAutoencoder } from '../../../src/model/graph/autoencoder';
import { buildDenoiser } from '../../../src/model/graph/denoiser';
import type { BuiltGraph } from '../../../src/model/graph/types';
import { openAutoencoder, openUnet } from '../../../src/model/layouts/diffusers-folder';
import { predictWith, type UnetInput } from '../../../src/model/runtime/denoiser';
import { type ChosenDevice, chooseDevice } from '../../../src/model/runtime/device';
import { withOwnKernels } from '../../../src/model/runtime/kernels/probe';
import { loadOrt } from '../../../src/model/runtime/ort';
import { createSession, type Session } from '../../../src/model/runtime/session';
import { type BoundWeights, bindWeights } from '../../../src/model/weights/bind';
import { type Precision, toHalf } from '../../../src/model/weights/dtypes';
import { median, prepared, preparedFloats, type Suite } from '../page';

type Feeds = Record<string, { data: Float32Array; dims: number[] }>;

/** What prepare.py says of a network: inputs and PyTorch's float32 output, each a file of raw floats. */
interface Case {
  inputs: Record<string, { file: string; dims: number[] }>;
  output: string;
  /** The graph that torch.onnx.export made of it; absent in a rehearsal. */
  exported?: string;
}

/**
 * Our UNet and decoder of Stable Diffusion 1.5's shape with random weights: how far they are from PyTorch's float32
 * (norm of the difference over norm of the reference), and their time beside the graph that torch.onnx.export makes of
 * the same model.
 */
export const networks: Suite = async ({ device, tiny }) => {
  const { threads } = await loadOrt();
  const chosen = await chooseDevice(device, threads);
  const own = await withOwnKernels(chosen, 'own');
  const cases: Record<'unet' | 'vae', Case> = await (await prepared('networks.json')).json();
  const files = folderFiles('prepared', await blobs('unet', 'vae'));
  const { provider, precision } = chosen.report;
  const operators = provider === 'webgpu' ? 'webgpu' : 'plain';
  const runs = tiny ? 2 : 12;
  const measured: Record<string, unknown> = { device: own.report };

  const unet = await openUnet(files, 'unet');
  const unetFeeds = await feedsOf(cases.unet);
  const want = await preparedFloats(cases.unet.output);
  const timeUnet = (on: ChosenDevice, convolutions: Precision) => {
    const graph = buildDenoiser(unet.config, { operators, precision, convolutions });
    const predictOf = (session: Session) => {
      const predict = predictWith(session, unet.config);
      return () => predict(unetInputOf(unetFeeds));
    };
    return timeOurs(graph, bindWeights([graph], unet.weights, 'unet'), on, predictOf, runs, want, true);
  };
  // As models run: `convolutionPrecision` in src/model/memory.ts.
  measured.unet = await timeUnet(own, own.report.kernels?.own.includes('Conv2dMM') ? precision : 'float32');
  measured.unetOwnFloat32Convolutions = await timeUnet(own, 'float32');
  measured.unetByOnnxruntime = await timeUnet(chosen, 'float32');
  if (cases.unet.exported) measured.exportedUnet = await timeExported(cases.unet.exported, unetFeeds, runs, want);

  const vae = await openAutoencoder(files, 'vae');
  const vaeFeeds = await feedsOf(cases.vae);
  const picture = await preparedFloats(cases.vae.output);
  const timeDecoder = (on: ChosenDevice, inPrecision: Precision) => {
    const { decoder, encoder } = buildAutoencoder(vae.config, { operators, precision: inPrecision });
    const weights = bindWeights([decoder, encoder], vae.weights, 'vae');
    const decodeOf = (session: Session) => async () => Object.values(await session.run(vaeFeeds))[0];
    return timeOurs(decoder, weights, on, decodeOf, runs, picture);
  };
  measured.vae = await timeDecoder(own, 'float32');
  measured.vaeHalf = await timeDecoder(own, precision);
  measured.vaeByOnnxruntime = await timeDecoder(chosen, 'float32');
  if (cases.vae.exported) measured.exportedVae = await timeExported(cases.vae.exported, vaeFeeds, runs, picture);
  return measured;
};

/** Each network's configuration and weights, which the browser keeps outside the page's memory. */
async function blobs(...folders: string[]) {
  const paths = folders.flatMap((at) => [`${at}/config.json`, `${at}/diffusion_pytorch_model.safetensors`]);
  return Promise.all(paths.map(async (path) => ({ path, file: await (await prepared(path)).blob() })));
}

async function feedsOf({ inputs }: Case): Promise<Feeds> {
  const feeds: Feeds = {};
  for (const [name, { file, dims }] of Object.entries(inputs)) feeds[name] = { data: await preparedFloats(file), dims };
  return feeds;
}

/** The UNet's inputs as `predictWith` takes them, from those of the exported graph. */
function unetInputOf({ sample, timestep, encoder_hidden_states: context }: Feeds): UnetInput {
  const [batch, , height, width] = sample.dims;
  const [, tokens] = context.dims;
  return { sample: sample.data, batch, height, width, timestep: timestep.data[0], context: context.data, tokens };
}

/** Times `run`, two runs after the first aside, and compares what it gives. */
async function timed(run: () => Promise<Float32Array>, runs: number, want: Float32Array) {
  const times: number[] = [];
  let out = new Float32Array(0);
  for (let i = 0; i < runs + 2; i++) {
    const from = performance.now();
    out = Float32Array.from(await run());
    times.push(performance.now() - from);
  }
  let [difference, size] = [0, 0];
  for (let i = 0; i < want.length; i++) {
    difference += (out[i] - want[i]) ** 2;
    size += want[i] ** 2;
  }
  const [firstMs] = times;
  return { firstMs, medianMs: median(times.slice(2)), relativeError: Math.sqrt(difference / size) };
}

async function timeOurs(
  graph: BuiltGraph,
  weights: BoundWeights,
  device: ChosenDevice,
  runOf: (session: Session) => () => Promise<Float32Array>,
  runs: number,
  want: Float32Array,
  repeats = false,
) {
  const started = performance.now();
  const session = await createSession(graph, weights, device, { repeats });
  const loadMs = performance.now() - started;
  const figures = await timed(runOf(session), runs, want);
  await session.release();
  return { loadMs, ...figures };
}

/** A graph with its external data beside it, as any page that loads an ONNX pack runs it. */
async function timeExported(name: string, feeds: Feeds, runs: number, want: Float32Array) {
  const { ort } = await loadOrt();
  const started = performance.now();
  const session = await ort.InferenceSession.create(`/prepared/${name}.onnx`, {
    executionProviders: ['webgpu'],
    externalData: [{ path: `${name}.data`, data: `/prepared/${name}.data` }],
    graphOptimizationLevel: 'all',
  });
  const loadMs = performance.now() - started;
  const tensors = Object.fromEntries(
    session.inputMetadata.map((input) => {
      const { data, dims } = feeds[input.name];
      const half = input.isTensor && input.type === 'float16';
      return [input.name, half ? new ort.Tensor('float16', toHalf(data), dims) : new ort.Tensor('float32', data, dims)];
    }),
  );
  const figures = await timed(
    async () => {
      const [tensor] = Object.values(await session.run(tensors));
      return Float32Array.from(tensor.data as Float32Array); // float16 comes as Float16Array, whose numbers these are
    },
    runs,
    want,
  );
  await session.release();
  return { loadMs, ...figures };
}
