/**
 * Each layer and block of the graphs beside its formula, for any size: what the unit tests draw sizes for, and what the parity
 * command runs on either provider.
 */
import { attention, selfAttention, singleHeadAttention } from './graph/attention';
import type { Value } from './graph/builder';
import * as f64 from './graph/float64';
import {
  conv,
  geglu,
  gelu,
  groupNorm,
  layerNorm,
  linear,
  quickGelu,
  silu,
  toFeatureMap,
  toTokens,
  upsampleNearest,
} from './graph/layers';
import { resnet, timestepEmbedding, timestepFeatures } from './graph/resnet';
import { spatialTransformer } from './graph/transformer';
import type { LayerCase, Tensors } from './one-layer';

/** Of normalisations: large enough to be seen, which 1e-5 beside a variance of 1 is not. */
const EPSILON = 1e-2;

interface MapSize {
  batch: number;
  height: number;
  width: number;
}

export function linearCase(s: {
  batch: number;
  tokens: number;
  from: number;
  to: number;
  bias: boolean;
  kernel: boolean;
}): LayerCase {
  return {
    inputs: { x: [s.batch, s.tokens, s.from] },
    build: (g) => linear(g.scope('proj'), 'x', s.from, s.to, { bias: s.bias, kernel: s.kernel }),
    formula: (input, weight) =>
      f64.linear(input('x'), matrix(weight, 'proj'), s.bias ? weight('proj.bias') : undefined),
  };
}

/** `same`: keeps the size; `halve`: the UNet's downsampler; `halve-after`: the VAE's, padded on the right and below only. */
export type ConvKind = 'same' | 'halve' | 'halve-after';

export function convCase(s: MapSize & { from: number; to: number; size: 1 | 3; kind: ConvKind }): LayerCase {
  const stride = s.kind === 'same' ? 1 : 2;
  const pad = (s.size - 1) / 2;
  const pads = s.kind === 'halve-after' ? ([0, 0, 1, 1] as const) : ([pad, pad, pad, pad] as const);
  return {
    inputs: { x: [s.batch, s.from, s.height, s.width] },
    build: (g) =>
      conv(g.scope('conv'), 'x', s.from, s.to, s.size, s.kind === 'halve-after' ? { stride, pads } : { stride }),
    formula: (input, weight) => f64.conv(input('x'), weight('conv.weight'), weight('conv.bias'), stride, pads),
  };
}

export function groupNormCase(s: MapSize & { groups: number; each: number; active: boolean }): LayerCase {
  const channels = s.groups * s.each;
  return {
    inputs: { x: [s.batch, channels, s.height, s.width] },
    build: (g) => groupNorm(g.scope('norm'), 'x', s.groups, channels, EPSILON, s.active ? 'silu' : 'none'),
    formula: (input, weight) => {
      const normal = f64.groupNorm(input('x'), s.groups, weight('norm.weight'), weight('norm.bias'), EPSILON);
      return s.active ? f64.sigmoidLinear(normal, 1) : normal;
    },
  };
}

export function layerNormCase(s: { batch: number; tokens: number; channels: number }): LayerCase {
  return {
    inputs: { x: [s.batch, s.tokens, s.channels] },
    build: (g) => layerNorm(g.scope('norm'), 'x', s.channels, EPSILON),
    formula: (input, weight) => f64.layerNorm(input('x'), weight('norm.weight'), weight('norm.bias'), EPSILON),
  };
}

const ACTIVATIONS = {
  silu: { layer: silu, formula: (x: f64.Tensor) => f64.sigmoidLinear(x, 1) },
  gelu: { layer: gelu, formula: f64.gelu },
  quickGelu: { layer: quickGelu, formula: (x: f64.Tensor) => f64.sigmoidLinear(x, 1.702) },
};

export function activationCase(s: { kind: keyof typeof ACTIVATIONS; count: number }): LayerCase {
  const { layer, formula } = ACTIVATIONS[s.kind];
  return {
    inputs: { x: [s.count] },
    build: (g) => layer(g, 'x'),
    formula: (input) => formula(input('x')),
  };
}

export function attentionCase(s: {
  batch: number;
  queries: number;
  keys: number;
  heads: number;
  each: number;
  masked: boolean;
}): LayerCase {
  const channels = s.heads * s.each;
  const bias: LayerCase['inputs'] = s.masked ? { bias: [1, 1, s.queries, s.keys] } : {};
  return {
    inputs: {
      q: [s.batch, s.queries, channels],
      k: [s.batch, s.keys, channels],
      v: [s.batch, s.keys, channels],
      ...bias,
    },
    build: (g) => attention(g, 'q', 'k', 'v', s.heads, s.masked ? { bias: 'bias' } : {}),
    formula: (input) =>
      f64.attention(input('q'), input('k'), input('v'), s.heads, s.masked ? input('bias') : undefined),
  };
}

/** @param s `count`, `least`: how queries are cut; `heads` 0 is the autoencoder's form, written out. */
export function selfAttentionCase(s: {
  batch: number;
  tokens: number;
  heads: number;
  each: number;
  count: number;
  least: number;
}): LayerCase {
  const channels = Math.max(1, s.heads) * s.each;
  const parts = { count: s.count, least: s.least };
  const tokens = [s.batch, s.tokens, channels];
  const qkv = ['q', 'k', 'v'] as const;
  return {
    inputs: { q: tokens, k: tokens, v: tokens },
    build: (g) =>
      s.heads === 0
        ? singleHeadAttention(g, qkv, channels, parts)
        : selfAttention(g, qkv, { channels, heads: s.heads, level: 0 }, parts),
    formula: (input) => f64.attention(input('q'), input('k'), input('v'), Math.max(1, s.heads)),
  };
}

export function gegluCase(s: { batch: number; tokens: number; from: number; to: number }): LayerCase {
  return {
    inputs: { x: [s.batch, s.tokens, s.from] },
    build: (g) => geglu(g.scope('proj'), 'x', s.from, s.to),
    formula: (input, weight) => f64.geglu(input('x'), weight('proj.weight'), weight('proj.bias')),
  };
}

/** @param s `odd`: to sides that were odd before they were halved. */
export function upsampleCase(s: MapSize & { channels: number; odd: boolean }): LayerCase {
  const less = s.odd ? 1 : 0;
  const [height, width] = [2 * s.height - less, 2 * s.width - less];
  return {
    inputs: { x: [s.batch, s.channels, s.height, s.width] },
    build: (g) =>
      upsampleNearest(g, 'x', s.odd ? g.constant('int64', [s.batch, s.channels, height, width]) : undefined),
    formula: (input) => f64.resizeNearest(input('x'), height, width),
  };
}

export function tokensCase(s: MapSize & { channels: number; back: boolean }): LayerCase {
  return {
    inputs: { x: [s.batch, s.channels, s.height, s.width] },
    build: (g) => {
      const tokens = toTokens(g, 'x', s.channels);
      return s.back ? toFeatureMap(g, tokens, 'x') : tokens;
    },
    formula: (input) => (s.back ? input('x') : f64.toTokens(input('x'))),
  };
}

/** A timestep's sines and cosines. */
interface Timestep {
  timestep: number;
  channels: number;
  cosineFirst: boolean;
  shift: number;
}

/** Computed in the graph, as on the CPU. */
export function timestepFeaturesCase(s: Timestep): LayerCase {
  return {
    inputs: { t: f64.tensor([s.timestep], [1]) },
    build: (g) => timestepFeatures(g, 't', s.channels, s.cosineFirst, s.shift),
    formula: () => f64.timestepFeatures(s.timestep, s.channels, s.cosineFirst, s.shift),
  };
}

/** The two layers over them. @param s `to`: width of the embedding */
export function timestepEmbeddingCase(s: Timestep & { to: number }): LayerCase {
  return {
    inputs: { features: f64.timestepFeatures(s.timestep, s.channels, s.cosineFirst, s.shift) },
    build: (g) => timestepEmbedding(g, 'features', s.channels, s.to),
    formula: (input, weight) => {
      const features = input('features');
      const hidden = f64.sigmoidLinear(project(weight, 'linear_1', features), 1);
      return project(weight, 'linear_2', hidden);
    },
  };
}

/** @param s `from` and `to`: channels a group. */
export function resnetCase(s: MapSize & { groups: number; from: number; to: number; timed: boolean }): LayerCase {
  const [from, to] = [s.from * s.groups, s.to * s.groups];
  return {
    inputs: { x: [s.batch, from, s.height, s.width], time: [1, 6] },
    build: (g) => {
      const time = s.timed ? { embedding: 'time', width: 6 } : undefined;
      return resnet(g, 'x', from, to, { groups: s.groups, epsilon: EPSILON }, time);
    },
    formula: (input, weight) => {
      const of = (name: string) => [weight(`${name}.weight`), weight(`${name}.bias`)] as const;
      const active = (x: f64.Tensor, norm: string) =>
        f64.sigmoidLinear(f64.groupNorm(x, s.groups, ...of(norm), EPSILON), 1);
      let h = f64.conv(active(input('x'), 'norm1'), ...of('conv1'), 1, [1, 1, 1, 1]);
      if (s.timed) h = f64.addPerChannel(h, project(weight, 'time_emb_proj', input('time')));
      h = f64.conv(active(h, 'norm2'), ...of('conv2'), 1, [1, 1, 1, 1]);
      const shortcut = from === to ? input('x') : f64.conv(input('x'), ...of('conv_shortcut'), 1, [0, 0, 0, 0]);
      return f64.add(shortcut, h);
    },
  };
}

/** A spatial transformer with heads of width `each`, on a context of width 5. */
export function transformerCase(
  s: MapSize & { heads: number; each: number; tokens: number; depth: number; linearProjection: boolean },
): LayerCase {
  const { heads, depth, linearProjection } = s;
  const channels = heads * s.each;
  const rest = { context: 'context' as Value, contextWidth: 5, groups: 2, level: 1, upcastAttention: false };
  const options = { channels, heads, depth, linearProjection, ...rest };
  return {
    inputs: { x: [s.batch, channels, s.height, s.width], context: [s.batch, s.tokens, 5] },
    build: (g) => spatialTransformer(g, 'x', options),
    formula: (input, weight) => {
      const normal = f64.groupNorm(input('x'), 2, weight('norm.weight'), weight('norm.bias'), 1e-6);
      let x = project(weight, 'proj_in', f64.toTokens(normal));
      for (let i = 0; i < depth; i++) {
        const within: Tensors = (name) => weight(`transformer_blocks.${i}.${name}`);
        x = transformerBlock(x, input('context'), heads, within);
      }
      return f64.add(f64.toFeatureMap(project(weight, 'proj_out', x), input('x')), input('x'));
    },
  };
}

function transformerBlock(x: f64.Tensor, context: f64.Tensor, heads: number, weight: Tensors): f64.Tensor {
  const norm = (name: string, y: f64.Tensor) =>
    f64.layerNorm(y, weight(`${name}.weight`), weight(`${name}.bias`), 1e-5);
  const attend = (name: string, from: f64.Tensor, to: f64.Tensor) => {
    const of = (letter: string, y: f64.Tensor) => f64.linear(y, matrix(weight, `${name}.to_${letter}`));
    return project(weight, `${name}.to_out.0`, f64.attention(of('q', from), of('k', to), of('v', to), heads));
  };
  const self = norm('norm1', x);
  const first = f64.add(x, attend('attn1', self, self));
  const second = f64.add(first, attend('attn2', norm('norm2', first), context));
  const gated = f64.geglu(norm('norm3', second), weight('ff.net.0.proj.weight'), weight('ff.net.0.proj.bias'));
  return f64.add(second, project(weight, 'ff.net.2', gated));
}

/** A weight as a matrix: a 1x1 kernel is one, too. */
function matrix(weight: Tensors, name: string): f64.Tensor {
  const { values, dims } = weight(`${name}.weight`);
  return f64.tensor(values, dims.slice(0, 2));
}

const project = (weight: Tensors, name: string, x: f64.Tensor) =>
  f64.linear(x, matrix(weight, name), weight(`${name}.bias`));
