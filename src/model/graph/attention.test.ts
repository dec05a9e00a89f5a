import { expect, it } from 'vitest';
import { relativeError } from '../../cli/parity/expected';
import { seededNormal } from '../../core/random';
import { chooseDevice } from '../runtime/device';
import { createSession } from '../runtime/session';
import { attention, selfAttention, singleHeadAttention } from './attention';
import { GraphBuilder, type Value } from './builder';
import * as f64 from './float64';

type Qkv = readonly [Value, Value, Value];

const device = await chooseDevice('wasm', 2);

/**
 * Runs an attention over `count` tokens drawn from the normal distribution; `rows` picks queries of the formula's
 * result.
 */
async function run(count: number, channels: number, build: (g: GraphBuilder, qkv: Qkv) => Value) {
  const g = GraphBuilder.create('attention', { operators: 'plain', precision: 'float32' });
  const names = ['q', 'k', 'v'] as const;
  for (const name of names) g.input(name, 'float32', ['batch', 'tokens', channels]);
  g.output('out', build(g, names), ['batch', 'tokens', channels]);
  const session = await createSession(g.finish(), { read: async () => new Uint8Array(0) }, device);
  const normal = seededNormal(count);
  const dims = [1, count, channels];
  const feeds = Object.fromEntries(
    names.map((name) => [name, { data: Float32Array.from(normal(count * channels)), dims }]),
  );
  try {
    return { out: (await session.run(feeds)).out, feeds };
  } finally {
    await session.release();
  }
}

/** Relative error of some queries' results. */
function errorAt(
  queries: readonly number[],
  channels: number,
  heads: number,
  { out, feeds }: Awaited<ReturnType<typeof run>>,
) {
  const row = (all: Float32Array, i: number) => Array.from(all.subarray(i * channels, (i + 1) * channels));
  const rows = queries.flatMap((i) => row(feeds.q.data, i));
  const whole = (name: string) => f64.tensor(feeds[name].data, feeds[name].dims);
  const expected = f64.attention(f64.tensor(rows, [1, queries.length, channels]), whole('k'), whole('v'), heads);
  return relativeError(
    queries.flatMap((i) => row(out, i)),
    expected.values,
  );
}

// The latent of 640 x 480 pixels, with the first and last query of parts (1,024 a part) among the rows.
const TOKENS = 80 * 60;
const ROWS = [0, 1023, 1024, 2047, 2048, 4095, 4096, 4799];

it('the autoencoder’s form runs at 640 x 480, where onnxruntime’s own kernel overflows', async () => {
  const parts = await run(TOKENS, 128, (g, qkv) => singleHeadAttention(g, qkv, 128));
  expect(errorAt(ROWS, 128, 1, parts)).toBeLessThan(1e-5);
  // Should it run one day, the form written out may go.
  await expect(run(TOKENS, 128, (g, [q, k, v]) => attention(g, q, k, v, 1))).rejects.toThrow(/Integer overflow/);
});

it('a UNet’s, agrees with the unsplit kernel and with the formula', async () => {
  const options = { channels: 16, heads: 2, level: 0 };
  const parts = await run(TOKENS, 16, (g, qkv) => selfAttention(g, qkv, options));
  const whole = await run(TOKENS, 16, (g, [q, k, v]) => attention(g, q, k, v, 2));
  expect(relativeError(parts.out, whole.out)).toBeLessThan(1e-6);
  expect(errorAt(ROWS, 16, 2, parts)).toBeLessThan(1e-5);
});
