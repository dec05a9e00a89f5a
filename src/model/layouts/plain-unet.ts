import { EaselError, said } from '../../core/errors';
import { parseUnet2dConfig, type Unet2dConfig } from '../graph/unet2d-config';
import { guidedDiffusionName, withoutWrapper } from '../weights/guided-diffusion-names';
import { splitHeads } from '../weights/split-heads';
import type { StateDict } from '../weights/state-dict';
import type { Network } from './network';
import type { UnetSettings } from './unet-flags';

/**
 * UNets that no text enters, under the names of the public code that guided diffusion has, and latent diffusion from
 * it.
 */

const NEEDED = ['time_embed.0.weight', 'input_blocks.0.0.weight', 'middle_block.0.in_layers.0.weight'];

/** Whether keys are those of one such network's way down. */
export function hasWayDown(keys: readonly string[]): boolean {
  const bare = new Set(keys.map(withoutWrapper));
  return NEEDED.every((key) => bare.has(key)) && !keys.some((key) => key.includes('.transformer_blocks.'));
}

/** What shapes tell of the levels of a network, or of the half that only goes down. */
export interface Levels {
  shape(key: string): readonly number[];
  has(key: string): boolean;
  channels: readonly number[];
  /** ResNet blocks a level. */
  layers: number;
  /** How many numbers it is told of a timestep: what the channels of its levels are multiples of. */
  timeChannels: number;
  /** Those multiples, joined by commas. */
  growth: string;
  attends: readonly boolean[];
  /** Whether ResNet blocks halve its maps, and no convolutions alone. */
  isResnet: boolean;
  /** Of its middle. */
  scaleShift: boolean;
}

/**
 * @param layersOf tells ResNet blocks a level from bare keys
 * @throws EaselError `corrupt` naming a missing key
 */
export function levelsOf(dict: StateDict, path: string, layersOf = layersOnTheWayUp): Levels {
  const shapes = new Map(Array.from(dict.entries, ([key, { shape }]) => [withoutWrapper(key), shape] as const));
  const has = (key: string) => shapes.has(key);
  const shape = (key: string) => {
    const found = shapes.get(key);
    if (!found) throw new EaselError('corrupt', said`${path} lacks "${key}".`);
    return found;
  };
  const layers = layersOf([...shapes.keys()]);
  const blocks = count([...shapes.keys()], /^input_blocks\.(\d+)\./);
  const levels = Math.ceil((blocks - 1) / (layers + 1));
  const first = (level: number) => `input_blocks.${1 + level * (layers + 1)}`;
  const channels = Array.from({ length: levels }, (_, level) => shape(`${first(level)}.0.out_layers.3.weight`)[0]);
  const [, timeChannels] = shape('time_embed.0.weight');
  return {
    shape,
    has,
    channels,
    layers,
    timeChannels,
    growth: channels.map((own) => own / timeChannels).join(),
    attends: channels.map((_, level) => has(`${first(level)}.1.qkv.weight`)),
    isResnet: has(`input_blocks.${layers + 1}.0.in_layers.0.weight`),
    scaleShift: shape('middle_block.0.emb_layers.1.weight')[0] === 2 * channels[levels - 1],
  };
}

const count = (keys: readonly string[], pattern: RegExp): number =>
  Math.max(...keys.map((key) => Number(pattern.exec(key)?.[1] ?? -1))) + 1;

/** ResNet blocks a level: the first level on the way up ends with what doubles the size. */
function layersOnTheWayUp(keys: readonly string[]): number {
  const ends = keys.map((key) => /^output_blocks\.(\d+)\.[12]\.(?:in_layers|conv)\./.exec(key)?.[1]);
  const found = ends.filter((index) => index !== undefined).map(Number);
  return found.length > 0 ? Math.min(...found) : count(keys, /^output_blocks\.(\d+)\./) - 1;
}

/**
 * The network with its weights under diffusers' names.
 * @throws EaselError `corrupt` where the settings do not fit its weights, `unsupported` for what the graphs do not
 *   build
 */
export function plainUnet(
  dict: StateDict,
  levels: Levels,
  { heads, order, groups, side }: UnetSettings,
  path: string,
): Network<Unet2dConfig> {
  const { shape, has, channels, layers, attends, isResnet, scaleShift, timeChannels } = levels;
  const type = (does: boolean, way: 'Down' | 'Up') =>
    does ? `Attn${way}Block2D` : isResnet ? `Resnet${way}sampleBlock2D` : `${way}Block2D`;
  const resampling = isResnet ? 'resnet' : 'conv';
  const attendsUp = (level: number) => has(`output_blocks.${level * (layers + 1)}.1.qkv.weight`);
  const fields = {
    block_out_channels: channels,
    layers_per_block: layers,
    down_block_types: attends.map((does) => type(does, 'Down')),
    up_block_types: channels.map((_, level) => type(attendsUp(level), 'Up')),
    downsample_type: resampling,
    upsample_type: resampling,
    add_attention: has('middle_block.1.qkv.weight'),
    attention_head_dim: 'width' in heads ? heads.width : null,
    norm_num_groups: groups,
    attn_norm_num_groups: groups,
    resnet_time_scale_shift: scaleShift ? 'scale_shift' : 'default',
    in_channels: shape('input_blocks.0.0.weight')[1],
    out_channels: shape('out.2.weight')[0],
    num_class_embeds: has('label_emb.weight') ? shape('label_emb.weight')[0] : undefined,
    sample_size: side,
  };
  const weights = splitHeads(dict, (key) => guidedDiffusionName(key, layers), heads, order);
  const config = parseUnet2dConfig(fields, path);
  return {
    name: path,
    config: {
      ...config,
      ...('count' in heads && { heads: heads.count }),
      ...(timeChannels !== channels[0] && { timeChannels }),
    },
    weights,
  };
}
