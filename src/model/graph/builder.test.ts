import { describe, expect, it } from 'vitest';
import { type Family, graphsOf, modelOf } from '../fixtures/checkpoints';
import { chooseDevice } from '../runtime/device';
import { createSession } from '../runtime/session';
import { GraphBuilder } from './builder';
import type { BuiltGraph, Dialect } from './types';

const PLAIN: Dialect = { operators: 'plain', precision: 'float32' };

describe('external files', () => {
  it('hold no more than they may, on boundaries of 64 bytes, and a larger tensor alone', () => {
    const g = GraphBuilder.create('g', PLAIN, 256);
    for (const [i, count] of [8, 16, 40, 1, 100, 2].entries()) g.weight(`w${i}`, [count]);
    const { weights, files } = g.finish();
    expect(weights.map(({ location, offset, byteLength }) => [location, offset, byteLength])).toEqual([
      ['weights_0', 0, 32],
      ['weights_0', 64, 64],
      ['weights_1', 0, 160],
      ['weights_1', 192, 4],
      ['weights_2', 0, 400],
      ['weights_3', 0, 8],
    ]);
    expect(files.map(({ byteLength }) => byteLength)).toEqual([128, 196, 400, 8]);
  });

  it('stay below 2^31 bytes by themselves: 5.1 GB, as SDXL has, make three', () => {
    const g = GraphBuilder.create('g', { operators: 'webgpu', precision: 'float16' });
    for (let i = 0; i < 51; i++) g.weight(`w${i}`, [50_000_000]);
    const { files } = g.finish();
    expect(files).toHaveLength(3);
    for (const { byteLength } of files) expect(byteLength).toBeLessThan(2 ** 31);
  });

  it('are served to onnxruntime together', async () => {
    const g = GraphBuilder.create('g', PLAIN, 128);
    let sum = g.input('x', 'float32', ['n']);
    for (let i = 0; i < 5; i++) sum = g.node('Add', [sum, g.weight(`w${i}`, [8])]);
    g.output('y', sum, ['n']);
    const graph = g.finish();
    expect(graph.files).toHaveLength(3);
    const read = async ({ key }: { key: string }) => new Uint8Array(new Float32Array(8).fill(10 ** +key[1]).buffer);
    const session = await createSession(graph, { read }, await chooseDevice('wasm', 1));
    const { y } = await session.run({ x: { data: new Float32Array(8), dims: [8] } });
    expect(Array.from(y)).toEqual(new Array(8).fill(11111));
    await session.release();
  });
});

describe('buffers that a kernel binds', () => {
  it('are no more than every WebGPU device allows, else the builder refuses', () => {
    const split = (dialect: Dialect, parts: number) => {
      const g = GraphBuilder.create('g', dialect);
      return () => g.nodes('Split', [g.input('x', 'float32', [16])], parts);
    };
    expect(split({ ...PLAIN, operators: 'webgpu' }, 16)).toThrow(/Split_0 would bind 17 buffers; WebGPU allows 8/);
    expect(split({ ...PLAIN, operators: 'webgpu' }, 7)).not.toThrow();
    expect(split(PLAIN, 16)).not.toThrow();
  });

  const boundOf = ({ nodes, cpuNodes = [] }: BuiltGraph) =>
    nodes
      .filter(({ name }) => !cpuNodes.includes(name))
      .map(({ inputs, outputs }) => inputs.filter((input) => input !== '').length + outputs.length);

  it.each(
    (['sd1', 'sd2', 'sdxl'] as const).flatMap((family): [Family, Dialect['precision']][] => [
      [family, 'float16'],
      [family, 'float32'],
    ]),
  )('every graph of %s in the WebGPU dialect, %s', (family, precision) => {
    const { unet, towers, vae } = graphsOf(modelOf(family), { operators: 'webgpu', precision });
    for (const graph of [unet, ...towers, ...vae])
      expect(Math.max(...boundOf(graph)), graph.name).toBeLessThanOrEqual(8);
  });
});
