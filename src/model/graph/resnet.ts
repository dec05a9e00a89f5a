import type { GraphBuilder, Value } from './builder';
import { conv, groupNorm, linear, silu } from './layers';

interface NormOptions {
  groups: number;
  epsilon: number;
}

interface ResnetOptions extends NormOptions {
  /** Of the second normalisation, where not the same. */
  groupsOut?: number;
  /** The timestep's projection scales and shifts the second normalisation (Dhariwal and Nichol 2021, "AdaGN"). */
  scaleShift?: boolean;
  /** Makes the map larger or smaller, on both ways through the block. */
  resample?: (g: GraphBuilder, x: Value) => Value;
  /** The shortcut is a convolution even where the width stays. */
  projects?: boolean;
  /** What the sum is divided by. */
  scale?: number;
}

/**
 * diffusers' ResnetBlock2D: norm, SiLU, 3x3, twice, with the timestep's projection added in between, beside a shortcut
 * that is a 1x1 convolution where the width changes.
 * @param time the activated timestep embedding [1 or batch, width], in a UNet
 */
export function resnet(
  g: GraphBuilder,
  x: Value,
  from: number,
  to: number,
  {
    groups,
    epsilon,
    groupsOut = groups,
    scaleShift = false,
    resample,
    projects = from !== to,
    scale = 1,
  }: ResnetOptions,
  time?: { embedding: Value; width: number },
): Value {
  let h = groupNorm(g.scope('norm1'), x, groups, from, epsilon, 'silu');
  if (resample) [x, h] = [resample(g, x), resample(g, h)];
  h = conv(g.scope('conv1'), h, from, to, 3);
  const wide = scaleShift ? 2 * to : to;
  const moved = time && columnsOf(g, linear(g.scope('time_emb_proj'), time.embedding, time.width, wide), wide);
  if (moved && !scaleShift) h = g.node('Add', [h, moved]);
  h = groupNorm(g.scope('norm2'), h, groupsOut, to, epsilon, scaleShift ? 'none' : 'silu');
  if (moved && scaleShift) h = silu(g, scaledAndShifted(g, h, moved));
  h = conv(g.scope('conv2'), h, to, to, 3);
  const sum = g.node('Add', [projects ? conv(g.scope('conv_shortcut'), x, from, to, 1) : x, h]);
  return scale === 1 ? sum : g.node('Div', [sum, g.number(scale)]);
}

/** Rows [batch, channels] as one number a channel of a feature map. */
const columnsOf = (g: GraphBuilder, rows: Value, channels: number): Value =>
  g.node('Reshape', [rows, g.constant('int64', [0, channels, 1, 1])]);

/** x (1 + scale) + shift. @param moved scale and shift, one after the other */
function scaledAndShifted(g: GraphBuilder, x: Value, moved: Value): Value {
  const [scale, shift] = g.nodes('Split', [moved], 2, { attributes: { axis: 1 } });
  const scaled = g.node('Mul', [x, g.node('Add', [scale, g.number(1)])]);
  return g.node('Add', [scaled, shift]);
}

/**
 * Sinusoidal features [n, channels] of n float32 numbers, a timestep or sizes (Vaswani et al. 2017; diffusers'
 * `Timesteps`). For the CPU: a shader's sine may be off by 2^-11 within a half turn and by anything beyond (WGSL,
 * "Accuracy of built-in functions"), and timesteps are hundreds of turns. On WebGPU graphs are given the features
 * (`timestep-features.ts`).
 */
export function timestepFeatures(
  g: GraphBuilder,
  timestep: Value,
  channels: number,
  cosineFirst: boolean,
  shift: number,
): Value {
  const half = channels / 2;
  const frequencies = Array.from({ length: half }, (_, i) => Math.exp((-Math.log(10000) * i) / (half - shift)));
  const column = g.node('Reshape', [timestep, g.constant('int64', [-1, 1])]);
  const angles = g.node('Mul', [column, g.constant('float32', frequencies, [1, half])]);
  const [sin, cos] = [g.node('Sin', [angles]), g.node('Cos', [angles])];
  return g.node('Concat', cosineFirst ? [cos, sin] : [sin, cos], { attributes: { axis: 1 } });
}

/** Two linear layers with SiLU between: diffusers' TimestepEmbedding. */
export function timestepEmbedding(g: GraphBuilder, features: Value, from: number, to: number): Value {
  const hidden = silu(g, linear(g.scope('linear_1'), features, from, to));
  return linear(g.scope('linear_2'), hidden, to, to);
}
