import { singleHeadAttention } from './attention';
import type { KlConfig, VqConfig } from './autoencoder-config';
import { GraphBuilder, type Value } from './builder';
import { conv, groupNorm, linear, toFeatureMap, toFloat32, toPrecision, toTokens, upsampleNearest } from './layers';
import { resnet } from './resnet';
import type { BuiltGraph, Dialect } from './types';

/** diffusers' autoencoders have no option for it. */
const EPSILON = 1e-6;
/** The posterior's log variance is kept within these (diffusers' DiagonalGaussianDistribution). */
export const LOGVAR_RANGE = [-30, 20] as const;

/**
 * The decoder of AutoencoderKL and VQModel: latent_sample [batch, latent channels, height, width] -> sample
 * [batch, 3, 8 height, 8 width] (twice the side for each level but one), about -1..1.
 */
export function buildVaeDecoder(config: KlConfig | VqConfig, dialect: Dialect): BuiltGraph {
  const g = GraphBuilder.create('vae_decoder', dialect);
  const { channels, groups, latentChannels, layers } = config;
  const norm = { groups, epsilon: EPSILON };
  const last = channels.length - 1;
  const width = config.kind === 'vq' ? config.entryWidth : latentChannels;
  let x = toPrecision(g, g.input('latent_sample', 'float32', ['batch', width, 'height', 'width']));
  if (config.kind === 'vq') x = nearestEntry(g.scope('quantize.embedding'), x, config);
  if (config.kind === 'vq' || config.postQuantConv) x = conv(g.scope('post_quant_conv'), x, width, latentChannels, 1);
  const decoder = g.scope('decoder');
  x = conv(decoder.scope('conv_in'), x, latentChannels, channels[last], 3);
  x = middle(decoder.scope('mid_block'), x, channels[last], config);
  let from = channels[last];
  for (let position = 0; position <= last; position++) {
    const to = channels[last - position];
    const block = decoder.scope(`up_blocks.${position}`);
    for (let i = 0; i <= layers; i++) {
      x = resnet(block.scope(`resnets.${i}`), x, from, to, norm);
      from = to;
    }
    if (position < last) x = conv(block.scope('upsamplers.0.conv'), upsampleNearest(block, x), to, to, 3);
  }
  x = groupNorm(decoder.scope('conv_norm_out'), x, groups, channels[0], EPSILON, 'silu');
  // Three channels are none that our own kernels take, which add up in float32.
  x = conv(decoder.scope('conv_out'), toFloat32(g, x), channels[0], config.outChannels, 3, { exact: true });
  g.output('sample', x, ['batch', config.outChannels, 'image_height', 'image_width']);
  return g.finish();
}

/**
 * The encoder of AutoencoderKL and VQModel: sample [batch, 3, height, width], -1..1 -> mean and logvar (KL), or latents
 * (VQ, not yet quantised), [batch, latent channels, height / 8, width / 8].
 */
export function buildVaeEncoder(config: KlConfig | VqConfig, dialect: Dialect): BuiltGraph {
  const g = GraphBuilder.create('vae_encoder', dialect);
  const { channels, groups, latentChannels, layers } = config;
  const norm = { groups, epsilon: EPSILON };
  const last = channels.length - 1;
  const sample = toPrecision(
    g,
    g.input('sample', 'float32', ['batch', config.inChannels, 'image_height', 'image_width']),
  );
  const encoder = g.scope('encoder');
  let x = conv(encoder.scope('conv_in'), sample, config.inChannels, channels[0], 3);
  let from = channels[0];
  channels.forEach((to, level) => {
    const block = encoder.scope(`down_blocks.${level}`);
    for (let i = 0; i < layers; i++) {
      x = resnet(block.scope(`resnets.${i}`), x, from, to, norm);
      from = to;
    }
    // Padded on the right and below only, as the first latent diffusion code did.
    if (level < last) x = conv(block.scope('downsamplers.0.conv'), x, to, to, 3, { stride: 2, pads: [0, 0, 1, 1] });
  });
  x = middle(encoder.scope('mid_block'), x, channels[last], config);
  x = groupNorm(encoder.scope('conv_norm_out'), x, groups, channels[last], EPSILON, 'silu');
  const dims = ['batch', latentChannels, 'height', 'width'];
  if (config.kind === 'vq') {
    x = conv(encoder.scope('conv_out'), x, channels[last], latentChannels, 3);
    x = conv(g.scope('quant_conv'), x, latentChannels, config.entryWidth, 1);
    g.output('latents', toFloat32(g, x), ['batch', config.entryWidth, 'height', 'width']);
    return g.finish();
  }
  x = conv(encoder.scope('conv_out'), x, channels[last], 2 * latentChannels, 3);
  if (config.quantConv) x = conv(g.scope('quant_conv'), x, 2 * latentChannels, 2 * latentChannels, 1);
  const [mean, logvar] = g.nodes('Split', [toFloat32(g, x)], 2, { attributes: { axis: 1 } });
  const limits = LOGVAR_RANGE.map((limit) => g.constant('float32', [limit], []));
  g.output('mean', mean, dims);
  g.output('logvar', g.node('Clip', [logvar, ...limits]), dims);
  return g.finish();
}

/** UNetMidBlock2D of an autoencoder: ResNet block, self-attention with one head, ResNet block. */
function middle(g: GraphBuilder, x: Value, channels: number, { groups, midAttention }: KlConfig | VqConfig): Value {
  const norm = { groups, epsilon: EPSILON };
  x = resnet(g.scope('resnets.0'), x, channels, channels, norm);
  if (midAttention) x = selfAttention(g.scope('attentions.0'), x, channels, groups);
  return resnet(g.scope('resnets.1'), x, channels, channels, norm);
}

function selfAttention(g: GraphBuilder, x: Value, channels: number, groups: number): Value {
  const tokens = toTokens(g, groupNorm(g.scope('group_norm'), x, groups, channels, EPSILON, 'none'), channels);
  const project = (name: string) => linear(g.scope(name), tokens, channels, channels);
  const attended = singleHeadAttention(g, [project('to_q'), project('to_k'), project('to_v')], channels);
  const out = linear(g.scope('to_out.0'), attended, channels, channels);
  return g.node('Add', [toFeatureMap(g, out, x), x]);
}

/**
 * Each latent cell replaced by the nearest entry of the codebook (van den Oord et al. 2017, equation 1). The squared
 * distance is |z|^2 - 2 z.e + |e|^2, whose first term is the same for all entries.
 */
function nearestEntry(g: GraphBuilder, x: Value, { entries, entryWidth }: VqConfig): Value {
  const codebook = g.weight('weight', [entries, entryWidth]);
  const products = g.node('MatMul', [
    toTokens(g, x, entryWidth),
    g.node('Transpose', [codebook], { attributes: { perm: [1, 0] } }),
  ]);
  const norms = g.node('ReduceSum', [g.node('Mul', [codebook, codebook]), g.constant('int64', [1])], {
    attributes: { keepdims: 0 },
  });
  const distances = g.node('Sub', [norms, g.node('Mul', [products, g.number(2)])]);
  const nearest = g.node('ArgMin', [distances], { attributes: { axis: -1, keepdims: 0 } });
  return toFeatureMap(g, g.node('Gather', [codebook, nearest]), x);
}
