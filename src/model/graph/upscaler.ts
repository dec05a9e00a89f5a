import { GraphBuilder, type Value } from './builder';
import { conv, toFloat32, toPrecision, upsampleNearest } from './layers';
import type { BuiltGraph, Dialect } from './types';
import type { CompactConfig, RrdbConfig, UpscalerConfig } from './upscaler-config';

const RGB = 3;

/**
 * An upscaler: image [batch, 3, height, width] of 0..1 -> upscaled [batch, 3, scale height, scale width], about 0..1.
 * Sides must be multiples of the configuration's `sideMultiple`.
 */
export function buildUpscaler(config: UpscalerConfig, dialect: Dialect): BuiltGraph {
  const g = GraphBuilder.create('upscaler', dialect);
  const image = toPrecision(g, g.input('image', 'float32', ['batch', RGB, 'height', 'width']));
  const upscaled = config.kind === 'rrdb' ? rrdb(g, image, config) : compact(g, image, config);
  g.output('upscaled', toFloat32(g, upscaled), ['batch', RGB, 'upscaled_height', 'upscaled_width']);
  return g.finish();
}

function rrdb(g: GraphBuilder, image: Value, config: RrdbConfig): Value {
  const { features, blocks, unshuffle, doublings } = config;
  const same = (name: string, x: Value) => conv(g.scope(name), x, features, features, 3);
  const first = conv(g.scope('conv_first'), pixelUnshuffle(g, image, unshuffle), RGB * unshuffle ** 2, features, 3);
  let x = first;
  for (let i = 0; i < blocks; i++) x = rrdbBlock(g.scope(`body.${i}`), x, config);
  x = g.node('Add', [first, same('conv_body', x)]);
  for (let i = 1; i <= doublings; i++) x = leaky(g, same(`conv_up${i}`, upsampleNearest(g, x)));
  return conv(g.scope('conv_last'), leaky(g, same('conv_hr', x)), features, RGB, 3);
}

/** Three dense blocks, a fifth of which is added to what came in. */
function rrdbBlock(g: GraphBuilder, x: Value, config: RrdbConfig): Value {
  let h = x;
  for (const name of ['rdb1', 'rdb2', 'rdb3']) h = denseBlock(g.scope(name), h, config);
  return addedFifth(g, x, h);
}

/** Five convolutions, each of all maps before it, of which the last is added to what came in as a fifth of itself. */
function denseBlock(g: GraphBuilder, x: Value, { features, growth }: RrdbConfig): Value {
  let maps: readonly Value[] = [x];
  for (let k = 1; k <= 4; k++) maps = [...maps, leaky(g, denseLayer(g, k, maps, features, growth, growth))];
  return addedFifth(g, x, denseLayer(g, 5, maps, features, growth, features));
}

function denseLayer(g: GraphBuilder, k: number, maps: readonly Value[], features: number, growth: number, to: number) {
  const all = maps.length === 1 ? maps[0] : g.node('Concat', maps, { attributes: { axis: 1 } });
  return conv(g.scope(`conv${k}`), all, features + (k - 1) * growth, to, 3);
}

const addedFifth = (g: GraphBuilder, x: Value, residual: Value) =>
  g.node('Add', [x, g.node('Mul', [residual, g.number(0.2)])]);

const leaky = (g: GraphBuilder, x: Value) => g.node('LeakyRelu', [x], { attributes: { alpha: { float: 0.2 } } });

function compact(g: GraphBuilder, image: Value, { features, convolutions, scale }: CompactConfig): Value {
  const layer = (i: number) => g.scope(`body.${i}`);
  let x = image;
  for (let i = 0; i <= convolutions; i++)
    x = prelu(layer(2 * i + 1), conv(layer(2 * i), x, i === 0 ? RGB : features, features, 3), features);
  x = conv(layer(2 * convolutions + 2), x, features, RGB * scale ** 2, 3);
  const shuffled = g.node('DepthToSpace', [x], { attributes: { blocksize: scale, mode: 'CRD' } });
  return g.node('Add', [shuffled, upsampleNearest(g, image, scale)]);
}

/** max(0, x) + slope min(0, x), a slope for each channel: of parts that every provider has. */
function prelu(g: GraphBuilder, x: Value, channels: number): Value {
  const slope = g.weight('weight', [channels], { dims: [channels, 1, 1] });
  const negative = g.node('Relu', [g.node('Neg', [x])]);
  return g.node('Sub', [g.node('Relu', [x]), g.node('Mul', [negative, slope])]);
}

/**
 * Torch's pixel_unshuffle: the pixels of each block side by side as channels, those of one channel together. As a
 * convolution that picks them, since the WebGPU provider has no other way that keeps this order.
 */
function pixelUnshuffle(g: GraphBuilder, x: Value, by: number): Value {
  if (by === 1) return x;
  const [to, taps] = [RGB * by * by, by * by];
  const kernel = new Array<number>(to * RGB * taps).fill(0);
  for (let k = 0; k < to; k++) kernel[(k * RGB + Math.floor(k / taps)) * taps + (k % taps)] = 1;
  const pick = g.constant(g.dialect.precision, kernel, [to, RGB, by, by]);
  return g.node('Conv', [x, pick], { attributes: { kernel_shape: [by, by], strides: [by, by], pads: [0, 0, 0, 0] } });
}
