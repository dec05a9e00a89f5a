import { GraphBuilder, type Value } from './builder';
import type { UnetConfig } from './config';
import { conv, groupNorm, linear, silu, toFloat32, toPrecision, upsampleNearest } from './layers';
import { resnet, timestepEmbedding, timestepFeatures } from './resnet';
import { spatialTransformer } from './transformer';
import type { BuiltGraph, Dialect } from './types';

/**
 * diffusers' UNet2DConditionModel: sample [batch, channels, height, width], timestep [1], encoder_hidden_states [batch,
 * tokens, width], and where the network has them text_embeds [batch, width], time_ids [batch, 6] and timestep_cond
 * [batch, width], the guidance scale's embedding -> out_sample. Any height, width and number of tokens; sides need not
 * divide by 8. In the WebGPU dialect timestep and time_ids come as
 * their features, timestep_features [1, channels of the first level] and size_features [batch, 6 widths]
 * (`timestep-features.ts`).
 */
export function buildUnet(config: UnetConfig, dialect: Dialect): BuiltGraph {
  const g = GraphBuilder.create('unet', dialect);
  const sample = g.input('sample', 'float32', ['batch', config.inChannels, 'height', 'width']);
  const features = stepFeatures(g, config);
  const states = g.input('encoder_hidden_states', 'float32', ['batch', 'tokens', config.crossAttentionDim]);
  const net = new Unet(g, config, toPrecision(g, states), features, new MapSizes(g, sample));
  let x = conv(g.scope('conv_in'), toPrecision(g, sample), config.inChannels, config.channels[0], 3);
  const { top, skips } = net.down(x);
  x = net.up(net.middle(top), skips);
  x = groupNorm(g.scope('conv_norm_out'), x, config.groups, config.channels[0], config.epsilon, 'silu');
  x = conv(g.scope('conv_out'), x, config.channels[0], config.outChannels, 3);
  g.output('out_sample', toFloat32(g, x), ['batch', config.outChannels, 'height', 'width']);
  return g.finish();
}

/** Sines and cosines of the timestep, [1, channels of the first level]. */
function stepFeatures(g: GraphBuilder, { channels: [width], cosineFirst, frequencyShift }: UnetConfig): Value {
  if (g.dialect.operators === 'webgpu') return toPrecision(g, g.input('timestep_features', 'float32', [1, width]));
  const timestep = g.input('timestep', 'float32', [1]);
  return toPrecision(g, timestepFeatures(g, timestep, width, cosineFirst, frequencyShift));
}

/** Sines and cosines of a picture's sizes, those of one picture in a row, [batch, sizes * width]. */
function sizeFeatures(g: GraphBuilder, { cosineFirst, frequencyShift }: UnetConfig, width: number): Value {
  if (g.dialect.operators === 'webgpu')
    return toPrecision(g, g.input('size_features', 'float32', ['batch', 'features']));
  const sizes = g.input('time_ids', 'float32', ['batch', 'sizes']);
  const rows = timestepFeatures(g, sizes, width, cosineFirst, frequencyShift);
  const batch = g.node('Shape', [sizes], { attributes: { start: 0, end: 1 } });
  const shape = g.node('Concat', [batch, g.constant('int64', [-1])], { attributes: { axis: 0 } });
  return toPrecision(g, g.node('Reshape', [rows, shape]));
}

/**
 * Sizes of feature maps by how often they were halved. Worked out from the sample's on the CPU: those of a map on the
 * card would have to be waited for, and a graph that waits cannot be captured (`runtime/io-binding.ts`).
 */
class MapSizes {
  readonly #batch: Value;
  readonly #sides: Value[];

  constructor(
    readonly g: GraphBuilder,
    sample: Value,
  ) {
    this.#batch = g.node('Shape', [sample], { attributes: { start: 0, end: 1 } });
    this.#sides = [g.node('Shape', [sample], { attributes: { start: 2, end: 4 } })];
  }

  /** int64 [4]: batch, channels, height, width. */
  at(level: number, channels: number): Value {
    const { g } = this;
    const onCpu = true;
    for (let from = this.#sides.length - 1; from < level; from++) {
      const odd = g.node('Add', [this.#sides[from], g.constant('int64', [1])], { onCpu });
      this.#sides.push(g.node('Div', [odd, g.constant('int64', [2])], { onCpu }));
    }
    const sizes = [this.#batch, g.constant('int64', [channels]), this.#sides[level]];
    return g.node('Concat', sizes, { onCpu, attributes: { axis: 0 } });
  }
}

/** A feature map kept for the way up. */
interface Skip {
  value: Value;
  channels: number;
}

/** The parts of one UNet under construction, which share its context and timestep embedding. */
class Unet {
  readonly #time: { embedding: Value; width: number };
  readonly #sizes: MapSizes;

  constructor(
    readonly g: GraphBuilder,
    readonly config: UnetConfig,
    readonly context: Value,
    features: Value,
    sizes: MapSizes,
  ) {
    this.#sizes = sizes;
    const { channels, guidanceWidth } = config;
    const width = 4 * channels[0];
    const step = guidanceWidth === undefined ? features : this.#withGuidance(features, guidanceWidth);
    let embedding = timestepEmbedding(g.scope('time_embedding'), step, channels[0], width);
    if (config.textTime) embedding = g.node('Add', [embedding, this.#textTime(config.textTime, width)]);
    // Every block applies SiLU to the embedding first: once is enough.
    this.#time = { width, embedding: silu(g, embedding) };
  }

  /** The timestep's features moved by the guidance scale's (Meng et al. 2023, "Distillation of Guided Diffusion"). */
  #withGuidance(features: Value, width: number): Value {
    const { g, config } = this;
    const condition = toPrecision(g, g.input('timestep_cond', 'float32', ['batch', width]));
    const moved = linear(g.scope('time_embedding.cond_proj'), condition, width, config.channels[0], { bias: false });
    return g.node('Add', [features, moved]);
  }

  /** diffusers' `text_time` embedding (SDXL: Podell et al. 2023, section 2.2): [batch, width]. */
  #textTime({ sizeWidth, inputWidth }: NonNullable<UnetConfig['textTime']>, width: number): Value {
    const { g, config } = this;
    const text = toPrecision(g, g.input('text_embeds', 'float32', ['batch', 'text_width']));
    const sizes = sizeFeatures(g, config, sizeWidth);
    const joined = g.node('Concat', [text, sizes], { attributes: { axis: 1 } });
    return timestepEmbedding(g.scope('add_embedding'), joined, inputWidth, width);
  }

  down(x: Value): { top: Value; skips: Skip[] } {
    const { channels, layers, downDepths } = this.config;
    const skips: Skip[] = [{ value: x, channels: channels[0] }];
    let from = channels[0];
    channels.forEach((to, level) => {
      const block = this.g.scope(`down_blocks.${level}`);
      for (let i = 0; i < layers[level]; i++) {
        x = this.#resnet(block.scope(`resnets.${i}`), x, from, to);
        x = this.#attention(block.scope(`attentions.${i}`), x, level, downDepths[level][i]);
        skips.push({ value: x, channels: to });
        from = to;
      }
      if (level < channels.length - 1) {
        x = conv(block.scope('downsamplers.0.conv'), x, to, to, 3, { stride: 2 });
        skips.push({ value: x, channels: to });
      }
    });
    return { top: x, skips };
  }

  middle(x: Value): Value {
    const { channels, middle } = this.config;
    if (middle === 'none') return x;
    const last = channels.length - 1;
    const block = this.g.scope('mid_block');
    x = this.#resnet(block.scope('resnets.0'), x, channels[last], channels[last]);
    if (middle === 'one-resnet') return x;
    x = this.#attention(block.scope('attentions.0'), x, last, middle.depth);
    return this.#resnet(block.scope('resnets.1'), x, channels[last], channels[last]);
  }

  /** Levels in reverse; each block reads the maps of its level, the last one first. */
  up(x: Value, skips: Skip[]): Value {
    const { channels, layers, upDepths } = this.config;
    const last = channels.length - 1;
    let from = channels[last];
    for (let position = 0; position <= last; position++) {
      const level = last - position;
      const to = channels[level];
      const block = this.g.scope(`up_blocks.${position}`);
      for (let i = 0; i <= layers[level]; i++) {
        const skip = skips.pop() as Skip;
        const joined = block.node('Concat', [x, skip.value], { attributes: { axis: 1 } });
        x = this.#resnet(block.scope(`resnets.${i}`), joined, from + skip.channels, to);
        x = this.#attention(block.scope(`attentions.${i}`), x, level, upDepths[position][i]);
        from = to;
      }
      if (level > 0) {
        x = upsampleNearest(block, x, this.#sizes.at(level - 1, to));
        x = conv(block.scope('upsamplers.0.conv'), x, to, to, 3);
      }
    }
    return x;
  }

  #resnet(g: GraphBuilder, x: Value, from: number, to: number): Value {
    return resnet(g, x, from, to, this.config, this.#time);
  }

  /** @param depth undefined where the layer has no attention */
  #attention(g: GraphBuilder, x: Value, level: number, depth: number | undefined): Value {
    if (depth === undefined) return x;
    const { channels, heads, crossAttentionDim, groups, linearProjection, upcastAttention } = this.config;
    return spatialTransformer(g, x, {
      channels: channels[level],
      heads: heads[level],
      level,
      depth,
      context: this.context,
      contextWidth: crossAttentionDim,
      groups,
      linearProjection,
      upcastAttention,
    });
  }
}
