import { GraphBuilder, type Value } from './builder';
import {
  attend,
  conv,
  featureMap,
  groupNorm,
  halve,
  type Layer,
  linear,
  scaleAndShift,
  sequence,
  silu,
  sum,
  tokens,
} from './differentiable';
import { linear as constantLinear, silu as constantSilu } from './layers';
import { timestepEmbedding } from './resnet';
import type { BuiltGraph } from './types';

/** The way down of a UNet, and the attention that reads a class off its end. */
export interface ClassClassifierConfig {
  inChannels: number;
  channels: readonly number[];
  /** ResNet blocks a level. */
  layers: number;
  /** On which levels there is attention; the middle has it always. */
  attends: readonly boolean[];
  headWidth: number;
  groups: number;
  /** How many numbers it is told of a timestep. */
  timeChannels: number;
  /** Side of the last level's maps: attention at the end knows each cell by its place. */
  lastSide: number;
  classes: number;
}

/**
 * log p(class | x_t) and its gradient with respect to x_t, by guided diffusion's noise-aware classifier (Dhariwal and
 * Nichol 2021, section 4). Inputs: z, x_t as [1, channels, side, side]; timestep_features [1, timeChannels]; wanted
 * [1, classes], the share of each class in what is wanted, one in all. Outputs: log_p [1, 1], the mean of the wanted
 * classes' log p, and gradient, in z's shape.
 */
export function buildClassClassifier(config: ClassClassifierConfig): BuiltGraph {
  const { inChannels, channels, timeChannels, groups, lastSide, classes } = config;
  const g = GraphBuilder.create('class_classifier', { operators: 'plain', precision: 'float32' });
  const side = lastSide * 2 ** (channels.length - 1);
  const dims = [1, inChannels, side, side];
  const z = g.input('z', 'float32', dims);
  const features = g.input('timestep_features', 'float32', [1, timeChannels]);
  const wanted = g.input('wanted', 'float32', [1, classes]);

  const width = 4 * timeChannels;
  const time = constantSilu(g, timestepEmbedding(g.scope('time_embedding'), features, timeChannels, width));
  const last = channels[channels.length - 1];
  const logits = sequence(z, [
    conv(g.scope('conv_in'), inChannels, channels[0], 3),
    ...wayDown(g, config, time),
    ...middle(g.scope('mid_block'), last, config, time),
    groupNorm(g.scope('conv_norm_out'), groups, last),
    silu(g),
    attentionPool(g.scope('pool'), last, config),
  ]);
  const logs = g.node('LogSoftmax', [logits.value], { attributes: { axis: 1 } });
  const product = g.node('Mul', [wanted, logs]);
  g.output('log_p', g.node('ReduceSum', [product, g.constant('int64', [1])], { attributes: { keepdims: 1 } }), [1, 1]);
  // d log p / d logits = wanted - p, since the shares of what is wanted are one in all.
  g.output('gradient', logits.back(g.node('Sub', [wanted, g.node('Exp', [logs])])), dims);
  return g.finish();
}

function wayDown(g: GraphBuilder, config: ClassClassifierConfig, time: Value): Layer[] {
  const { channels, layers, attends } = config;
  return channels.flatMap((to, level) => {
    const block = g.scope(`down_blocks.${level}`);
    const blocks = Array.from({ length: layers }, (_, i) => {
      const from = i === 0 ? channels[Math.max(0, level - 1)] : to;
      const one = residual(block.scope(`resnets.${i}`), from, to, config, time);
      return attends[level] ? [one, selfAttention(block.scope(`attentions.${i}`), to, config)] : [one];
    }).flat();
    if (level === channels.length - 1) return blocks;
    return [...blocks, residual(block.scope('downsamplers.0'), to, to, config, time, true)];
  });
}

function middle(block: GraphBuilder, width: number, config: ClassClassifierConfig, time: Value): Layer[] {
  return [
    residual(block.scope('resnets.0'), width, width, config, time),
    selfAttention(block.scope('attentions.0'), width, config),
    residual(block.scope('resnets.1'), width, width, config, time),
  ];
}

/** A ResNet block whose second normalisation the timestep scales and shifts; half as large, where it halves. */
function residual(
  g: GraphBuilder,
  from: number,
  to: number,
  { groups, timeChannels }: ClassClassifierConfig,
  time: Value,
  halves = false,
): Layer {
  const smaller = halves ? [halve(g)] : [];
  const moved = constantLinear(g.scope('time_emb_proj'), time, 4 * timeChannels, 2 * to);
  return (x) => {
    const changed = sequence(x, [
      groupNorm(g.scope('norm1'), groups, from),
      silu(g),
      ...smaller,
      conv(g.scope('conv1'), from, to, 3),
      groupNorm(g.scope('norm2'), groups, to),
      scaleAndShift(g, moved, to),
      silu(g),
      conv(g.scope('conv2'), to, to, 3),
    ]);
    const shortcut = sequence(x, from === to ? smaller : [...smaller, conv(g.scope('conv_shortcut'), from, to, 1)]);
    return sum(g, shortcut, changed);
  };
}

/** A map's cells attend to each other, beside a shortcut. */
function selfAttention(g: GraphBuilder, channels: number, { groups, headWidth }: ClassClassifierConfig): Layer {
  const project = (name: string) => linear(g.scope(name), channels, channels);
  const between: Layer = (x) => {
    const given = (['to_q', 'to_k', 'to_v'] as const).map((name) => project(name)(x));
    const [q, k, v] = given.map(({ value }) => value);
    const step = attend(g, [q, k, v], { channels, heads: channels / headWidth });
    return {
      value: step.value,
      back: (d) =>
        added(
          g,
          step.back(d).map((of, i) => given[i].back(of)),
        ),
    };
  };
  return (x) => {
    const attended = sequence(x, [
      groupNorm(g.scope('group_norm'), groups, channels),
      tokens(g, channels),
      between,
      project('to_out.0'),
      featureMap(g, channels, x),
    ]);
    return sum(g, { value: x, back: (d) => d }, attended);
  };
}

const added = (g: GraphBuilder, values: readonly Value[]): Value => values.reduce((a, b) => g.node('Add', [a, b]));

/**
 * The classes' logits [1, classes]: the mean of all cells attends to itself and to them, each moved by a learned place
 * (CLIP's attention pool, Radford et al. 2021, section 2.4).
 */
function attentionPool(g: GraphBuilder, channels: number, config: ClassClassifierConfig): Layer {
  const { headWidth, lastSide, classes } = config;
  const cells = lastSide ** 2;
  const places = g.weight('places', [channels, cells + 1], { dims: [cells + 1, channels], layout: 'transpose' });
  const project = (name: string) => linear(g.scope(name), channels, channels);
  const axis = { attributes: { axis: 1 } };
  const first = (x: Value) => g.node('Slice', [x, ...[[0], [1], [1]].map((at) => g.constant('int64', at))]);
  const rest = (x: Value) => g.node('Slice', [x, ...[[1], [cells + 1], [1]].map((at) => g.constant('int64', at))]);
  return (x) => {
    const flat = tokens(g, channels)(x);
    const mean = g.node('ReduceMean', [flat.value], { attributes: { axes: [1], keepdims: 1 } });
    const all = g.node('Add', [g.node('Concat', [mean, flat.value], axis), places]);
    const [query, key, value] = [project('to_q')(first(all)), project('to_k')(all), project('to_v')(all)];
    const step = attend(g, [query.value, key.value, value.value], { channels, heads: channels / headWidth });
    const out = linear(g.scope('to_out'), channels, classes)(step.value);
    return {
      value: g.node('Reshape', [out.value, g.constant('int64', [1, classes])]),
      back(d) {
        const [dq, dk, dv] = step.back(out.back(g.node('Reshape', [d, g.constant('int64', [1, 1, classes])])));
        const ofAll = g.node('Add', [key.back(dk), value.back(dv)]);
        const ofMean = g.node('Add', [first(ofAll), query.back(dq)]);
        return flat.back(g.node('Add', [rest(ofAll), g.node('Mul', [ofMean, g.number(1 / cells)])]));
      },
    };
  };
}
