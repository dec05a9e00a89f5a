import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeBuffer, type FakeGpu, fakeGpu } from '../fixtures/fake-gpu';
import type { TensorSpec } from '../graph/types';
import { IoBinding, type TypedInputs } from './io-binding';
import type { Ort } from './ort';

/** An odd number of float16s: three do not fill whole words. */
const SPECS: { inputs: TensorSpec[]; outputs: TensorSpec[] } = {
  inputs: [
    { name: 'latent', dtype: 'float16', dims: ['batch', 'width'] },
    { name: 'states', dtype: 'float32', dims: ['batch', 'tokens'] },
    { name: 'step', dtype: 'int64', dims: [1] },
  ],
  outputs: [{ name: 'noise', dtype: 'float16', dims: ['batch', 'width'] }],
};

/** onnxruntime's tensors, as far as an IoBinding knows them. */
class FakeTensor {
  readonly gpuBuffer: FakeBuffer | undefined;

  constructor(
    readonly type: string,
    readonly data: unknown,
    readonly dims: readonly number[],
  ) {}

  static fromGpuBuffer(gpuBuffer: GPUBuffer, { dataType, dims }: { dataType: string; dims: readonly number[] }) {
    return Object.assign(new FakeTensor(dataType, undefined, dims), { gpuBuffer });
  }

  dispose(): void {
    this.gpuBuffer?.destroy();
  }
}

type Tensors = Readonly<Record<string, FakeTensor>>;
type Options = InferenceSession.RunOptions;

interface Run {
  /** What onnxruntime records it under; -1 for not at all. */
  recording: string | undefined;
  feeds: Tensors;
  fetches: Tensors;
}

/** A session whose noise is its latent, and the runs that it made. */
function fakeSession(device: GPUDevice): { onnx: InferenceSession; runs: Run[] } {
  const runs: Run[] = [];
  const run = async (feeds: Tensors, ...rest: [Options] | [Tensors, Options]): Promise<Tensors> => {
    const options = rest.at(-1) as Options;
    const { type, dims, gpuBuffer } = feeds.latent;
    const madeHere = () => {
      const buffer = device.createBuffer({ size: gpuBuffer!.size, usage: GPUBufferUsage.STORAGE });
      return { noise: FakeTensor.fromGpuBuffer(buffer, { dataType: type, dims }) };
    };
    const fetches = rest.length === 2 ? (rest[0] as Tensors) : madeHere();
    fetches.noise.gpuBuffer!.bytes.set(gpuBuffer!.bytes);
    runs.push({ recording: options.extra?.gpu_graph_id as string | undefined, feeds, fetches });
    return fetches;
  };
  return { onnx: { run } as unknown as InferenceSession, runs };
}

/** Inputs of one size, all their numbers `value`. */
function inputs(width: number, value = 1, { batch = 1, tokens = 9 } = {}): TypedInputs {
  return new Map([
    ['latent', { data: new Uint16Array(batch * width).fill(value), dims: [batch, width] }],
    ['states', { data: new Float32Array(batch * tokens).fill(value), dims: [batch, tokens] }],
    ['step', { data: BigInt64Array.of(BigInt(value)), dims: [1] }],
  ]);
}

/** The first inputs with some of the second ones. */
const withOf = (all: TypedInputs, others: TypedInputs, ...names: string[]): TypedInputs =>
  new Map([...all].map(([name, input]) => [name, names.includes(name) ? others.get(name)! : input]));

describe('an IoBinding', () => {
  let gpu: FakeGpu;
  let runs: Run[];
  const bindingThat = (records: boolean) => {
    const session = fakeSession(gpu.device);
    runs = session.runs;
    return new IoBinding(
      { Tensor: FakeTensor as unknown as typeof Tensor } as Ort,
      session.onnx,
      gpu.device,
      SPECS,
      records,
    );
  };
  const bufferOf = (run: Run, name: string) => ({ ...run.feeds, ...run.fetches })[name].gpuBuffer!;
  const recordings = () => runs.map(({ recording }) => recording);

  beforeEach(() => {
    gpu = fakeGpu();
  });
  afterAll(() => vi.unstubAllGlobals());

  for (const records of [true, false])
    describe(records ? 'that records' : 'that does not record', () => {
      it('writes an input that does not change once, and one that does each time', async () => {
        const binding = bindingThat(records);
        const first = inputs(3, 1);
        for (const value of [1, 2, 3]) await binding.run(withOf(first, inputs(3, value), 'latent'));
        const run = runs.at(-1)!;
        expect([bufferOf(run, 'states').writes, bufferOf(run, 'latent').writes]).toEqual([1, 3]);
        // The same array with other numbers in it is another input.
        (first.get('states')!.data as Float32Array)[8] = 5;
        await binding.run(first);
        expect(bufferOf(runs.at(-1)!, 'states')).toBe(bufferOf(run, 'states'));
        expect(new Float32Array(bufferOf(run, 'states').bytes.buffer).at(-1)).toBe(5);
      });

      it('reads as many bytes as an output has, of the run that was asked for', async () => {
        const binding = bindingThat(records);
        for (const [width, value] of [
          [3, 7],
          [3, 8],
          [5, 9],
        ]) {
          const { noise } = await binding.run(inputs(width, value));
          expect([...new Uint16Array(noise)]).toEqual(Array(width).fill(value));
        }
      });

      it('destroys every buffer when it is released', async () => {
        const binding = bindingThat(records);
        for (let width = 1; width <= 7; width++) await binding.run(inputs(width));
        await binding.run(inputs(1));
        expect(gpu.buffers.filter(({ destroyed }) => !destroyed).length).toBeGreaterThan(0);
        binding.release();
        expect(gpu.buffers.filter(({ destroyed }) => !destroyed)).toEqual([]);
      });
    });

  it('makes one small run before all others, which is not recorded and leaves nothing behind', async () => {
    const binding = bindingThat(true);
    await binding.run(inputs(64, 1, { batch: 2, tokens: 77 }));
    await binding.run(inputs(96, 1, { batch: 2, tokens: 77 }));
    expect(recordings()).toEqual(['-1', '0', '1']);
    const [{ feeds, fetches }] = runs;
    expect([feeds.latent.dims, feeds.states.dims, feeds.step.dims]).toEqual([[1, 8], [1, 8], [1]]);
    for (const { gpuBuffer } of Object.values({ ...feeds, ...fetches })) expect(gpuBuffer!.destroyed).toBe(true);
  });

  it('gives every set of sizes its own buffers and recording, to which it comes back', async () => {
    const binding = bindingThat(true);
    for (const width of [64, 96, 64, 96]) await binding.run(inputs(width));
    expect(recordings().slice(1)).toEqual(['0', '1', '0', '1']);
    const [, a, b, againA, againB] = runs;
    for (const name of ['latent', 'states', 'step', 'noise']) {
      expect(bufferOf(againA, name)).toBe(bufferOf(a, name));
      expect(bufferOf(againB, name)).toBe(bufferOf(b, name));
      expect(bufferOf(a, name)).not.toBe(bufferOf(b, name));
    }
  });

  it('records four sets of sizes; of the others the last one keeps its buffers', async () => {
    const binding = bindingThat(true);
    for (const width of [1, 2, 3, 4, 5, 5, 6, 1]) await binding.run(inputs(width));
    expect(recordings().slice(1)).toEqual(['0', '1', '2', '3', '-1', '-1', '-1', '0']);
    const [fifth, again, sixth] = runs.slice(5);
    expect(bufferOf(again, 'latent')).toBe(bufferOf(fifth, 'latent'));
    expect([fifth, sixth].map((run) => bufferOf(run, 'latent').destroyed)).toEqual([true, false]);
    expect([fifth, sixth].map((run) => bufferOf(run, 'noise').destroyed)).toEqual([true, true]);
  });

  it('that does not record leaves whole numbers and single ones to the CPU, and makes no run of its own', async () => {
    const binding = bindingThat(false);
    await binding.run(inputs(3, 4));
    expect(recordings()).toEqual([undefined]);
    expect(runs[0].feeds.step).toMatchObject({ data: BigInt64Array.of(4n), gpuBuffer: undefined });
    expect(runs[0].feeds.states.gpuBuffer).toBeDefined();
  });
});
