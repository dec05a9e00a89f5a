import { describe, expect, it } from 'vitest';
import { relativeError } from '../../cli/parity/expected';
import { seededNormal } from '../../core/random';
import { centralDifferences } from '../fixtures/central-differences';
import { chooseDevice } from '../runtime/device';
import { createSession } from '../runtime/session';
import * as f64 from './float64';
import { buildNameClassifier, type NameClassifierConfig } from './name-classifier';

const CONFIG: NameClassifierConfig = {
  latentChannels: 4,
  widths: [8, 16, 24],
  timeFeatures: 8,
  timeWidth: 12,
  width: 10,
  names: 5,
};
const graph = buildNameClassifier(CONFIG);
const normal = seededNormal(3);
const draw = (dims: readonly number[], scale = 1) =>
  f64.tensor(
    Float32Array.from(normal(dims.reduce((product, side) => product * side, 1)), (v) => v * scale),
    dims,
  );

// Norms around one, so that nothing dies on the way; a scale of e^2; names of length one.
const weights = new Map(
  graph.weights.map(({ key, shape }) => {
    const fanIn = Math.max(
      1,
      shape.slice(1).reduce((product, side) => product * side, 1),
    );
    const drawn = draw(shape, shape.length > 1 ? 1 / Math.sqrt(fanIn) : 0.2);
    if (/norm[_a-z]*\.weight$/.test(key))
      return [
        key,
        f64.tensor(
          Float32Array.from(drawn.values, (value) => 1 + value),
          shape,
        ),
      ] as const;
    if (key === 'scale') drawn.values[0] = 2;
    return [key, key === 'features' ? unitRows(drawn) : drawn] as const;
  }),
);

function unitRows({ values, dims }: f64.Tensor): f64.Tensor {
  const [rows, width] = dims;
  const lengths = Array.from({ length: rows }, (_, r) => Math.hypot(...values.subarray(r * width, (r + 1) * width)));
  return f64.tensor(
    Float32Array.from(values, (value, i) => value / lengths[Math.floor(i / width)]),
    dims,
  );
}

const weight = (key: string) => weights.get(key) as f64.Tensor;
const silu = (x: f64.Tensor) => f64.sigmoidLinear(x, 1);
const conv = (x: f64.Tensor, name: string, stride = 1) => {
  const pad = (weight(`${name}.weight`).dims[2] - 1) / 2;
  return f64.conv(x, weight(`${name}.weight`), weight(`${name}.bias`), stride, [pad, pad, pad, pad]);
};
const linear = (x: f64.Tensor, name: string) => f64.linear(x, weight(`${name}.weight`), weight(`${name}.bias`));
const norm = (x: f64.Tensor, name: string) =>
  silu(f64.groupNorm(x, 8, weight(`${name}.weight`), weight(`${name}.bias`), 1e-5));

/** models/train/text.py's Tower and softmax, written from there: log p of each name. */
function logProbabilities(z: f64.Tensor, timestep: number): number[] {
  const features = f64.timestepFeatures(timestep, CONFIG.timeFeatures, true, 0);
  const time = silu(linear(silu(linear(features, 'tower.time.0')), 'tower.time.2'));
  let h = conv(z, 'tower.start');
  for (let i = 0; i < 2 * CONFIG.widths.length; i++) {
    const block = `tower.blocks.${i}`;
    const stride = i > 0 && i % 2 === 0 ? 2 : 1;
    const inner = f64.addPerChannel(
      conv(norm(h, `${block}.norm_one`), `${block}.one`, stride),
      linear(time, `${block}.time`),
    );
    h = f64.add(conv(h, `${block}.skip`, stride), conv(norm(inner, `${block}.norm_two`), `${block}.two`));
  }
  h = norm(h, 'tower.norm');
  const [, channels, rows, columns] = h.dims;
  const places = (c: number) => h.values.subarray(c * rows * columns, (c + 1) * rows * columns);
  const means = Array.from({ length: channels }, (_, c) => places(c).reduce((a, b) => a + b, 0) / (rows * columns));
  const largest = Array.from({ length: channels }, (_, c) => Math.max(...places(c)));
  const { values } = linear(f64.tensor([...means, ...largest], [1, 2 * channels]), 'tower.end');
  const length = Math.hypot(...values);
  const names = weight('features');
  const likeness = Array.from({ length: CONFIG.names }, (_, n) => {
    const name = names.values.subarray(n * CONFIG.width, (n + 1) * CONFIG.width);
    return (Math.exp(weight('scale').values[0]) * name.reduce((dot, value, i) => dot + value * values[i], 0)) / length;
  });
  const total = Math.log(likeness.reduce((all, value) => all + Math.exp(value), 0));
  return likeness.map((value) => value - total);
}

async function runGraph(z: f64.Tensor, timestep: number, wanted: readonly number[]) {
  const session = await createSession(
    graph,
    { read: async ({ key, layout, shape }) => bytesOf(key, layout === 'transpose' ? shape : undefined) },
    await chooseDevice('wasm', 2),
  );
  try {
    return await session.run({
      z: { data: Float32Array.from(z.values), dims: z.dims },
      timestep: { data: Float32Array.of(timestep), dims: [1] },
      wanted: { data: Float32Array.from(wanted), dims: [1, wanted.length] },
    });
  } finally {
    await session.release();
  }
}

function bytesOf(key: string, turned: readonly number[] | undefined): Uint8Array {
  const { values } = weight(key);
  const floats = Float32Array.from(values);
  if (turned) {
    const [rows, columns] = turned;
    for (let i = 0; i < floats.length; i++) floats[i] = values[(i % rows) * columns + Math.floor(i / rows)];
  }
  return new Uint8Array(floats.buffer);
}

describe('the gradient of log p(name | z_t)', () => {
  // Sides that halve evenly, and odd ones; one name, and two that are wanted alike.
  it.each([
    { height: 8, width: 8, timestep: 500, wanted: [0, 1, 0, 0, 0] },
    { height: 7, width: 5, timestep: 3, wanted: [0.5, 0, 0, 0.5, 0] },
  ])(
    'equals central differences of the formula in float64, $height x $width',
    async ({ height, width, timestep, wanted }) => {
      const z = draw([1, CONFIG.latentChannels, height, width]);
      const logP = () => logProbabilities(z, timestep).reduce((sum, value, n) => sum + wanted[n] * value, 0);
      const places = Array.from({ length: 20 }, (_, k) => (k * 13) % z.values.length);
      const differences = centralDifferences(z, places, logP);
      const { log_p, gradient } = await runGraph(z, timestep, wanted);
      expect(log_p[0]).toBeCloseTo(logP(), 4);
      expect(gradient).toHaveLength(z.values.length);
      const found = places.map((i) => gradient[i]);
      expect(relativeError(found, differences)).toBeLessThan(1e-4);
    },
  );
});
