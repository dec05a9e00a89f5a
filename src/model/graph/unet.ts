import { GraphBuilder, type Value } from './builder';
import type { UnetConfig } from './config';
import { conv, groupNorm, silu, toFloat32, toPrecision, upsampleNearest } from './layers';
import { resnet, timestepEmbedding, timestepFeatures } from './resnet';
import { spatialTransformer } from './transformer';
import type { BuiltGraph, Dialect } from './types';

/**
 * diffusers' UNet2DConditionModel: sample [batch, channels, height, width], timestep [1], encoder_hidden_states
 * [batch, tokens, width], and where the network has them text_embeds [batch, width] and time_ids [batch, 6] -> out_sample. Any height, width and number of tokens; sides need not divide by 8.
 */
export function buildUnet(config: UnetConfig, dialect: Dialect): BuiltGraph {
  const g = GraphBuilder.create('unet', dialect);
  const sample = g.input('sample', 'float32', ['batch', config.inChannels, 'height', 'width']);
  const timestep = g.input('timestep', 'float32', [1]);
  const states = g.input('encoder_hidden_states', 'float32', ['batch', 'tokens', config.crossAttentionDim]);
  const net = new Unet(g, config, toPrecision(g, states), timestep);
  let x = conv(g.scope('conv_in'), toPrecision(g, sample), config.inChannels, config.channels[0], 3);
  const { top, skips } = net.down(x);
  x = net.up(net.middle(top), skips);
  x = groupNorm(g.scope('conv_norm_out'), x, config.groups, config.channels[0], config.epsilon, 'silu');
  x = conv(g.scope('conv_out'), x, config.channels[0], config.outChannels, 3);
  g.output('out_sample', toFloat32(g, x), ['batch', config.outChannels, 'height', 'width']);
  return g.finish();
}

/** A feature map kept for the way up. */
interface Skip {
  value: Value;
  channels: number;
}

/** The parts of one UNet under construction, which share its context and timestep embedding. */
class Unet {
  readonly #time: { embedding: Value; width: number };

  constructor(
    readonly g: GraphBuilder,
    readonly config: UnetConfig,
    readonly context: Value,
    timestep: Value,
  ) {
    const { channels, cosineFirst, frequencyShift } = config;
    const width = 4 * channels[0];
    const features = toPrecision(g, timestepFeatures(g, timestep, channels[0], cosineFirst, frequencyShift));
    let embedding = timestepEmbedding(g.scope('time_embedding'), features, channels[0], width);
    if (config.textTime) embedding = g.node('Add', [embedding, this.#textTime(config.textTime, width)]);
    // Every block applies SiLU to the embedding first: once is enough.
    this.#time = { width, embedding: silu(g, embedding) };
  }

  /** diffusers' `text_time` embedding (SDXL: Podell et al. 2023, section 2.2): [batch, width]. */
  #textTime({ sizeWidth, inputWidth }: NonNullable<UnetConfig['textTime']>, width: number): Value {
    const { g, config } = this;
    const text = toPrecision(g, g.input('text_embeds', 'float32', ['batch', 'text_width']));
    const sizes = g.input('time_ids', 'float32', ['batch', 'sizes']);
    const rows = timestepFeatures(g, sizes, sizeWidth, config.cosineFirst, config.frequencyShift);
    const batch = g.node('Shape', [sizes], { attributes: { start: 0, end: 1 } });
    const shape = g.node('Concat', [batch, g.constant('int64', [-1])], { attributes: { axis: 0 } });
    const flat = toPrecision(g, g.node('Reshape', [rows, shape]));
    const joined = g.node('Concat', [text, flat], { attributes: { axis: 1 } });
    return timestepEmbedding(g.scope('add_embedding'), joined, inputWidth, width);
  }

  down(x: Value): { top: Value; skips: Skip[] } {
    const { channels, layers, downAttention } = this.config;
    const skips: Skip[] = [{ value: x, channels: channels[0] }];
    let from = channels[0];
    channels.forEach((to, level) => {
      const block = this.g.scope(`down_blocks.${level}`);
      for (let i = 0; i < layers[level]; i++) {
        x = this.#resnet(block.scope(`resnets.${i}`), x, from, to);
        if (downAttention[level]) x = this.#attention(block.scope(`attentions.${i}`), x, level);
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
    const { channels } = this.config;
    const last = channels.length - 1;
    const block = this.g.scope('mid_block');
    x = this.#resnet(block.scope('resnets.0'), x, channels[last], channels[last]);
    x = this.#attention(block.scope('attentions.0'), x, last);
    return this.#resnet(block.scope('resnets.1'), x, channels[last], channels[last]);
  }

  /** Levels in reverse; each block reads the maps of its level, the last one first. */
  up(x: Value, skips: Skip[]): Value {
    const { channels, layers, upAttention } = this.config;
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
        if (upAttention[position]) x = this.#attention(block.scope(`attentions.${i}`), x, level);
        from = to;
      }
      if (level > 0) {
        x = upsampleNearest(block, x, skips[skips.length - 1].value);
        x = conv(block.scope('upsamplers.0.conv'), x, to, to, 3);
      }
    }
    return x;
  }

  #resnet(g: GraphBuilder, x: Value, from: number, to: number): Value {
    return resnet(g, x, from, to, this.config, this.#time);
  }

  #attention(g: GraphBuilder, x: Value, level: number): Value {
    const { channels, heads, depths, crossAttentionDim, groups, linearProjection, upcastAttention } = this.config;
    return spatialTransformer(g, x, {
      channels: channels[level],
      heads: heads[level],
      level,
      depth: depths[level],
      context: this.context,
      contextWidth: crossAttentionDim,
      groups,
      linearProjection,
      upcastAttention,
    });
  }
}
