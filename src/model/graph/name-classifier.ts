import { GraphBuilder, type Value } from './builder';
import { conv, type Differentiable, groupNorm, linear, pool, sequence, shift, silu, sum, unit } from './differentiable';
import { linear as constantLinear, silu as constantSilu } from './layers';
import { timestepFeatures } from './resnet';
import type { BuiltGraph } from './types';

/** A noise-aware tower over latents and the names it tells apart, as its weights' shapes say. */
export interface NameClassifierConfig {
  latentChannels: number;
  /** Of the feature maps; each but the first is half the size of the one before. */
  widths: readonly number[];
  /** Sines and cosines of the timestep, and the hidden width they are brought to. */
  timeFeatures: number;
  timeWidth: number;
  /** Of the space that pictures and names share. */
  width: number;
  names: number;
}

const GROUPS = 8;
/** Of the likeness, as CLIP limits it (Radford et al. 2021, section 2.5). */
const MAX_SCALE = 100;

/**
 * log p(wanted | z_t) and its gradient with respect to z_t. p(name | z_t) is the softmax over all names of scale
 * <tower(z_t, t), name's text feature>, both of length one (models/train/text.py trains the tower so, as CLIP's image
 * half). Inputs: z_t [1, channels, height, width] in variance-preserving coordinates, timestep [1], wanted [1, names],
 * the share of each name in what is wanted, one in all. Outputs: log_p [1, 1], the mean of the wanted names' log p, and
 * gradient, in z_t's shape.
 */
export function buildNameClassifier(config: NameClassifierConfig): BuiltGraph {
  const { latentChannels, widths, width, names } = config;
  const g = GraphBuilder.create('name_classifier', { operators: 'plain', precision: 'float32' });
  const dims = [1, latentChannels, 'height', 'width'];
  const z = g.input('z', 'float32', dims);
  const timestep = g.input('timestep', 'float32', [1]);
  const wanted = g.input('wanted', 'float32', [1, names]);

  const tower = g.scope('tower');
  const last = widths[widths.length - 1];
  const time = timeVector(tower.scope('time'), timestep, config);
  const blocks = widths.flatMap((to, level) => {
    const [first, second] = [2 * level, 2 * level + 1].map((i) => tower.scope(`blocks.${i}`));
    const from = widths[Math.max(0, level - 1)];
    const { timeWidth } = config;
    const halved = level === 0 ? 1 : 2;
    return [
      (x: Value) => residual(first, x, from, to, halved, time, timeWidth),
      (x: Value) => residual(second, x, to, to, 1, time, timeWidth),
    ];
  });
  const picture = sequence(z, [
    conv(tower.scope('start'), latentChannels, widths[0], 3),
    ...blocks,
    groupNorm(tower.scope('norm'), GROUPS, last),
    silu(tower),
    pool(tower, last),
    linear(tower.scope('end'), 2 * last, width),
    unit(tower),
  ]);

  const features = g.weight('features', [names, width], { dims: [width, names], layout: 'transpose' });
  const scale = g.node('Min', [g.node('Exp', [g.weight('scale', [1])]), g.number(MAX_SCALE)]);
  const likeness = g.node('Mul', [g.node('MatMul', [picture.value, features]), scale]);
  const logs = g.node('LogSoftmax', [likeness], { attributes: { axis: 1 } });
  const product = g.node('Mul', [wanted, logs]);
  g.output('log_p', g.node('ReduceSum', [product, g.constant('int64', [1])], { attributes: { keepdims: 1 } }), [1, 1]);

  // d log p / d likeness = wanted - p, since the shares of what is wanted are one in all.
  const surprise = g.node('Mul', [g.node('Sub', [wanted, g.node('Exp', [logs])]), scale]);
  const towards = g.node('MatMul', [surprise, g.node('Transpose', [features], { attributes: { perm: [1, 0] } })]);
  g.output('gradient', picture.back(towards), dims);
  return g.finish();
}

/** The timestep as the blocks take it, activated. */
function timeVector(g: GraphBuilder, timestep: Value, { timeFeatures, timeWidth }: NameClassifierConfig): Value {
  const features = timestepFeatures(g, timestep, timeFeatures, true, 0);
  const hidden = constantSilu(g, constantLinear(g.scope('0'), features, timeFeatures, timeWidth));
  return constantSilu(g, constantLinear(g.scope('2'), hidden, timeWidth, timeWidth));
}

function residual(
  g: GraphBuilder,
  x: Value,
  from: number,
  to: number,
  stride: number,
  time: Value,
  timeWidth: number,
): Differentiable {
  const changed = sequence(x, [
    groupNorm(g.scope('norm_one'), GROUPS, from),
    silu(g),
    conv(g.scope('one'), from, to, 3, stride),
    shift(g, constantLinear(g.scope('time'), time, timeWidth, to), to),
    groupNorm(g.scope('norm_two'), GROUPS, to),
    silu(g),
    conv(g.scope('two'), to, to, 3),
  ]);
  return sum(g, conv(g.scope('skip'), from, to, 1, stride)(x), changed);
}
