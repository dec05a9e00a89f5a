import type { Precision } from '../weights/dtypes';
import type { GraphBuilder, Value } from './builder';
import { DATA_TYPES } from './proto';

/** Layers as PyTorch names them; feature maps are [batch, channels, height, width], tokens [batch, count, channels]. */

export const MICROSOFT = { domain: 'com.microsoft' } as const;

interface LinearOptions {
  bias?: boolean;
  /** The state dict holds the matrix as a 1x1 kernel. */
  kernel?: boolean;
}

/** x W^T + b on the last axis. */
export function linear(
  g: GraphBuilder,
  x: Value,
  from: number,
  to: number,
  { bias = true, kernel = false }: LinearOptions = {},
): Value {
  const weight = g.weight('weight', kernel ? [to, from, 1, 1] : [to, from], { dims: [from, to], layout: 'transpose' });
  const product = g.node('MatMul', [x, weight]);
  return bias ? g.node('Add', [product, g.weight('bias', [to])]) : product;
}

interface ConvOptions {
  stride?: number;
  bias?: boolean;
  /** Rows and columns of zeros: [top, left, bottom, right]. */
  pads?: readonly [number, number, number, number];
  /** In float32, as are then the map that it is given and its own, whatever the dialect. */
  exact?: boolean;
}

/** A square convolution, `size` pixels wide, by default with padding that keeps the picture's size. */
export function conv(
  g: GraphBuilder,
  x: Value,
  from: number,
  to: number,
  size: number,
  { stride = 1, bias = true, pads, exact = false }: ConvOptions = {},
): Value {
  const pad = (size - 1) / 2;
  const precision = exact ? 'float32' : g.dialect.precision;
  const convolutions = exact ? 'float32' : (g.dialect.convolutions ?? precision);
  const weight = (name: string, shape: readonly number[]) => g.weight(name, shape, { precision: convolutions });
  const map = cast(g, x, precision, convolutions);
  const mapAndKernel = wholeQuads(g, [map, weight('weight', [to, from, size, size])], from, size);
  const out = g.node('Conv', bias ? [...mapAndKernel, weight('bias', [to])] : mapAndKernel, {
    attributes: { kernel_shape: [size, size], strides: [stride, stride], pads: pads ?? [pad, pad, pad, pad] },
  });
  return cast(g, out, convolutions, precision);
}

/**
 * A convolution's map and kernel, with channels of zeros added up to a multiple of four where the WebGPU provider needs
 * them: its kernel reads a number of channels that divides by 3 but not by 4 in threes, and beyond three channels
 * wrongly (microsoft/onnxruntime #29651). An inpainting UNet has 9.
 */
function wholeQuads(g: GraphBuilder, mapAndKernel: readonly Value[], channels: number, size: number): readonly Value[] {
  const misread = channels > 3 && channels % 3 === 0 && channels % 4 !== 0 && size > 1;
  if (g.dialect.operators !== 'webgpu' || !misread) return mapAndKernel;
  const extra = g.constant('int64', [0, 0, 0, 0, 0, 4 - (channels % 4), 0, 0]);
  return mapAndKernel.map((value) => g.node('Pad', [value, extra]));
}

/** x sigmoid(x), one kernel on both providers: QuickGelu is x sigmoid(alpha x). */
export function silu(g: GraphBuilder, x: Value): Value {
  return g.node('QuickGelu', [x], { ...MICROSOFT, attributes: { alpha: { float: 1 } } });
}

/**
 * Group normalisation (Wu and He 2018) over a feature map, with SiLU after it where asked. The one place that decides
 * its form.
 */
export function groupNorm(
  g: GraphBuilder,
  x: Value,
  groups: number,
  channels: number,
  epsilon: number,
  activation: 'silu' | 'none',
): Value {
  return g.dialect.operators === 'webgpu'
    ? fusedGroupNorm(g, x, groups, channels, epsilon, activation)
    : plainGroupNorm(g, x, groups, channels, epsilon, activation);
}

/** As instance normalisation of [batch, groups, everything else], then the per-channel scale and shift. */
function plainGroupNorm(
  g: GraphBuilder,
  x: Value,
  groups: number,
  channels: number,
  epsilon: number,
  activation: 'silu' | 'none',
): Value {
  const flat = g.node('Reshape', [x, g.constant('int64', [0, groups, -1])]);
  const ones = g.number(...new Array<number>(groups).fill(1));
  const zeros = g.number(...new Array<number>(groups).fill(0));
  const normal = g.node('InstanceNormalization', [flat, ones, zeros], { attributes: { epsilon: { float: epsilon } } });
  const shaped = g.node('Reshape', [normal, g.node('Shape', [x])]);
  const scaled = g.node('Mul', [shaped, g.weight('weight', [channels], { dims: [channels, 1, 1] })]);
  const out = g.node('Add', [scaled, g.weight('bias', [channels], { dims: [channels, 1, 1] })]);
  return activation === 'silu' ? silu(g, out) : out;
}

/**
 * com.microsoft.GroupNorm, one kernel with SiLU, on [batch, height, width, channels]: the provider keeps feature maps
 * in that order, so its own transposes around convolutions cancel against these.
 */
function fusedGroupNorm(
  g: GraphBuilder,
  x: Value,
  groups: number,
  channels: number,
  epsilon: number,
  activation: 'silu' | 'none',
): Value {
  const out = g.node('GroupNorm', [channelsLast(g, x), g.weight('weight', [channels]), g.weight('bias', [channels])], {
    ...MICROSOFT,
    attributes: { groups, epsilon: { float: epsilon }, activation: activation === 'silu' ? 1 : 0, channels_last: 1 },
  });
  return channelsFirst(g, out);
}

export function layerNorm(g: GraphBuilder, x: Value, channels: number, epsilon: number): Value {
  return g.node('LayerNormalization', [x, g.weight('weight', [channels]), g.weight('bias', [channels])], {
    attributes: { axis: -1, epsilon: { float: epsilon } },
  });
}

/** Exact (erf) GELU. */
export function gelu(g: GraphBuilder, x: Value): Value {
  return g.node('Gelu', [x], MICROSOFT);
}

/** x sigmoid(1.702 x), the approximation that OpenAI's CLIP uses. */
export function quickGelu(g: GraphBuilder, x: Value): Value {
  return g.node('QuickGelu', [x], { ...MICROSOFT, attributes: { alpha: { float: 1.702 } } });
}

/** GEGLU (Shazeer 2020): one linear layer to twice the width; the first half times the GELU of the second. */
export function geglu(g: GraphBuilder, x: Value, from: number, to: number): Value {
  const product = g.node('MatMul', [
    x,
    g.weight('weight', [2 * to, from], { dims: [from, 2 * to], layout: 'transpose' }),
  ]);
  const bias = g.weight('bias', [2 * to]);
  // BiasSplitGelu's shader is invalid in float16 (onnxruntime-web 1.31.0-dev.20260914, seen on an H200).
  const fused = g.dialect.operators === 'webgpu' && g.dialect.precision === 'float32';
  if (fused) return g.node('BiasSplitGelu', [product, bias], MICROSOFT);
  const [hidden, gate] = g.nodes('Split', [g.node('Add', [product, bias])], 2, { attributes: { axis: -1 } });
  return g.node('Mul', [hidden, gelu(g, gate)]);
}

/**
 * [batch, channels, height, width] -> [batch, height * width, channels]. On WebGPU by way of [batch, height, width,
 * channels], the order in which the provider keeps feature maps: then nothing moves, since its own transposes cancel
 * against these.
 */
export function toTokens(g: GraphBuilder, x: Value, channels: number): Value {
  if (g.dialect.operators === 'webgpu')
    return g.node('Reshape', [channelsLast(g, x), g.constant('int64', [0, -1, channels])]);
  const flat = g.node('Reshape', [x, g.constant('int64', [0, channels, -1])]);
  return g.node('Transpose', [flat], { attributes: { perm: [0, 2, 1] } });
}

/** Tokens back to a feature map of the same size as `like`. */
export function toFeatureMap(g: GraphBuilder, tokens: Value, like: Value): Value {
  if (g.dialect.operators === 'webgpu')
    return channelsFirst(g, g.node('Reshape', [tokens, g.node('Shape', [channelsLast(g, like)])]));
  const rows = g.node('Transpose', [tokens], { attributes: { perm: [0, 2, 1] } });
  return g.node('Reshape', [rows, g.node('Shape', [like])]);
}

const channelsLast = (g: GraphBuilder, x: Value) => g.node('Transpose', [x], { attributes: { perm: [0, 2, 3, 1] } });
const channelsFirst = (g: GraphBuilder, x: Value) => g.node('Transpose', [x], { attributes: { perm: [0, 3, 1, 2] } });

/** Nearest-neighbour enlargement by a factor, or to a size (int64 [4]) where halving had rounded up. */
export function upsampleNearest(g: GraphBuilder, x: Value, to: number | Value = 2): Value {
  const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  const inputs = typeof to === 'number' ? [x, '', g.constant('float32', [1, 1, to, to])] : [x, '', '', to];
  return g.node('Resize', inputs, { attributes });
}

/** float32 <-> the dialect's precision, at the edges of a graph. */
export const toPrecision = (g: GraphBuilder, x: Value): Value => cast(g, x, 'float32', g.dialect.precision);
export const toFloat32 = (g: GraphBuilder, x: Value): Value => cast(g, x, g.dialect.precision, 'float32');

function cast(g: GraphBuilder, x: Value, from: Precision, to: Precision): Value {
  return from === to ? x : g.node('Cast', [x], { attributes: { to: DATA_TYPES[to] } });
}
