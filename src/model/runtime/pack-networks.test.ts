import { describe, expect, it } from 'vitest';
import { failure } from '../fixtures/failure';
import { encodeModel, type InitializerSpec, type NodeSpec, type ValueSpec } from '../graph/proto';
import { memoryFiles } from '../weights/memory-files';
import { chooseDevice } from './device';
import { decodeWithPack, encodeTextWithPack, encodeWithPack, predictWithPack } from './pack-networks';
import { createPackSession, type Session } from './session';

const node = (op: string, inputs: string[], output: string, attributes: NodeSpec['attributes'] = {}): NodeSpec => ({
  op,
  domain: '',
  name: output,
  inputs,
  outputs: [output],
  attributes,
});
const value = (name: string, dtype: ValueSpec['dtype'], dims: ValueSpec['dims']): ValueSpec => ({ name, dtype, dims });

/** A pack's folder with one small graph of the test's own, and external data where it has any. */
async function open(
  nodes: NodeSpec[],
  inputs: ValueSpec[],
  outputs: ValueSpec[],
  initializers: InitializerSpec[] = [],
  external?: Uint8Array,
): Promise<Session> {
  const onnx = encodeModel({ name: 'g', nodes, initializers, inputs, outputs });
  const data: Record<string, Uint8Array> = external ? { 'net/model.onnx_data': external } : {};
  const files = memoryFiles('pack', { 'net/model.onnx': onnx, 'net/config.json': '{}', ...data });
  return createPackSession(files, 'net', await chooseDevice('wasm', 2));
}

interface Exported {
  batch: number | string;
  floats: 'float32' | 'float16';
  timestep: 'int64' | 'float32' | 'float16';
  timestepDims: (number | string)[];
}

/** out = sample * timestep + mean of the context, with the types and dimensions that an exporter might have chosen. */
function unetLike({ batch, floats, timestep, timestepDims }: Exported): Promise<Session> {
  return open(
    [
      node('Cast', ['t'], 'time', { to: floats === 'float16' ? 10 : 1 }),
      node('ReduceMax', ['time'], 'scale', { keepdims: 0 }),
      node('Mul', ['latent', 'scale'], 'scaled'),
      node('ReduceMean', ['ctx'], 'mean', { axes: [1, 2], keepdims: 1 }),
      node('Unsqueeze', ['mean', 'axes'], 'level'),
      node('Add', ['scaled', 'level'], 'out'),
    ],
    [
      value('ctx', floats, [batch, 'tokens', 2]),
      value('t', timestep, timestepDims),
      value('latent', floats, [batch, 4, 'h', 'w']),
    ],
    [value('out', floats, [batch, 4, 'h', 'w'])],
    [{ name: 'axes', dtype: 'int64', dims: [1], data: new Uint8Array(BigInt64Array.of(3n).buffer) }],
  );
}

/** A batch whose item i has samples of i + 1 and a context of 10 i. */
function unetInput(batch: number, timestep: number) {
  return {
    batch,
    height: 1,
    width: 2,
    timestep,
    tokens: 3,
    sample: Float32Array.from({ length: batch * 8 }, (_, i) => Math.floor(i / 8) + 1),
    context: Float32Array.from({ length: batch * 6 }, (_, i) => 10 * Math.floor(i / 6)),
  };
}

describe("a pack's UNet", () => {
  it.each<[string, Exported, number, number]>([
    ['whole timesteps', { batch: 'batch', floats: 'float32', timestep: 'int64', timestepDims: [1] }, 7.4, 7],
    ['a scalar timestep', { batch: 'batch', floats: 'float32', timestep: 'float32', timestepDims: [] }, 7.5, 7.5],
    [
      'a timestep for each item',
      { batch: 'batch_size', floats: 'float32', timestep: 'int64', timestepDims: ['batch_size'] },
      7,
      7,
    ],
    [
      'everything in float16',
      { batch: 'batch', floats: 'float16', timestep: 'float16', timestepDims: ['steps'] },
      7.5,
      7.5,
    ],
    ['a batch of one', { batch: 1, floats: 'float32', timestep: 'float32', timestepDims: [1] }, 2, 2],
    ['a batch of two', { batch: 2, floats: 'float32', timestep: 'int64', timestepDims: [2] }, 2, 2],
    ['a batch of five', { batch: 5, floats: 'float32', timestep: 'int64', timestepDims: [1] }, 2, 2],
  ])('takes %s', async (_, exported, timestep, seen) => {
    const session = await unetLike(exported);
    const predict = predictWithPack(session);
    for (const batch of [1, 3]) {
      const out = await predict(unetInput(batch, timestep));
      const expected = Array.from(
        { length: batch * 8 },
        (_, i) => (Math.floor(i / 8) + 1) * seen + 10 * Math.floor(i / 8),
      );
      expect(Array.from(out)).toEqual(expected);
    }
    await session.release();
  });

  it('says what it was exported for when it cannot take a size', async () => {
    const session = await open(
      [node('Identity', ['sample'], 'out')],
      [value('sample', 'float32', ['batch', 4, 64, 64])],
      [value('out', 'float32', ['batch', 4, 64, 64])],
    );
    const error = await failure(predictWithPack(session)(unetInput(1, 1)));
    expect(error.code).toBe('bad-request');
    expect(error.message).toMatch(/"sample" of \[batch, 4, 64, 64\].*\[1, 4, 1, 2\]/);
    await session.release();
  });

  it('refuses an input that it cannot tell', async () => {
    const session = await open(
      [node('Identity', ['guidance'], 'out')],
      [value('guidance', 'float32', ['batch', 5])],
      [value('out', 'float32', ['batch', 5])],
    );
    expect(() => predictWithPack(session)).toThrow(/"guidance"/);
    await session.release();
  });
});

describe("a pack's other networks", () => {
  it('encode text for int32 or int64 ids, in batches of a fixed size, with external data', async () => {
    for (const dtype of ['int32', 'int64'] as const) {
      const session = await open(
        [
          node('Cast', ['ids'], 'floats', { to: 1 }),
          node('Unsqueeze', ['floats', 'axes'], 'column'),
          node('Mul', ['column', 'w'], 'last_hidden_state'),
          node('Identity', ['column'], 'hidden_states.11'),
          node('Neg', ['column'], 'hidden_states.12'),
          node('ReduceMax', ['floats'], 'pooler_output', { axes: [1], keepdims: 1 }),
        ],
        [value('ids', dtype, [2, 3])],
        [
          value('last_hidden_state', 'float32', [2, 3, 2]),
          value('hidden_states.11', 'float32', [2, 3, 1]),
          value('hidden_states.12', 'float32', [2, 3, 1]),
          value('pooler_output', 'float32', [2, 1]),
        ],
        [
          { name: 'axes', dtype: 'int64', dims: [1], data: new Uint8Array(BigInt64Array.of(2n).buffer) },
          { name: 'w', dtype: 'float32', dims: [2], data: { location: 'model.onnx_data', offset: 0, byteLength: 8 } },
        ],
        new Uint8Array(Float32Array.of(2, 3).buffer),
      );
      const { hidden, raw: penultimate, pooled } = await encodeTextWithPack(session)(Int32Array.of(5, 49407, 1), 2);
      expect(Array.from(hidden)).toEqual([10, 15, 98814, 148221, 2, 3]);
      expect(Array.from(penultimate)).toEqual([5, 49407, 1]);
      expect(Array.from(pooled)).toEqual([49407]);
      await session.release();
    }
  });

  it('encode pictures to a posterior or to latents, and decode', async () => {
    const picture = Float32Array.of(1, 2, 3, 4);
    const moments = await open(
      [node('Concat', ['x', 'x'], 'both', { axis: 1 }), node('Mul', ['both', 'hundred'], 'moments')],
      [value('x', 'float32', ['b', 1, 'h', 'w'])],
      [value('moments', 'float32', ['b', 2, 'h', 'w'])],
      [{ name: 'hundred', dtype: 'float32', dims: [1], data: new Uint8Array(Float32Array.of(-100).buffer) }],
    );
    const posterior = await encodeWithPack(moments, 1)(picture, 2, 2);
    expect(Array.from(posterior.mean)).toEqual([-100, -200, -300, -400]);
    expect(Array.from(posterior.logvar)).toEqual([-30, -30, -30, -30]);
    await moments.release();
    const plain = await open(
      [node('Identity', ['x'], 'y')],
      [value('x', 'float32', ['b', 1, 'h', 'w'])],
      [value('y', 'float32', ['b', 1, 'h', 'w'])],
    );
    expect((await encodeWithPack(plain, 1)(picture, 2, 2)).logvar[0]).toBe(Number.NEGATIVE_INFINITY);
    expect(await decodeWithPack(plain)(picture, 2, 2)).toEqual(picture);
    await plain.release();
  });
});
