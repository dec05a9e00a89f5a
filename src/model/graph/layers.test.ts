import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../cli/parity/expected';
import {
  activationCase,
  adaptiveResnetCase,
  attentionCase,
  type ConvKind,
  convCase,
  firCase,
  gegluCase,
  groupNormCase,
  layerNormCase,
  linearCase,
  resnetCase,
  selfAttentionCase,
  timestepEmbeddingCase,
  timestepFeaturesCase,
  tokensCase,
  transformerCase,
  upsampleCase,
} from '../fixtures/layer-cases';
import { type LayerCase, runLayer } from '../fixtures/one-layer';
import { chooseDevice } from '../runtime/device';
import { erf } from './float64';
import type { Dialect } from './types';

const TOLERANCE = 1e-5;
const device = await chooseDevice('wasm', 2);
const PLAIN: Dialect = { operators: 'plain', precision: 'float32' };
const WEBGPU: Dialect = { operators: 'webgpu', precision: 'float32' };

/** Checks a layer for many sizes, always the same ones, with weights and inputs drawn for each. */
function check<T>(layer: (sizes: T) => LayerCase, sizes: { [K in keyof T]: fc.Arbitrary<T[K]> }, dialect = PLAIN) {
  const property = fc.asyncProperty(fc.record(sizes), fc.nat(1e6), async (drawn, seed) => {
    const { actual, expected } = await runLayer(layer(drawn as T), seed, device, dialect);
    expect(relativeError(actual, expected)).toBeLessThanOrEqual(TOLERANCE);
  });
  return fc.assert(property, { seed: 20261124, numRuns: 12 });
}

const few = fc.integer({ min: 1, max: 9 });
const side = fc.integer({ min: 2, max: 9 });
const map = { batch: fc.integer({ min: 1, max: 3 }), height: side, width: side };
const groups = fc.constantFrom(1, 2, 4);
const each = fc.integer({ min: 1, max: 4 });
const flag = fc.boolean();

describe('layers against their formulas in float64', () => {
  it('Linear, with and without bias, from a matrix and from a 1x1 kernel', () =>
    check(linearCase, { batch: few, tokens: few, from: few, to: few, bias: flag, kernel: flag }));

  // The WebGPU dialect pads some numbers of channels.
  it.each([['plain', PLAIN] as const, ['webgpu', WEBGPU] as const])(
    'Conv2d, 1x1 and 3x3, with the downsamplers of the UNet and of the VAE; %s dialect',
    (_, dialect) => {
      const size = fc.constantFrom<1 | 3>(1, 3);
      const kind = fc.constantFrom<ConvKind>('same', 'halve', 'halve-after');
      return check(convCase, { ...map, from: fc.constantFrom(1, 3, 4, 6, 8, 9, 15), to: few, size, kind }, dialect);
    },
  );

  it('GroupNorm, with and without SiLU', () => check(groupNormCase, { ...map, groups, each, active: flag }));

  it('LayerNorm', () => check(layerNormCase, { batch: few, tokens: few, channels: fc.integer({ min: 2, max: 40 }) }));

  // Contrib operators with a kernel on both providers.
  it.each([['plain', PLAIN] as const, ['webgpu', WEBGPU] as const])(
    "SiLU, GELU, CLIP's approximation of it, and attention: self, cross, with a bias; %s dialect",
    async (_, dialect) => {
      const kind = fc.constantFrom('silu', 'gelu', 'quickGelu');
      await check(activationCase, { kind, count: fc.integer({ min: 1, max: 300 }) }, dialect);
      const width = fc.constantFrom(4, 8, 16);
      await check(
        attentionCase,
        { batch: few, queries: side, keys: side, heads: groups, each: width, masked: flag },
        dialect,
      );
    },
  );

  it('attention of a map to itself, its queries in parts, some of them empty', () => {
    const heads = fc.constantFrom(0, 1, 2, 4);
    const tokens = fc.integer({ min: 1, max: 60 });
    const least = fc.constantFrom(1, 3, 100);
    return check(selfAttentionCase, {
      batch: few,
      tokens,
      heads,
      each: fc.constant(8),
      count: fc.constantFrom(1, 5, 16),
      least,
    });
  });

  it('GEGLU', () => check(gegluCase, { batch: few, tokens: few, from: few, to: few }));

  it('upsampling: doubled, and to the size that a halving came from', () =>
    check(upsampleCase, { ...map, channels: few, odd: flag }));

  it('feature map to tokens and back', () => check(tokensCase, { ...map, channels: few, back: flag }));

  const timestep = {
    timestep: fc.double({ min: 0, max: 999, noNaN: true }).map(Math.fround),
    channels: side.map((half) => 2 * half),
    cosineFirst: flag,
    shift: fc.constantFrom(0, 1),
  };
  it('timestep features, also at fractional timesteps', () => check(timestepFeaturesCase, timestep));

  it('their embedding', () => check(timestepEmbeddingCase, { ...timestep, to: fc.constantFrom(5, 8) }));

  it('a ResNet block, with and without a timestep, widening and not', () =>
    check(resnetCase, { ...map, groups, from: each, to: each, timed: flag }));

  it('a ResNet block that the timestep scales and shifts, resampling or not', () =>
    check(adaptiveResnetCase, {
      ...map,
      groups,
      each,
      resampled: fc.constantFrom('none', 'mean', 'nearest'),
      projects: flag,
      scale: fc.constantFrom(1, Math.SQRT2),
    }));

  it('a map made half or twice as large behind a filter, between zeros', () =>
    check(firCase, { ...map, channels: few, to: fc.constantFrom('half', 'double') }));

  it('a spatial transformer of one or two blocks, projected by matrices or by 1x1 kernels', () => {
    const depth = fc.constantFrom(1, 2);
    return check(transformerCase, {
      ...map,
      heads: groups,
      each: fc.constant(4),
      tokens: side,
      depth,
      linearProjection: flag,
    });
  });
});

describe('operators of the WebGPU dialect that the CPU provider lacks, which is why there is a plain dialect', () => {
  // Should one start to run, the CPU has got the kernel: then check it above, in both dialects.
  it.each([
    ['GroupNorm', groupNormCase({ batch: 1, height: 2, width: 2, groups: 2, each: 2, active: true })],
    ['BiasSplitGelu', gegluCase({ batch: 1, tokens: 2, from: 4, to: 4 })],
  ])('%s', async (_, layer) => {
    await expect(runLayer(layer, 1, device, WEBGPU)).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('the formulas themselves', () => {
  // Abramowitz and Stegun, table 7.1, and the tail.
  it.each([
    [0, 0],
    [0.5, 0.5204998778],
    [1, 0.8427007929],
    [2, 0.995322265],
    [-1, -0.8427007929],
    [7, 1],
  ])('erf(%d)', (x, value) => {
    expect(erf(x)).toBeCloseTo(value, 9);
  });
});
