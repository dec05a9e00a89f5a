import type { GraphBuilder, Value } from './builder';
import { MICROSOFT, toFloat32, toPrecision } from './layers';

interface AttentionOptions {
  /** Added to the scores, [1, 1, queries, keys]. */
  bias?: Value;
  /** In float32 whatever the dialect. */
  exact?: boolean;
}

/** Scaled dot-product attention over tokens [batch, count, channels], scale 1 / sqrt(channels / heads). */
export function attention(
  g: GraphBuilder,
  query: Value,
  key: Value,
  value: Value,
  heads: number,
  { bias, exact = false }: AttentionOptions = {},
): Value {
  const tokens = exact ? [query, key, value].map((x) => toFloat32(g, x)) : [query, key, value];
  const inputs = bias === undefined ? tokens : [...tokens, '', '', bias];
  const out = g.node('MultiHeadAttention', inputs, { ...MICROSOFT, attributes: { num_heads: heads } });
  return exact ? toPrecision(g, out) : out;
}

/**
 * Attention of a feature map's tokens to each other. The CPU provider holds all scores of all heads at once, 1.5 GB for
 * two pictures of 640 x 480, and beyond 2^31 products a head it fails; so there queries go in parts. WebGPU's kernel
 * keeps none.
 * @param options `level`: how often the map's sides were halved before.
 */
export function selfAttention(
  g: GraphBuilder,
  [query, key, value]: readonly [Value, Value, Value],
  { channels, heads, level, exact }: { channels: number; heads: number; level: number; exact?: boolean },
  parts: Parts = partsAt(level),
): Value {
  if (g.dialect.operators === 'webgpu' || parts.count === 1) return attention(g, query, key, value, heads, { exact });
  // Already a head at a time, [batch, heads, count, each], so that no part has to turn them over again.
  const byHead = (x: Value) => {
    const split = g.node('Reshape', [x, g.constant('int64', [0, 0, heads, channels / heads])]);
    return g.node('Transpose', [split], { attributes: { perm: [0, 2, 1, 3] } });
  };
  const [keys, values] = [byHead(key), byHead(value)];
  return inParts(g, query, parts, (part) => attention(g, part, keys, values, heads, { exact }));
}

/**
 * The same with one head, as an autoencoder has it, written out: both providers' kernels overflow where positions times
 * positions times channels pass 2^31, which 512 channels do at 384 x 384 pixels. In float32 whatever the dialect: sums
 * over all positions lose too much in float16.
 */
export function singleHeadAttention(
  g: GraphBuilder,
  [query, key, value]: readonly [Value, Value, Value],
  channels: number,
  parts: Parts = g.dialect.operators === 'webgpu' ? { ...PARTS, least: 1 } : PARTS,
): Value {
  const scaled = g.node('Mul', [key, g.number(channels ** -0.5)]);
  const keys = g.node('Transpose', [toFloat32(g, scaled)], { attributes: { perm: [0, 2, 1] } });
  const values = toFloat32(g, value);
  const attended = inParts(g, toFloat32(g, query), parts, (part) => {
    const scores = g.node('Softmax', [g.node('MatMul', [part, keys])], { attributes: { axis: -1 } });
    return g.node('MatMul', [scores, values]);
  });
  return toPrecision(g, attended);
}

/**
 * How many parts the queries are cut into, and how few queries are not cut further: parts past the last query are
 * empty.
 */
interface Parts {
  count: number;
  least: number;
}

/** The CPU provider takes empty parts and gains nothing from small ones; WebGPU has no kernels for empty tensors. */
const PARTS: Parts = { count: 16, least: 1024 };

/**
 * Halved sides leave a quarter of the queries, which make a quarter of the parts. Parts that no picture fills would
 * cost all models time: most of what a session takes to start is spent on its nodes.
 */
function partsAt(level: number): Parts {
  return { ...PARTS, count: Math.max(1, PARTS.count / 4 ** level) };
}

/** Applies `attend` to the queries in parts and joins the results: scores of one part alone are held at a time. */
function inParts(g: GraphBuilder, query: Value, { count, least }: Parts, attend: (part: Value) => Value): Value {
  const number = (value: number) => g.constant('int64', [value]);
  const queries = g.node('Shape', [query], { attributes: { start: 1, end: 2 } });
  const spread = g.node('Max', [queries, number(count * least)]);
  const bound = (part: number) => g.node('Div', [g.node('Mul', [spread, number(part)]), number(count)]);
  const bounds = Array.from({ length: count + 1 }, (_, part) => bound(part));
  const results = Array.from({ length: count }, (_, part) =>
    attend(g.node('Slice', [query, bounds[part], bounds[part + 1], number(1)])),
  );
  return join(g, results);
}

/** Inputs of one Concat: fewer than WebGPU's buffers. */
const JOINED = 4;

function join(g: GraphBuilder, tokens: readonly Value[]): Value {
  if (tokens.length === 1) return tokens[0];
  const groups = Array.from({ length: Math.ceil(tokens.length / JOINED) }, (_, i) =>
    g.node('Concat', tokens.slice(i * JOINED, (i + 1) * JOINED), { attributes: { axis: 1 } }),
  );
  return join(g, groups);
}
