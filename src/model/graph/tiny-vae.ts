import type { TinyConfig } from './autoencoder-config';
import { GraphBuilder, type Value } from './builder';
import { conv, toFloat32, toPrecision, upsampleNearest } from './layers';
import type { BuiltGraph, Dialect } from './types';

/** TAESD squashes latents softly into -3..3 before it decodes them. */
const LATENT_LIMIT = 3;

/**
 * AutoencoderTiny's decoder: latent_sample [batch, latent channels, height, width] -> sample [batch, 3, 8 height, 8
 * width], about -1..1.
 */
export function buildTinyDecoder(config: TinyConfig, dialect: Dialect): BuiltGraph {
  const g = GraphBuilder.create('vae_decoder', dialect);
  const { decoderBlocks, decoderChannels, latentChannels, outChannels } = config;
  const layers = layersOf(g, 'decoder');
  let x = toPrecision(g, g.input('latent_sample', 'float32', ['batch', latentChannels, 'height', 'width']));
  const squashed = g.node('Tanh', [g.node('Div', [x, g.number(LATENT_LIMIT)])]);
  x = g.node('Mul', [squashed, g.number(LATENT_LIMIT)]);
  x = g.node('Relu', [conv(layers.next(), x, latentChannels, decoderChannels[0], 3)]);
  layers.next(); // the activation has an index of its own
  decoderBlocks.forEach((blocks, level) => {
    const width = decoderChannels[level];
    const isLast = level === decoderBlocks.length - 1;
    for (let i = 0; i < blocks; i++) x = block(layers.next(), x, width);
    if (!isLast) x = upsampleNearest(layers.next(), x);
    x = conv(layers.next(), x, width, isLast ? outChannels : width, 3, { bias: isLast });
  });
  x = g.node('Sub', [g.node('Mul', [x, g.number(2)]), g.number(1)]);
  g.output('sample', toFloat32(g, x), ['batch', outChannels, 'image_height', 'image_width']);
  return g.finish();
}

/**
 * AutoencoderTiny's encoder: sample [batch, 3, height, width], -1..1 -> latents [batch, latent channels, height / 8,
 * width / 8].
 */
export function buildTinyEncoder(config: TinyConfig, dialect: Dialect): BuiltGraph {
  const g = GraphBuilder.create('vae_encoder', dialect);
  const { encoderBlocks, encoderChannels, inChannels, latentChannels } = config;
  const layers = layersOf(g, 'encoder');
  const sample = toPrecision(g, g.input('sample', 'float32', ['batch', inChannels, 'image_height', 'image_width']));
  let x = g.node('Div', [g.node('Add', [sample, g.number(1)]), g.number(2)]);
  encoderBlocks.forEach((blocks, level) => {
    const width = encoderChannels[level];
    if (level === 0) x = conv(layers.next(), x, inChannels, width, 3);
    else x = conv(layers.next(), x, width, width, 3, { stride: 2, bias: false });
    for (let i = 0; i < blocks; i++) x = block(layers.next(), x, width);
  });
  x = conv(layers.next(), x, encoderChannels[encoderChannels.length - 1], latentChannels, 3);
  g.output('latents', toFloat32(g, x), ['batch', latentChannels, 'height', 'width']);
  return g.finish();
}

/** PyTorch's Sequential: `layers.0`, `layers.1` and so on, layers without weights counted too. */
function layersOf(g: GraphBuilder, part: 'encoder' | 'decoder') {
  let index = 0;
  return { next: () => g.scope(`${part}.layers.${index++}`) };
}

/** Three 3x3 convolutions with ReLU between, beside a shortcut, and ReLU. */
function block(g: GraphBuilder, x: Value, width: number): Value {
  let h = g.node('Relu', [conv(g.scope('conv.0'), x, width, width, 3)]);
  h = g.node('Relu', [conv(g.scope('conv.2'), h, width, width, 3)]);
  h = conv(g.scope('conv.4'), h, width, width, 3);
  return g.node('Relu', [g.node('Add', [h, x])]);
}
