import { attention, selfAttention } from './attention';
import type { GraphBuilder, Value } from './builder';
import { geglu, groupNorm, layerNorm, linear, toFeatureMap, toTokens } from './layers';

export interface TransformerOptions {
  channels: number;
  heads: number;
  /** How often the map's sides were halved before. */
  level: number;
  depth: number;
  context: Value;
  contextWidth: number;
  groups: number;
  linearProjection: boolean;
  upcastAttention: boolean;
}

/** diffusers keeps the transformer's own epsilons, whatever the UNet's. */
const GROUP_EPSILON = 1e-6;
const LAYER_EPSILON = 1e-5;

/** diffusers' Transformer2DModel: feature map to tokens, `depth` transformer blocks, and back, beside a shortcut. */
export function spatialTransformer(g: GraphBuilder, x: Value, options: TransformerOptions): Value {
  const { channels, depth, groups, linearProjection } = options;
  const normal = groupNorm(g.scope('norm'), x, groups, channels, GROUP_EPSILON, 'none');
  // A 1x1 kernel on the map is the same as a matrix on the tokens.
  const kernel = !linearProjection;
  let tokens = linear(g.scope('proj_in'), toTokens(g, normal, channels), channels, channels, { kernel });
  for (let i = 0; i < depth; i++) tokens = transformerBlock(g.scope(`transformer_blocks.${i}`), tokens, options);
  tokens = linear(g.scope('proj_out'), tokens, channels, channels, { kernel });
  return g.node('Add', [toFeatureMap(g, tokens, x), x]);
}

/** Self-attention, cross-attention on the text, feed-forward; each behind a layer norm and beside a shortcut. */
function transformerBlock(g: GraphBuilder, x: Value, options: TransformerOptions): Value {
  const { channels, context, contextWidth } = options;
  const norm = (name: string, value: Value) => layerNorm(g.scope(name), value, channels, LAYER_EPSILON);
  const self = norm('norm1', x);
  x = g.node('Add', [x, attend(g.scope('attn1'), self, self, channels, options)]);
  x = g.node('Add', [x, attend(g.scope('attn2'), norm('norm2', x), context, contextWidth, options)]);
  const feed = g.scope('ff');
  const hidden = geglu(feed.scope('net.0.proj'), norm('norm3', x), channels, 4 * channels);
  return g.node('Add', [x, linear(feed.scope('net.2'), hidden, 4 * channels, channels)]);
}

function attend(
  g: GraphBuilder,
  x: Value,
  context: Value,
  contextWidth: number,
  { channels, heads, level, upcastAttention }: TransformerOptions,
): Value {
  const query = linear(g.scope('to_q'), x, channels, channels, { bias: false });
  const key = linear(g.scope('to_k'), context, contextWidth, channels, { bias: false });
  const value = linear(g.scope('to_v'), context, contextWidth, channels, { bias: false });
  const out =
    x === context
      ? selfAttention(g, [query, key, value], { channels, heads, level, exact: upcastAttention })
      : attention(g, query, key, value, heads, { exact: upcastAttention });
  return linear(g.scope('to_out.0'), out, channels, channels);
}
