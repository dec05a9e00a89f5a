import { EaselError, type Said, said } from '../../core/errors';
import { GraphBuilder } from '../graph/builder';
import type { BuiltGraph, TensorSpec } from '../graph/types';
import type { BoundWeights } from '../weights/bind';
import { fromHalf, toHalf } from '../weights/dtypes';
import {
  externalData,
  externalFile,
  type ReadingAhead,
  readAhead,
  type ServedWeights,
  type Serving,
} from '../weights/external-data';
import type { ModelFiles } from '../weights/model-files';
import type { ChosenDevice } from './device';
import { IoBinding, type RawOutputs, type TypedData, type TypedInputs } from './io-binding';
import { type InferenceSession, isNotSent, loadOrt, notSent, type Ort, type Tensor as OrtTensor } from './ort';
import { saysShortage, watchShortage } from './shortage';

/** Where the time went when a session was created, in milliseconds. */
export interface OpeningTimes {
  network: string;
  /** When its turn came, counted from the worker's start. */
  began: number;
  /** Until onnxruntime asked for a weight: the graph read and optimised. */
  graph: number;
  /** Making of its files' bytes what the graph wants; a part of the other stages. */
  convert: number;
  /** What onnxruntime waited for weights that had not been read yet. */
  waited: number;
  /** What onnxruntime took between them: to bring them to the card, or into its own memory. */
  upload: number;
  /** After the last one: kernels made ready. */
  finish: number;
}

export type InputData = Float32Array | Int32Array;

/** An input: its numbers, row-major. */
export interface Feed {
  data: InputData;
  dims: readonly number[];
}

/** Inputs by the graph's own names. */
export type Feeds = Readonly<Record<string, Feed>>;

/** One graph on its device. Sizes may change from run to run where dimensions are symbolic; weights are read once. */
export interface Session {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /**
   * Feeds and results by the graph's own names; numbers are converted to the type that the graph states, results to
   * float32.
   * @throws EaselError `bad-request` where a dimension differs from one that the graph fixes.
   */
  run(feeds: Feeds): Promise<Record<string, Float32Array>>;
  release(): Promise<void>;
}

/** Counted for the tests: a change of size or a cancel must not create sessions. */
export const sessionCounts = { created: 0, released: 0 };

/** Of all sessions created so far whose graphs are our own, for those who measure. */
export const openings: OpeningTimes[] = [];

/**
 * The last session that is being created. onnxruntime refuses two creations at a time on WebGPU; and its calls share
 * one stack, so that nothing may run while a creation waits for weights.
 */
let creating: Promise<unknown> = Promise.resolve();

/**
 * Creates a session for `graph`, its weights served a tensor at a time.
 * @param signal ends the creation before the next tensor is read.
 * @param ahead its weights where reading them has begun before
 * @param repeats it runs many times with the same sizes, as a denoiser does: its runs are recorded where the device
 * does that (`IoBinding`).
 * @throws EaselError `out-of-memory`, `device-lost`, `unsupported` (an operator without a kernel), coded by
 * `sessionError`.
 */
export function createSession(
  graph: BuiltGraph,
  weights: ServedWeights & Partial<Pick<BoundWeights, 'times'>>,
  device: ChosenDevice,
  { signal, ahead, repeats = false }: { signal?: AbortSignal; ahead?: ReadingAhead; repeats?: boolean } = {},
): Promise<Session> {
  const reading = ahead ?? readAhead(graph.weights, weights);
  const created = queued(async () => {
    signal?.throwIfAborted();
    const { reads } = await loadOrt();
    const from = performance.now();
    const convertedBefore = weights.times?.convert ?? 0; // an autoencoder's two graphs share their weights
    const { files, serving } = await externalData(graph, readUntil(reading, signal), reads);
    const session = await create({ ...graph, externalFiles: files, repeats }, device);
    const convert = (weights.times?.convert ?? 0) - convertedBefore;
    openings.push({ network: graph.name, began: from, ...stagesOf(from, serving), convert });
    return session;
  });
  return created.finally(() => reading.stop());
}

/** Weights that are read until a signal says otherwise. */
type Read = Pick<ReadingAhead, 'read'>;

function readUntil(weights: Read, signal: AbortSignal | undefined): Read {
  if (!signal) return weights;
  return {
    async read(slot) {
      signal.throwIfAborted();
      return weights.read(slot);
    },
  };
}

function stagesOf(
  from: number,
  { first, last, waited }: Serving,
): Pick<OpeningTimes, 'graph' | 'waited' | 'upload' | 'finish'> {
  const to = performance.now();
  // Without weights; where a build has them read beforehand, all that onnxruntime does comes after the last one.
  if (first === undefined || last === undefined) return { graph: to - from, waited, upload: 0, finish: 0 };
  return { graph: first - from, waited, upload: last - first - waited, finish: to - last };
}

/** Creates a session for the `model.onnx` in a folder of a pack, with the external data beside it. */
export function createPackSession(files: ModelFiles, folder: string, device: ChosenDevice): Promise<Session> {
  return queued(async () => {
    const { reads } = await loadOrt();
    const beside = files
      .list()
      .filter((path) => path.startsWith(`${folder}/`) && !/\.(onnx|json|txt|md)$/.test(path))
      .map(async (path) => ({ path: path.slice(folder.length + 1), data: await externalFile(files, path, reads) }));
    const onnx = await files.read(`${folder}/model.onnx`);
    const model = { name: folder, onnx, externalFiles: await Promise.all(beside) };
    return create(model, device).catch((error) => Promise.reject(blamedOnFile(error, `${folder}/model.onnx`)));
  });
}

/** What onnxruntime makes nothing of is the file's fault where the graph is not ours. */
function blamedOnFile(error: unknown, path: string): unknown {
  if (!(error instanceof EaselError) || error.code !== 'internal') return error;
  return new EaselError('corrupt', said`${path} cannot be read. Export the model again. (${error.said})`, {
    cause: error,
  });
}

function queued<T>(create: () => Promise<T>): Promise<T> {
  const created = creating.then(create);
  creating = created.catch(() => undefined);
  return created;
}

/**
 * Does beforehand what the first session waits for whatever its model: onnxruntime's WebAssembly is compiled, its
 * operators are registered. What goes wrong is the first session's to report.
 */
export async function startRuntime(): Promise<void> {
  const graph = GraphBuilder.create('nothing', { operators: 'plain', precision: 'float32' });
  graph.output('same', graph.input('number', 'float32', [1]), [1]);
  await queued(async () => {
    const { ort } = await loadOrt();
    const session = await ort.InferenceSession.create(graph.finish().onnx, { executionProviders: ['wasm'] });
    await session.release();
  }).catch(() => undefined);
}

interface Model {
  name: string;
  onnx: Uint8Array;
  externalFiles: { path: string; data: Blob | Uint8Array }[];
  /** Names of nodes that run on the CPU even where the rest does not. */
  cpuNodes?: readonly string[];
  repeats?: boolean;
}

async function create(
  { name, onnx: bytes, externalFiles, cpuNodes = [], repeats = false }: Model,
  device: ChosenDevice,
): Promise<Session> {
  const { ort } = await loadOrt();
  const gpu = await device.openGpu?.();
  const records = repeats && device.records === true;
  const shortage = gpu && watchShortage(gpu);
  const closeGpu = () => gpu && (device.closeGpu ? device.closeGpu(gpu) : gpu.destroy());
  const options: InferenceSession.SessionOptions = {
    executionProviders: gpu ? [webGpu(cpuNodes, gpu)] : ['wasm'],
    externalData: externalFiles,
    graphOptimizationLevel: 'all',
    enableMemPattern: false, // patterns assume shapes that repeat; sizes change here
    ...(gpu && { preferredOutputLocation: 'gpu-buffer' }),
  };
  let onnx: InferenceSession;
  try {
    onnx = await ort.InferenceSession.create(bytes, records ? recording(options) : options);
  } catch (thrown) {
    closeGpu();
    throw sessionError(thrown, name, said`could not be started`, shortage?.message);
  }
  sessionCounts.created++;
  let lost: string | undefined;
  gpu?.lost.then((info) => {
    lost = info.message;
  });
  const [inputs, outputs] = [onnx.inputMetadata.map(specOf), onnx.outputMetadata.map(specOf)];
  const binding = gpu && new IoBinding(ort, onnx, gpu, { inputs, outputs }, records);
  return {
    inputs,
    outputs,
    async run(feeds) {
      await creating;
      if (lost !== undefined) throw deviceLost(lost);
      const given: TypedInputs = new Map(inputs.map((spec) => [spec.name, typed(name, spec, feeds[spec.name])]));
      try {
        if (binding) {
          const raw = await binding.run(given);
          if (shortage?.message !== undefined) throw new Error(shortage.message);
          return floatsByName(outputs, raw);
        }
        const results = await onnx.run(tensorsOf(ort, inputs, given));
        return Object.fromEntries(Object.entries(results).map(([output, tensor]) => [output, floatsOf(tensor)]));
      } catch (thrown) {
        if (lost !== undefined && shortage?.message === undefined && !saysShortage(lost)) throw deviceLost(lost);
        throw sessionError(thrown, name, said`failed`, shortage?.message ?? lost);
      }
    },
    async release() {
      binding?.release();
      await onnx.release();
      closeGpu();
      sessionCounts.released++;
    },
  };
}

/** Inputs as onnxruntime takes them in its own memory. */
function tensorsOf({ Tensor }: Ort, inputs: readonly TensorSpec[], given: TypedInputs): Record<string, OrtTensor> {
  const tensors = inputs.map(({ name, dtype }) => {
    const { data, dims } = given.get(name)!;
    return [name, new Tensor(dtype, data as never, dims)] as const;
  });
  return Object.fromEntries(tensors);
}

/** @param why in the browser's words, which may have none */
const deviceLost = (why: string) =>
  new EaselError(
    'device-lost',
    why === ''
      ? said`The graphics device was lost. Load the model again.`
      : said`The graphics device was lost (${why}). Load the model again.`,
  );

/**
 * Options for a session that records runs. onnxruntime-web takes `enableGraphCapture` for two things: that the provider
 * records, and that all later runs use the buffers of the first one, whatever they are given. `IoBinding` keeps buffers
 * itself, for several sizes, so the answer is yes until the provider has been told: that is, until the option read
 * after it is.
 */
function recording(options: InferenceSession.SessionOptions): InferenceSession.SessionOptions {
  let told = false;
  return Object.defineProperties(
    { ...options },
    {
      enableGraphCapture: { get: () => !told },
      freeDimensionOverrides: {
        get() {
          told = true;
          return undefined;
        },
      },
    },
  );
}

function specOf(value: InferenceSession.ValueMetadata): TensorSpec {
  const { name } = value;
  if (!value.isTensor) throw new EaselError('unsupported', said`"${name}" of the graph is not a tensor.`);
  const { type, shape } = value;
  if (type !== 'float32' && type !== 'float16' && type !== 'int32' && type !== 'int64') {
    throw new EaselError('unsupported', said`"${name}" of the graph has the type ${type}, which Easel does not feed.`);
  }
  return { name, dtype: type, dims: shape };
}

function refuseOtherDims(name: string, { name: input, dims }: TensorSpec, given: readonly number[]): void {
  const same = dims.length === given.length && dims.every((side, i) => typeof side === 'string' || side === given[i]);
  if (same) return;
  throw new EaselError(
    'bad-request',
    said`${name} was exported for "${input}" of [${dims.join(', ')}]; it cannot take [${given.join(', ')}].`,
  );
}

/** An input as its graph has it. */
function typed(
  name: string,
  spec: TensorSpec,
  feed: Feeds[string] | undefined,
): { data: TypedData; dims: readonly number[] } {
  if (!feed) throw new EaselError('internal', said`${name} was not given its input "${spec.name}".`);
  refuseOtherDims(name, spec, feed.dims);
  return { data: converted(feed.data, spec.dtype), dims: feed.dims };
}

/** Numbers as a graph's type has them; a fraction is rounded where the graph counts in whole steps. */
function converted(data: InputData, dtype: TensorSpec['dtype']): TypedData {
  switch (dtype) {
    case 'float32':
      return data instanceof Float32Array ? data : Float32Array.from(data);
    case 'float16':
      return toHalf(Float32Array.from(data));
    case 'int32':
      return data instanceof Int32Array ? data : Int32Array.from(data, Math.round);
    case 'int64':
      return BigInt64Array.from(Array.from(data, (value) => BigInt(Math.round(value))));
    default:
      dtype satisfies never;
      throw new EaselError('internal', said`Unknown type "${String(dtype)}".`);
  }
}

/** Arrays over numbers as they lie in memory. */
const VIEWS = { float32: Float32Array, float16: Uint16Array, int32: Int32Array, int64: BigInt64Array } as const;

function floatsByName(outputs: readonly TensorSpec[], raw: RawOutputs): Record<string, Float32Array> {
  const floats = ({ name, dtype }: TensorSpec) => floatsOf({ type: dtype, data: new VIEWS[dtype](raw[name]) });
  return Object.fromEntries(outputs.map((spec) => [spec.name, floats(spec)]));
}

/** float16 comes as bit patterns, or as Float16Array where the browser has it. */
function floatsOf(tensor: Pick<OrtTensor, 'type' | 'data'>): Float32Array {
  const { data } = tensor;
  if (data instanceof Float32Array) return data;
  if (tensor.type === 'float16' && data instanceof Uint16Array) return fromHalf(data);
  return Float32Array.from(data as ArrayLike<number | bigint>, Number);
}

function webGpu(cpuNodes: readonly string[], device: GPUDevice): InferenceSession.ExecutionProviderConfig {
  const forced = cpuNodes.length > 0 ? { forceCpuNodeNames: cpuNodes } : {}; // an empty list is refused
  const options = { device, storageBufferCacheMode: 'simple', validationMode: 'wgpuOnly', ...forced };
  return { name: 'webgpu', ...options } as never; // the library's types know some of these only
}

/** The networks as a person knows them, by their graphs' names. */
const NETWORK_NAMES: Readonly<Record<string, Said>> = {
  text_encoder: said`text encoder`,
  text_encoder_2: said`second text encoder`,
  unet: said`UNet`,
  vae_decoder: said`VAE’s decoder`,
  vae_encoder: said`VAE’s encoder`,
  name_classifier: said`classifier`,
};

/**
 * onnxruntime's messages, sorted into Easel's codes.
 * @param short what the graphics card said of memory that it could not give, if it did
 */
function sessionError(thrown: unknown, name: string, what: Said, short?: string): EaselError {
  const message = short ?? (thrown instanceof Error ? thrown.message : String(thrown));
  if (thrown instanceof EaselError) return thrown;
  if (isNotSent(message)) return notSent(thrown);
  const because = message === '' ? said`${name} ${what}` : said`${name} ${what}: ${message}`;
  if (short !== undefined || saysShortage(message)) {
    const network = NETWORK_NAMES[name] ?? name;
    return new EaselError('out-of-memory', said`There is not enough memory for the ${network} (${because}).`, {
      cause: thrown,
    });
  }
  if (/device.*lost|lost.*device/i.test(message)) return new EaselError('device-lost', because, { cause: thrown });
  if (/not.*implemented|could not find an implementation/i.test(message)) {
    return new EaselError('unsupported', because, { cause: thrown });
  }
  return new EaselError('internal', because, { cause: thrown });
}
