import type { InferenceSession } from 'onnxruntime-web';
import { EaselError } from '../../core/errors';
import type { BuiltGraph, TensorSpec } from '../graph/types';
import type { BoundWeights } from '../weights/bind';
import { externalData } from '../weights/external-data';
import type { ChosenDevice } from './device';
import { loadOrt } from './ort';

export type InputData = Float32Array | Int32Array;

/** One graph on its device. Sizes may change from run to run: dimensions are symbolic, weights are read once. */
export interface Session {
  /** Feeds and results by the graph's own names; dims in the order of the graph's inputs. */
  run(
    feeds: Readonly<Record<string, { data: InputData; dims: readonly number[] }>>,
  ): Promise<Record<string, Float32Array>>;
  release(): Promise<void>;
}

/** Counted for the tests: a change of size or a cancel must not create sessions. */
export const sessionCounts = { created: 0, released: 0 };

/** onnxruntime refuses two session creations at a time on WebGPU. */
let creating: Promise<unknown> = Promise.resolve();

/**
 * Creates a session for `graph`, its weights served a tensor at a time.
 * @throws EaselError `out-of-memory`, `device-lost`, `unsupported` (an operator without a kernel), coded by `sessionError`.
 */
export function createSession(graph: BuiltGraph, weights: BoundWeights, device: ChosenDevice): Promise<Session> {
  const session = creating.then(() => create(graph, weights, device));
  creating = session.catch(() => undefined);
  return session;
}

async function create(graph: BuiltGraph, weights: BoundWeights, device: ChosenDevice): Promise<Session> {
  const { ort, reads } = await loadOrt();
  const gpu = await device.openGpu?.();
  const options: InferenceSession.SessionOptions = {
    executionProviders: gpu ? [webGpu(graph, gpu)] : ['wasm'],
    externalData: [{ path: graph.location, data: await externalData(graph, weights, reads) }],
    graphOptimizationLevel: 'all',
    enableMemPattern: false, // patterns assume shapes that repeat; sizes change here
  };
  let onnx: InferenceSession;
  try {
    onnx = await ort.InferenceSession.create(graph.onnx, options);
  } catch (thrown) {
    gpu?.destroy();
    throw sessionError(thrown, `${graph.name} could not be started`);
  }
  sessionCounts.created++;
  let lost: string | undefined;
  gpu?.lost.then((info) => {
    lost = info.message || 'the device was lost';
  });
  return {
    async run(feeds) {
      if (lost) throw new EaselError('device-lost', `The graphics device was lost (${lost}). Load the model again.`);
      const inputs = Object.fromEntries(
        graph.inputs.map((spec) => {
          const feed = feeds[spec.name];
          if (!feed) throw new EaselError('internal', `${graph.name} was not given its input "${spec.name}".`);
          return [spec.name, new ort.Tensor(tensorType(spec), feed.data as never, feed.dims)];
        }),
      );
      try {
        const results = await onnx.run(inputs);
        return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]));
      } catch (thrown) {
        if (lost) throw new EaselError('device-lost', `The graphics device was lost (${lost}). Load the model again.`);
        throw sessionError(thrown, `${graph.name} failed`);
      }
    },
    async release() {
      await onnx.release();
      gpu?.destroy();
      sessionCounts.released++;
    },
  };
}

function webGpu({ cpuNodes = [] }: BuiltGraph, device: GPUDevice): InferenceSession.ExecutionProviderConfig {
  const forced = cpuNodes.length > 0 ? { forceCpuNodeNames: cpuNodes } : {}; // an empty list is refused
  const options = { device, storageBufferCacheMode: 'simple', validationMode: 'wgpuOnly', ...forced };
  return { name: 'webgpu', ...options } as never; // the library's types know some of these only
}

function tensorType(spec: TensorSpec): 'float32' | 'int32' {
  if (spec.dtype === 'float32' || spec.dtype === 'int32') return spec.dtype;
  throw new EaselError('internal', `Input "${spec.name}" has dtype ${spec.dtype}; graphs take float32 and int32.`);
}

/** onnxruntime's messages, sorted into Easel's codes. */
function sessionError(thrown: unknown, what: string): EaselError {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof EaselError) return thrown;
  const because = `${what}: ${message}`;
  if (
    /out of memory|bad_alloc|failed to allocate|exceeds the max buffer size|memory access out of bounds/i.test(message)
  ) {
    return new EaselError(
      'out-of-memory',
      `Not enough memory (${because}). Try a smaller picture, or close other tabs.`,
      { cause: thrown },
    );
  }
  if (/device.*lost|lost.*device/i.test(message)) return new EaselError('device-lost', because, { cause: thrown });
  if (/not.*implemented|could not find an implementation/i.test(message)) {
    return new EaselError('unsupported', because, { cause: thrown });
  }
  return new EaselError('internal', because, { cause: thrown });
}
