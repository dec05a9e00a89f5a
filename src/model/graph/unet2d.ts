import { selfAttention } from './attention';
import { GraphBuilder, type Value } from './builder';
import { downsampleFir, upsampleFir } from './fir';
import {
  conv,
  groupNorm,
  linear,
  silu,
  toFeatureMap,
  toFloat32,
  toPrecision,
  toTokens,
  upsampleNearest,
} from './layers';
import { resnet, timestepEmbedding } from './resnet';
import type { BuiltGraph, Dialect } from './types';
import { type LevelKind, quarterGroups, type Unet2dConfig } from './unet2d-config';

/** Skip blocks add up maps that are about as strong, and divide by the root of two. */
const SKIP_SCALE = Math.SQRT2;
/** Their attention has so many groups, whatever the network's. */
const SKIP_ATTENTION_GROUPS = 32;

/**
 * diffusers' UNet2DModel: sample [batch, channels, height, width], timestep_features [1, `featureWidth`] (worked out in
 * `runtime/denoiser.ts`), where the network has classes class_labels [batch], and with Fourier features the timestep
 * [1] itself -> out_sample, like sample. Sides must be multiples of 2^(levels - 1).
 */
export function buildUnet2d(config: Unet2dConfig, dialect: Dialect): BuiltGraph {
  const g = GraphBuilder.create('unet', dialect);
  const { inChannels, outChannels, channels, centred, epsilon } = config;
  let sample = toPrecision(g, g.input('sample', 'float32', ['batch', inChannels, 'height', 'width']));
  if (centred) sample = g.node('Sub', [g.node('Mul', [sample, g.number(2)]), g.number(1)]);
  const net = new Unet2d(g, config);
  const x = conv(g.scope('conv_in'), sample, inChannels, channels[0], 3);
  const { top, skips } = net.down(x, sample);
  const { x: painted, beside } = net.up(net.middle(top), skips);
  const groups = config.groups ?? quarterGroups(channels[0]);
  const normal = groupNorm(g.scope('conv_norm_out'), painted, groups, channels[0], epsilon, 'silu');
  let out = conv(g.scope('conv_out'), normal, channels[0], outChannels, 3);
  if (beside) out = g.node('Add', [out, beside]);
  out = toFloat32(g, out);
  // A score: the noise over its deviation.
  if (config.time.kind === 'fourier') out = g.node('Div', [out, g.input('timestep', 'float32', [1])]);
  g.output('out_sample', out, ['batch', outChannels, 'height', 'width']);
  return g.finish();
}

/** How many numbers a network is told of a timestep. */
function featureWidth({ time, channels, timeChannels = channels[0] }: Unet2dConfig): number {
  return time.kind === 'fourier' ? 2 * channels[0] : timeChannels;
}

/** A feature map kept for the way up. */
interface Skip {
  value: Value;
  channels: number;
}

/** The parts of one UNet under construction, which share its embedding. */
class Unet2d {
  readonly #time: { embedding: Value; width: number };

  constructor(
    readonly g: GraphBuilder,
    readonly config: Unet2dConfig,
  ) {
    const { channels, timeChannels = channels[0] } = config;
    const width = 4 * timeChannels;
    const features = toPrecision(g, g.input('timestep_features', 'float32', [1, featureWidth(config)]));
    let embedding = timestepEmbedding(g.scope('time_embedding'), features, featureWidth(config), width);
    if (config.classes !== undefined) {
      const table = g.scope('class_embedding').weight('weight', [config.classes, width]);
      const rows = g.node('Gather', [table, g.input('class_labels', 'int32', ['batch'])]);
      embedding = g.node('Add', [embedding, rows]);
    }
    // Every block applies SiLU to the embedding first: once is enough.
    this.#time = { width, embedding: silu(g, embedding) };
  }

  /** @param beside the sample, which skip blocks lead past the network */
  down(x: Value, beside: Value): { top: Value; skips: Skip[] } {
    const { channels, layers, down } = this.config;
    const skips: Skip[] = [{ value: x, channels: channels[0] }];
    let from = channels[0];
    channels.forEach((to, level) => {
      const block = this.g.scope(`down_blocks.${level}`);
      for (let i = 0; i < layers; i++) {
        x = this.#resnet(block.scope(`resnets.${i}`), x, from, to, down[level]);
        if (down[level].attends) x = this.#attention(block.scope(`attentions.${i}`), x, to, level, down[level]);
        skips.push({ value: x, channels: to });
        from = to;
      }
      if (level === channels.length - 1) return;
      if (down[level].resampling === 'fir') beside = downsampleFir(block, beside, this.config.inChannels);
      x = this.#halved(block, x, to, down[level], beside);
      skips.push({ value: x, channels: to });
    });
    return { top: x, skips };
  }

  middle(x: Value): Value {
    const { channels, middle } = this.config;
    if (middle === 'none') return x;
    const last = channels.length - 1;
    const width = channels[last];
    const block = this.g.scope('mid_block');
    const part = (name: string, map: Value) => {
      const groups = this.config.groups ?? quarterGroups(width);
      const options = { groups, epsilon: this.config.epsilon, scaleShift: this.config.scaleShift, scale: middle.scale };
      return resnet(block.scope(name), map, width, width, options, this.#time);
    };
    x = part('resnets.0', x);
    if (middle.attends) x = this.#attend(block.scope('attentions.0'), x, width, last, middle.groups, middle.scale);
    return part('resnets.1', x);
  }

  /** Levels in reverse; each block reads the maps of its level, the last one first. */
  up(x: Value, skips: Skip[]): { x: Value; beside: Value | undefined } {
    const { channels, layers, up } = this.config;
    const last = channels.length - 1;
    let from = channels[last];
    let beside: Value | undefined;
    up.forEach((kind, position) => {
      const to = channels[last - position];
      const block = this.g.scope(`up_blocks.${position}`);
      const fir = kind.resampling === 'fir';
      for (let i = 0; i <= layers; i++) {
        const skip = skips.pop() as Skip;
        const joined = block.node('Concat', [x, skip.value], { attributes: { axis: 1 } });
        x = this.#resnet(block.scope(`resnets.${i}`), joined, from + skip.channels, to, kind, fir && kind.attends);
        // Skip blocks attend once, at their end.
        const attends = kind.attends && (!fir || i === layers);
        if (attends) x = this.#attention(block.scope(`attentions.${fir ? 0 : i}`), x, to, last - position, kind);
        from = to;
      }
      if (beside) beside = upsampleFir(block, beside, this.config.outChannels);
      if (position === last) return;
      if (fir) beside = this.#aside(block, x, to, beside);
      x = this.#doubled(block, x, to, kind);
    });
    return { x, beside };
  }

  /** What a skip block adds to the picture that is led past the network. */
  #aside(block: GraphBuilder, x: Value, channels: number, beside: Value | undefined): Value {
    const normal = groupNorm(
      block.scope('skip_norm'),
      x,
      quarterGroups(channels),
      channels,
      this.config.epsilon,
      'silu',
    );
    const own = conv(block.scope('skip_conv'), normal, channels, this.config.outChannels, 3);
    return beside ? block.node('Add', [beside, own]) : own;
  }

  #halved(block: GraphBuilder, x: Value, width: number, kind: LevelKind, beside: Value): Value {
    switch (kind.resampling) {
      case 'conv': {
        const pads = this.config.padding === 1 ? undefined : ([0, 0, 1, 1] as const);
        return conv(block.scope('downsamplers.0.conv'), x, width, width, 3, { stride: 2, pads });
      }
      case 'resnet':
        return this.#resampled(block.scope('downsamplers.0'), x, width, averaged);
      case 'fir': {
        const half = this.#filtered(block.scope('resnet_down'), x, width, downsampleFir);
        const seen = conv(block.scope('skip_conv'), beside, this.config.inChannels, width, 1);
        return block.node('Add', [seen, half]);
      }
      default:
        kind.resampling satisfies never;
        throw new RangeError(`Unknown resampling "${String(kind.resampling)}".`);
    }
  }

  #doubled(block: GraphBuilder, x: Value, width: number, kind: LevelKind): Value {
    switch (kind.resampling) {
      case 'conv':
        return conv(block.scope('upsamplers.0.conv'), upsampleNearest(block, x), width, width, 3);
      case 'resnet':
        return this.#resampled(block.scope('upsamplers.0'), x, width, upsampleNearest);
      case 'fir':
        return this.#filtered(block.scope('resnet_up'), x, width, upsampleFir);
      default:
        kind.resampling satisfies never;
        throw new RangeError(`Unknown resampling "${String(kind.resampling)}".`);
    }
  }

  #resampled(g: GraphBuilder, x: Value, width: number, resample: (g: GraphBuilder, x: Value) => Value): Value {
    const { groups = quarterGroups(width), epsilon, scaleShift } = this.config;
    return resnet(g, x, width, width, { groups, epsilon, scaleShift, resample }, this.#time);
  }

  #filtered(
    g: GraphBuilder,
    x: Value,
    width: number,
    filter: (g: GraphBuilder, x: Value, channels: number) => Value,
  ): Value {
    const { epsilon, scaleShift } = this.config;
    const groups = quarterGroups(width);
    const resample = (scope: GraphBuilder, map: Value) => filter(scope, map, width);
    const options = { groups, epsilon, scaleShift, resample, projects: true, scale: SKIP_SCALE };
    return resnet(g, x, width, width, options, this.#time);
  }

  /** @param most the first normalisation has as many groups as any, as up blocks with skips and attention do */
  #resnet(g: GraphBuilder, x: Value, from: number, to: number, kind: LevelKind, most = false): Value {
    const { groups, epsilon, scaleShift } = this.config;
    if (kind.resampling !== 'fir')
      return resnet(g, x, from, to, { groups: groups ?? quarterGroups(from), epsilon, scaleShift }, this.#time);
    const first = most ? SKIP_ATTENTION_GROUPS : quarterGroups(from);
    const options = { groups: first, groupsOut: quarterGroups(to), epsilon, scaleShift, scale: SKIP_SCALE };
    return resnet(g, x, from, to, options, this.#time);
  }

  #attention(g: GraphBuilder, x: Value, width: number, level: number, { resampling }: LevelKind): Value {
    const fir = resampling === 'fir';
    const groups = fir ? SKIP_ATTENTION_GROUPS : this.config.groups;
    return this.#attend(g, x, width, level, groups, fir ? SKIP_SCALE : 1);
  }

  /** diffusers' Attention over a map's own cells, beside a shortcut. @param groups undefined: not normalised */
  #attend(g: GraphBuilder, x: Value, width: number, level: number, groups: number | undefined, scale: number): Value {
    const { epsilon, headWidth = width, heads = width / headWidth } = this.config;
    const normal = groups === undefined ? x : groupNorm(g.scope('group_norm'), x, groups, width, epsilon, 'none');
    const tokens = toTokens(g, normal, width);
    const project = (name: string) => linear(g.scope(name), tokens, width, width);
    const inputs = [project('to_q'), project('to_k'), project('to_v')] as const;
    const attended = selfAttention(g, inputs, { channels: width, heads, level });
    const out = toFeatureMap(g, linear(g.scope('to_out.0'), attended, width, width), x);
    const sum = g.node('Add', [out, x]);
    return scale === 1 ? sum : g.node('Div', [sum, g.number(scale)]);
  }
}

/** Each square of four cells as their mean. */
export const averaged = (g: GraphBuilder, x: Value): Value =>
  g.node('AveragePool', [x], { attributes: { kernel_shape: [2, 2], strides: [2, 2] } });
