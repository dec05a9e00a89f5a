import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../cli/parity/expected';
import { type Layer, runLayer } from '../one-layer';
import { chooseDevice } from '../runtime/device';
import type { GraphBuilder } from './builder';
import * as f64 from './float64';
import {
  attention,
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
} from './layers';
import { resnet, timestepEmbedding, timestepFeatures } from './resnet';
import { spatialTransformer } from './transformer';
import type { Dialect } from './types';

/** Each layer as a graph of its own, on random weights and inputs, against its formula in float64. */
const TOLERANCE = 1e-5;
/** Of normalisations: large enough to be seen, which 1e-5 beside a variance of 1 is not. */
const EPSILON = 1e-2;

const device = await chooseDevice('wasm', 2);
const PLAIN: Dialect = { operators: 'plain', precision: 'float32' };
const WEBGPU: Dialect = { operators: 'webgpu', precision: 'float32' };

async function check(layer: Layer): Promise<void> {
  const { actual, expected } = await runLayer(layer, device);
  expect(relativeError(actual, expected)).toBeLessThanOrEqual(TOLERANCE);
}

/** Checks a layer for many sizes, always the same ones. */
function checkAll<T extends Record<string, unknown>>(
  sizes: { [K in keyof T]: fc.Arbitrary<T[K]> },
  layer: (sizes: T) => Omit<Layer, 'seed' | 'dialect'> & { dialect?: Dialect },
) {
  const arbitrary = fc.record({ ...sizes, seed: fc.nat(1e6) }) as unknown as fc.Arbitrary<T & { seed: number }>;
  return fc.assert(
    fc.asyncProperty(arbitrary, (drawn) => check({ seed: drawn.seed, dialect: PLAIN, ...layer(drawn) })),
    { seed: 20261124, numRuns: 12 },
  );
}

const side = fc.integer({ min: 2, max: 9 });
const width = fc.integer({ min: 1, max: 9 });
const batch = fc.integer({ min: 1, max: 3 });
const groups = fc.constantFrom(1, 2, 4);
const each = fc.integer({ min: 1, max: 4 });
const dialect = fc.constantFrom(PLAIN, WEBGPU);

describe('layers against their formulas in float64', () => {
  it('Linear, with and without bias, from a matrix and from a 1x1 kernel', () =>
    checkAll({ batch, tokens: width, from: width, to: width, bias: fc.boolean(), kernel: fc.boolean() }, (s) => ({
      inputs: { x: [s.batch, s.tokens, s.from] },
      build: (g) => linear(g.scope('proj'), 'x', s.from, s.to, { bias: s.bias, kernel: s.kernel }),
      formula: (input, weight) => {
        const matrix = f64.tensor(weight('proj.weight').values, [s.to, s.from]);
        return f64.linear(input('x'), matrix, s.bias ? weight('proj.bias') : undefined);
      },
    })));

  it('Conv2d, 1x1 and 3x3; the downsamplers of the UNet and of the VAE', () =>
    checkAll(
      {
        batch,
        from: width,
        to: width,
        height: side,
        width: side,
        kind: fc.constantFrom(
          { size: 1, stride: 1, pads: [0, 0, 0, 0] as const },
          { size: 3, stride: 1, pads: undefined },
          { size: 3, stride: 2, pads: undefined },
          { size: 3, stride: 2, pads: [0, 0, 1, 1] as const },
        ),
      },
      ({ kind: { size, stride, pads }, ...s }) => ({
        inputs: { x: [s.batch, s.from, s.height, s.width] },
        build: (g) => conv(g.scope('conv'), 'x', s.from, s.to, size, { stride, ...(pads ? { pads: [...pads] } : {}) }),
        formula: (input, weight) =>
          f64.conv(input('x'), weight('conv.weight'), weight('conv.bias'), stride, pads ?? [1, 1, 1, 1]),
      }),
    ));

  it('GroupNorm, with and without SiLU', () =>
    checkAll({ batch, groups, each, height: side, width: side, active: fc.boolean() }, (s) => ({
      inputs: { x: [s.batch, s.groups * s.each, s.height, s.width] },
      build: (g) => groupNorm(g.scope('norm'), 'x', s.groups, s.groups * s.each, EPSILON, s.active ? 'silu' : 'none'),
      formula: (input, weight) => {
        const normal = f64.groupNorm(input('x'), s.groups, weight('norm.weight'), weight('norm.bias'), EPSILON);
        return s.active ? f64.sigmoidLinear(normal, 1) : normal;
      },
    })));

  it('LayerNorm', () =>
    checkAll({ batch, tokens: width, channels: fc.integer({ min: 2, max: 40 }) }, (s) => ({
      inputs: { x: [s.batch, s.tokens, s.channels] },
      build: (g) => layerNorm(g.scope('norm'), 'x', s.channels, EPSILON),
      formula: (input, weight) => f64.layerNorm(input('x'), weight('norm.weight'), weight('norm.bias'), EPSILON),
    })));

  it("the activations: SiLU, GELU and CLIP's approximation of it", () =>
    checkAll(
      {
        count: fc.integer({ min: 1, max: 300 }),
        dialect,
        kind: fc.constantFrom(
          { layer: silu, formula: (x: f64.Tensor) => f64.sigmoidLinear(x, 1) },
          { layer: gelu, formula: f64.gelu },
          { layer: quickGelu, formula: (x: f64.Tensor) => f64.sigmoidLinear(x, 1.702) },
        ),
      },
      (s) => ({
        dialect: s.dialect,
        inputs: { x: [s.count] },
        build: (g) => s.kind.layer(g, 'x'),
        formula: (input) => s.kind.formula(input('x')),
      }),
    ));

  it('attention in both dialects: self, cross, with a bias on the scores', () =>
    checkAll(
      {
        batch,
        queries: side,
        keys: side,
        heads: groups,
        each: fc.constantFrom(4, 8, 16),
        masked: fc.boolean(),
        dialect,
      },
      (s) => ({
        dialect: s.dialect,
        inputs: {
          q: [s.batch, s.queries, s.heads * s.each],
          k: [s.batch, s.keys, s.heads * s.each],
          v: [s.batch, s.keys, s.heads * s.each],
          ...(s.masked ? { bias: [1, 1, s.queries, s.keys] } : {}),
        },
        build: (g) => attention(g, 'q', 'k', 'v', s.heads, s.masked ? 'bias' : ''),
        formula: (input) =>
          f64.attention(input('q'), input('k'), input('v'), s.heads, s.masked ? input('bias') : undefined),
      }),
    ));

  it('GEGLU', () =>
    checkAll({ batch, tokens: width, from: width, to: width }, (s) => ({
      inputs: { x: [s.batch, s.tokens, s.from] },
      build: (g) => geglu(g.scope('proj'), 'x', s.from, s.to),
      formula: (input, weight) => f64.geglu(input('x'), weight('proj.weight'), weight('proj.bias')),
    })));

  it('upsampling: doubled, and to the size that a halving came from', () =>
    checkAll({ batch, channels: width, height: side, width: side, odd: fc.boolean() }, (s) => {
      const [height, wide] = s.odd ? [2 * s.height - 1, 2 * s.width - 1] : [2 * s.height, 2 * s.width];
      return {
        inputs: { x: [s.batch, s.channels, s.height, s.width], ...(s.odd ? { like: [s.batch, 1, height, wide] } : {}) },
        build: (g) => upsampleNearest(g, 'x', s.odd ? 'like' : undefined),
        formula: (input) => f64.resizeNearest(input('x'), height, wide),
      };
    }));

  it('feature map to tokens and back', () =>
    checkAll({ batch, channels: width, height: side, width: side, back: fc.boolean() }, (s) => ({
      inputs: { x: [s.batch, s.channels, s.height, s.width] },
      build: (g) => {
        const tokens = toTokens(g, 'x', s.channels);
        return s.back ? toFeatureMap(g, tokens, 'x') : tokens;
      },
      formula: (input) => (s.back ? input('x') : f64.toTokens(input('x'))),
    })));

  it('timestep features and their embedding, also at fractional timesteps', () =>
    checkAll(
      {
        timestep: fc.double({ min: 0, max: 999, noNaN: true }).map(Math.fround),
        half: side,
        cosineFirst: fc.boolean(),
        shift: fc.constantFrom(0, 1),
        to: width,
        embedded: fc.boolean(),
      },
      (s) => ({
        inputs: { t: f64.tensor([s.timestep], [1]) },
        build: (g) => {
          const features = timestepFeatures(g, 't', 2 * s.half, s.cosineFirst, s.shift);
          return s.embedded ? timestepEmbedding(g, features, 2 * s.half, s.to) : features;
        },
        formula: (_, weight) => {
          const features = f64.timestepFeatures(s.timestep, 2 * s.half, s.cosineFirst, s.shift);
          if (!s.embedded) return features;
          const hidden = f64.linear(features, weight('linear_1.weight'), weight('linear_1.bias'));
          return f64.linear(f64.sigmoidLinear(hidden, 1), weight('linear_2.weight'), weight('linear_2.bias'));
        },
      }),
    ));
});

describe('blocks against the same formulas put together', () => {
  it('a ResNet block, with and without a timestep, widening and not', () =>
    checkAll(
      { batch, groups, from: each, to: each, height: side, width: side, timed: fc.boolean() },
      ({ groups: g8, ...s }) => {
        const [from, to] = [s.from * g8, s.to * g8];
        return {
          inputs: { x: [s.batch, from, s.height, s.width], time: [1, 6] },
          build: (g) => {
            const time = s.timed ? { embedding: 'time', width: 6 } : undefined;
            return resnet(g, 'x', from, to, { groups: g8, epsilon: EPSILON }, time);
          },
          formula: (input, weight) => {
            const of = (name: string) => [weight(`${name}.weight`), weight(`${name}.bias`)] as const;
            const active = (x: f64.Tensor, norm: string) =>
              f64.sigmoidLinear(f64.groupNorm(x, g8, ...of(norm), EPSILON), 1);
            let h = f64.conv(active(input('x'), 'norm1'), ...of('conv1'), 1, [1, 1, 1, 1]);
            if (s.timed) {
              const { values } = f64.linear(input('time'), ...of('time_emb_proj'));
              const area = s.height * s.width;
              h = f64.tensor(
                h.values.map((value, i) => value + values[Math.floor(i / area) % to]),
                h.dims,
              );
            }
            h = f64.conv(active(h, 'norm2'), ...of('conv2'), 1, [1, 1, 1, 1]);
            const shortcut = from === to ? input('x') : f64.conv(input('x'), ...of('conv_shortcut'), 1, [0, 0, 0, 0]);
            return f64.add(shortcut, h);
          },
        };
      },
    ));

  it('a spatial transformer of one or two blocks, projected by matrices or by 1x1 kernels', () =>
    checkAll(
      {
        batch,
        heads: groups,
        height: side,
        width: side,
        tokens: side,
        depth: fc.constantFrom(1, 2),
        linearProjection: fc.boolean(),
      },
      (s) => {
        const channels = 4 * s.heads;
        return {
          inputs: { x: [s.batch, channels, s.height, s.width], context: [s.batch, s.tokens, 5] },
          build: (g) => spatialTransformer(g, 'x', { ...s, channels, context: 'context', contextWidth: 5, groups: 2 }),
          formula: (input, weight) => {
            const matrix = (name: string) => {
              const { values, dims } = weight(`${name}.weight`);
              return f64.tensor(values, dims.slice(0, 2));
            };
            const project = (x: f64.Tensor, name: string) => f64.linear(x, matrix(name), weight(`${name}.bias`));
            const normal = f64.groupNorm(input('x'), 2, weight('norm.weight'), weight('norm.bias'), 1e-6);
            let x = project(f64.toTokens(normal), 'proj_in');
            for (let i = 0; i < s.depth; i++) {
              const at = `transformer_blocks.${i}`;
              const norm = (name: string) =>
                f64.layerNorm(x, weight(`${at}.${name}.weight`), weight(`${at}.${name}.bias`), 1e-5);
              const attend = (name: string, from: f64.Tensor, to: f64.Tensor) => {
                const [q, k, v] = [from, to, to].map((y, j) => f64.linear(y, matrix(`${at}.${name}.to_${'qkv'[j]}`)));
                return project(f64.attention(q, k, v, s.heads), `${at}.${name}.to_out.0`);
              };
              x = f64.add(x, attend('attn1', norm('norm1'), norm('norm1')));
              x = f64.add(x, attend('attn2', norm('norm2'), input('context')));
              const feed = `${at}.ff.net.0.proj`;
              const hidden = f64.geglu(norm('norm3'), weight(`${feed}.weight`), weight(`${feed}.bias`));
              x = f64.add(x, project(hidden, `${at}.ff.net.2`));
            }
            return f64.add(f64.toFeatureMap(project(x, 'proj_out'), input('x')), input('x'));
          },
        };
      },
    ));
});

describe('operators of the WebGPU dialect that the CPU provider lacks, which is why there is a plain dialect', () => {
  // Should one start to run, the CPU has got the kernel: then check it above, in both dialects.
  it.each([
    ['GroupNorm', [1, 4, 2, 2], (g: GraphBuilder) => groupNorm(g.scope('norm'), 'x', 2, 4, 1e-5, 'silu')],
    ['BiasSplitGelu', [1, 2, 4], (g: GraphBuilder) => geglu(g.scope('proj'), 'x', 4, 4)],
  ])('%s', async (_, x, build) => {
    const layer: Layer = { dialect: WEBGPU, seed: 1, inputs: { x }, build, formula: (input) => input('x') };
    await expect(runLayer(layer, device)).rejects.toMatchObject({ code: 'unsupported' });
  });
});
