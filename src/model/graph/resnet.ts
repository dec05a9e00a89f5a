import type { GraphBuilder, Value } from './builder';
import { conv, groupNorm, linear, silu } from './layers';

export interface NormOptions {
  groups: number;
  epsilon: number;
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
  { groups, epsilon }: NormOptions,
  time?: { embedding: Value; width: number },
): Value {
  let h = groupNorm(g.scope('norm1'), x, groups, from, epsilon, 'silu');
  h = conv(g.scope('conv1'), h, from, to, 3);
  if (time) {
    const projected = linear(g.scope('time_emb_proj'), time.embedding, time.width, to);
    h = g.node('Add', [h, g.node('Reshape', [projected, g.constant('int64', [0, to, 1, 1])])]);
  }
  h = groupNorm(g.scope('norm2'), h, groups, to, epsilon, 'silu');
  h = conv(g.scope('conv2'), h, to, to, 3);
  return g.node('Add', [from === to ? x : conv(g.scope('conv_shortcut'), x, from, to, 1), h]);
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
