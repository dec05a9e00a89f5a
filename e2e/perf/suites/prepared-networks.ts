/** Networks that prepare.py made with random weights: their inputs, PyTorch's float32 output, and our time and error. */
import { folderFiles } from '../../../src/engine/model-source';
import { buildDenoiser } from '../../../src/model/graph/denoiser';
import type { BuiltGraph } from '../../../src/model/graph/types';
import { openUnet } from '../../../src/model/layouts/diffusers-folder';
import { hasOwnConvolutions } from '../../../src/model/running/memory';
import { predictWith, type UnetInput } from '../../../src/model/runtime/denoiser';
import type { ChosenDevice } from '../../../src/model/runtime/device';
import { createSession, type Session } from '../../../src/model/runtime/session';
import { type BoundWeights, bindWeights } from '../../../src/model/weights/bind';
import type { Precision } from '../../../src/model/weights/dtypes';
import type { ModelFiles } from '../../../src/model/weights/model-files';
import { median, prepared, preparedFloats } from '../page';

export type Feeds = Record<string, { data: Float32Array; dims: number[] }>;

/** What prepare.py says of a network: inputs and PyTorch's float32 output, each a file of raw floats. */
export interface Case {
  inputs: Record<string, { file: string; dims: number[] }>;
  output: string;
  /** The graph that torch.onnx.export made of it; absent in a rehearsal. */
  exported?: string;
}

/** The files of prepare.py that are named, as a model's; the browser keeps them outside the page's memory. */
export async function preparedFiles(...paths: string[]): Promise<ModelFiles> {
  const files = paths.map(async (path) => ({ path, file: await (await prepared(path)).blob() }));
  return folderFiles('prepared', await Promise.all(files));
}

/** A network of diffusers: what it is, and its weights. */
export const filesOf = (folder: string) => [`${folder}/config.json`, `${folder}/diffusion_pytorch_model.safetensors`];

/** The operators that a device has kernels for. */
export const operatorsOf = ({ report }: ChosenDevice) => (report.provider === 'webgpu' ? 'webgpu' : 'plain');

/** A UNet, timed on one device and another, with its convolutions in one precision and another. */
export async function unetCase(files: ModelFiles, folder: string, of: Case, runs: number) {
  const { config, weights } = await openUnet(files, folder);
  const feeds = await feedsOf(of);
  const want = await preparedFloats(of.output);
  return (on: ChosenDevice, convolutions: Precision) => {
    const graph = buildDenoiser(config, { operators: operatorsOf(on), precision: on.report.precision, convolutions });
    const predictOf = (session: Session) => {
      const predict = predictWith(session, config);
      return () => predict(unetInputOf(feeds));
    };
    return timeOurs(graph, bindWeights([graph], weights, folder), on, predictOf, runs, want, true);
  };
}

/** As models run: `convolutionPrecision` in src/model/running/memory.ts. */
export const convolutionsOf = ({ report }: ChosenDevice): Precision =>
  hasOwnConvolutions(report) ? report.precision : 'float32';

export async function feedsOf({ inputs }: Case): Promise<Feeds> {
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
export async function timed(run: () => Promise<Float32Array>, runs: number, want: Float32Array) {
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

export async function timeOurs(
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
