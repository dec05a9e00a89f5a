import { seededNormal } from '../core/random';
import { GraphBuilder, type Value } from './graph/builder';
import { type Tensor, tensor } from './graph/float64';
import type { Dialect } from './graph/types';
import type { ChosenDevice } from './runtime/device';
import { createSession } from './runtime/session';
import { bindWeights } from './weights/bind';
import type { TensorEntry } from './weights/safetensors';
import type { StateDict } from './weights/state-dict';

/** Inputs by name, weights by key. */
export type Tensors = (name: string) => Tensor;

/** One layer of the graphs and what it stands for. */
export interface LayerCase {
  /** The graph's inputs: as they are, or a shape, to be drawn from the normal distribution. */
  inputs: Readonly<Record<string, Tensor | readonly number[]>>;
  build(g: GraphBuilder): Value;
  formula(input: Tensors, weight: Tensors): Tensor;
}

/**
 * Draws a layer's inputs and weights, builds it into a graph of its own and runs that: how tests compare one layer with its
 * formula.
 * @returns what onnxruntime computed and what the formula gives.
 */
export async function runLayer(
  { inputs, build, formula }: LayerCase,
  seed: number,
  device: ChosenDevice,
  dialect: Dialect,
): Promise<{ actual: Float32Array; expected: Float64Array }> {
  const normal = seededNormal(seed);
  const draw = (dims: readonly number[], mean: number, scale: number) => {
    const values = normal(dims.reduce((product, side) => product * side, 1));
    return tensor(
      values.map((value) => mean + scale * value),
      dims,
    );
  };
  const drawn = (input: Tensor | readonly number[]) => ('dims' in input ? input : draw(input, 0, 1));
  const given = new Map(Object.entries(inputs).map(([name, input]) => [name, drawn(input)]));
  const g = GraphBuilder.create('layer', dialect);
  // Symbolic, as in the real graphs: no size is known before the run.
  const anySize = (name: string, dims: readonly number[]) => dims.map((_, axis) => `${name}_${axis}`);
  for (const [name, { dims }] of given) g.input(name, 'float32', anySize(name, dims));
  const out = build(g);
  const slots = g.finish().weights;
  const weights = new Map(slots.map(({ key, shape }) => [key, draw(shape, key.includes('norm') ? 1 : 0, 0.5)]));
  const named = (tensors: ReadonlyMap<string, Tensor>) => (name: string) => {
    const found = tensors.get(name);
    if (!found) throw new Error(`There is no ${name} among ${[...tensors.keys()].join(', ')}.`);
    return found;
  };
  const expected = formula(named(given), named(weights));

  g.output('out', out, anySize('out', expected.dims));
  const graph = g.finish();
  const session = await createSession(graph, bindWeights([graph], stateDict(weights), 'layer'), device);
  try {
    const feed = ({ values, dims }: Tensor) => ({ data: Float32Array.from(values), dims });
    const results = await session.run(Object.fromEntries([...given].map(([name, input]) => [name, feed(input)])));
    return { actual: results.out, expected: expected.values };
  } finally {
    await session.release();
  }
}

/** Drawn weights as an opened file. */
function stateDict(weights: ReadonlyMap<string, Tensor>): StateDict {
  const entry = (key: string, shape: readonly number[]): TensorEntry => ({
    key,
    dtype: 'F32',
    shape,
    path: '',
    start: 0,
    end: 0,
  });
  const entries = new Map([...weights].map(([key, { dims }]) => [key, entry(key, dims)]));
  const read = async (key: string) => new Uint8Array(Float32Array.from(weights.get(key)?.values ?? []).buffer);
  return { entries, read };
}
