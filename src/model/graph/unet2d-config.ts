import * as v from 'valibot';
import { asMessage, EaselError, said } from '../../core/errors';
import { faultyField, readFields } from '../read-fields';
import { checkLevels, count, counts, finite, only } from './config-fields';

/** How a level's maps get half, or twice, as large: by a convolution, within a ResNet block, or by a filter (FIR). */
type Resampling = 'conv' | 'resnet' | 'fir';

/** What a level of the network is made of, on the way down or up. */
export interface LevelKind {
  attends: boolean;
  resampling: Resampling;
}

/** A UNet2DModel: one that no text enters. */
export interface Unet2dConfig {
  kind: 'unet2d';
  inChannels: number;
  outChannels: number;
  /** Side of the maps the model was trained at, where stated. */
  sampleSize?: number;
  channels: readonly number[];
  /** ResNet blocks a level (one more on the way up). */
  layers: number;
  down: readonly LevelKind[];
  /** The last level first. */
  up: readonly LevelKind[];
  middle: 'none' | { attends: boolean; groups: number | undefined; scale: number };
  /** Width of an attention head; the whole width in one where undefined. */
  headWidth?: number;
  /** How many heads attention has on every level, where that is what all levels share, and not their width. */
  heads?: number;
  /** How many numbers it is told of a timestep; as many as the first level has channels, where left out. */
  timeChannels?: number;
  /** Of group normalisation; where undefined, a quarter of a map's channels, 32 at most. */
  groups?: number;
  epsilon: number;
  /** The embedding scales and shifts a block's second normalisation, instead of being added before it. */
  scaleShift: boolean;
  /** How a convolution that halves a map pads it: on all sides, or on the right and below alone. */
  padding: 0 | 1;
  /** The sample comes as 0..1 and is brought to -1..1. */
  centred: boolean;
  /** How many classes it is told apart by; undefined where by none. */
  classes?: number;
  time: TimeFeatures;
}

/**
 * What the network is told of a noise level: sines and cosines of a timestep (Vaswani et al. 2017), or of 2 pi f ln
 * sigma for frequencies f that were drawn at random once (Tancik et al. 2020; Song et al. 2021).
 */
type TimeFeatures =
  | { kind: 'positional'; cosineFirst: boolean; shift: number }
  | { kind: 'fourier'; frequencies: readonly number[] };

const DOWN = {
  DownBlock2D: { attends: false, resampling: 'conv' },
  AttnDownBlock2D: { attends: true, resampling: 'conv' },
  ResnetDownsampleBlock2D: { attends: false, resampling: 'resnet' },
  SkipDownBlock2D: { attends: false, resampling: 'fir' },
  AttnSkipDownBlock2D: { attends: true, resampling: 'fir' },
} as const satisfies Record<string, LevelKind>;

const UP = {
  UpBlock2D: DOWN.DownBlock2D,
  AttnUpBlock2D: DOWN.AttnDownBlock2D,
  ResnetUpsampleBlock2D: DOWN.ResnetDownsampleBlock2D,
  SkipUpBlock2D: DOWN.SkipDownBlock2D,
  AttnSkipUpBlock2D: DOWN.AttnSkipDownBlock2D,
} as const satisfies Record<string, LevelKind>;

const namesOf = <T extends object>(table: T) => Object.keys(table) as (keyof T & string)[];

/** The channels that skip blocks lead past the network: the code they come from has no others. */
const SKIP_CHANNELS = 3;

const Schema = v.object({
  act_fn: only('silu', 'swish'),
  dropout: v.nullish(finite()),
  class_embed_type: only(),
  time_embedding_dim: only(),
  num_train_timesteps: v.nullish(count(100_000)),
  block_out_channels: counts(),
  layers_per_block: v.nullish(count(64), 2),
  down_block_types: v.array(v.picklist(namesOf(DOWN))),
  up_block_types: v.array(v.picklist(namesOf(UP))),
  // Null is no default here: it says that there is none, or that a width follows from another.
  mid_block_type: v.optional(v.nullable(v.picklist(['UNetMidBlock2D'])), 'UNetMidBlock2D'),
  attention_head_dim: v.optional(v.nullable(count()), 8),
  norm_num_groups: v.optional(v.nullable(count(1024)), 32),
  attn_norm_num_groups: v.nullish(count(1024)),
  mid_block_scale_factor: v.nullish(
    v.message(v.pipe(v.number(), v.minValue(1e-3)), asMessage(said`must be a number over 0`)),
    1,
  ),
  add_attention: v.nullish(v.boolean(), true),
  downsample_padding: v.nullish(v.picklist([0, 1]), 1),
  downsample_type: v.nullish(v.picklist(['conv', 'resnet']), 'conv'),
  upsample_type: v.nullish(v.picklist(['conv', 'resnet']), 'conv'),
  resnet_time_scale_shift: v.nullish(v.picklist(['default', 'scale_shift']), 'default'),
  time_embedding_type: v.nullish(v.picklist(['positional', 'fourier']), 'positional'),
  center_input_sample: v.nullish(v.boolean(), false),
  flip_sin_to_cos: v.nullish(v.boolean(), true),
  freq_shift: v.nullish(finite(), 0),
  in_channels: v.nullish(count(), 3),
  out_channels: v.nullish(count(), 3),
  norm_eps: v.nullish(finite(), 1e-5),
  num_class_embeds: v.nullish(count(1_000_000)),
  /** Sides that differ stand in a list, and say nothing to us. */
  sample_size: v.nullish(v.union([count(), v.array(v.unknown())], asMessage(said`must be a whole number or a list`))),
});
type Fields = v.InferOutput<typeof Schema>;

/**
 * Checks unet/config.json (diffusers' UNet2DModel). Frequencies of Fourier features stand among the weights and are
 * left empty.
 * @throws EaselError as `readFields`, and `corrupt` where fields do not fit each other
 */
export function parseUnet2dConfig(json: unknown, file = 'unet/config.json'): Unet2dConfig {
  const fields = readFields(Schema, json, file);
  const { block_out_channels: channels, sample_size, norm_num_groups: groups } = fields;
  for (const name of ['down_block_types', 'up_block_types'] as const)
    checkLevels(file, name, fields[name], channels.length);
  const config: Unet2dConfig = {
    kind: 'unet2d',
    inChannels: fields.in_channels,
    outChannels: fields.out_channels,
    sampleSize: typeof sample_size === 'number' ? sample_size : undefined,
    channels,
    layers: fields.layers_per_block,
    down: fields.down_block_types.map((type) => resampledBy(DOWN[type], fields.downsample_type)),
    up: fields.up_block_types.map((type) => resampledBy(UP[type], fields.upsample_type)),
    middle: middleOf(fields),
    headWidth: fields.attention_head_dim ?? undefined,
    groups: groups ?? undefined,
    epsilon: fields.norm_eps,
    scaleShift: fields.resnet_time_scale_shift === 'scale_shift',
    padding: fields.downsample_padding as 0 | 1,
    centred: fields.center_input_sample,
    classes: fields.num_class_embeds ?? undefined,
    time:
      fields.time_embedding_type === 'fourier'
        ? { kind: 'fourier', frequencies: [] }
        : { kind: 'positional', cosineFirst: fields.flip_sin_to_cos, shift: fields.freq_shift },
  };
  checkConfig(file, config);
  return config;
}

/** Blocks with attention are told apart by a field, the others by their names. */
function resampledBy(kind: LevelKind, type: 'conv' | 'resnet'): LevelKind {
  return kind.attends && kind.resampling === 'conv' ? { ...kind, resampling: type } : kind;
}

/** The middle's attention is normalised in the ResNet blocks' groups; with scale and shift only where it says so. */
function middleOf(fields: Fields): Unet2dConfig['middle'] {
  if (fields.mid_block_type === null) return 'none';
  const { attn_norm_num_groups: stated, norm_num_groups, resnet_time_scale_shift, block_out_channels } = fields;
  const own = norm_num_groups ?? quarterGroups(block_out_channels[block_out_channels.length - 1]);
  return {
    attends: fields.add_attention,
    groups: stated ?? (resnet_time_scale_shift === 'default' ? own : undefined),
    scale: fields.mid_block_scale_factor,
  };
}

/** How many groups a map is normalised in where nothing says it. */
export const quarterGroups = (channels: number): number => Math.min(Math.floor(channels / 4), 32);

/** The widths that attention works on; the heads need not divide the others. */
function attendedWidths({ channels, down, up, middle }: Unet2dConfig): number[] {
  const ups = channels.toReversed();
  return [
    ...channels.filter((_, i) => down[i].attends),
    ...(middle !== 'none' && middle.attends ? [ups[0]] : []),
    ...ups.filter((_, i) => up[i].attends),
  ];
}

function checkConfig(file: string, config: Unet2dConfig): void {
  const { channels, groups, headWidth, down, up, inChannels, outChannels, time } = config;
  const kinds = [...down, ...up];
  const skips = kinds.some(({ resampling }) => resampling === 'fir');
  for (const width of channels) {
    if (groups !== undefined && width % groups !== 0)
      throw faultyField(file, 'block_out_channels', said`${width} is not a multiple of norm_num_groups ${groups}`);
  }
  for (const width of attendedWidths(config)) {
    if (headWidth !== undefined && width % headWidth !== 0)
      throw faultyField(
        file,
        'block_out_channels',
        said`${width} is not a multiple of attention_head_dim ${headWidth}`,
      );
  }
  if (channels[0] % 2 !== 0 && time.kind === 'positional')
    throw faultyField(
      file,
      'block_out_channels',
      said`begins with ${channels[0]}; sines and cosines need an even width`,
    );
  if (groups === undefined && !kinds.every(({ resampling }) => resampling === 'fir'))
    throw faultyField(file, 'norm_num_groups', said`is null, which only skip blocks can do without`);
  if (!skips) return;
  if (inChannels !== SKIP_CHANNELS || outChannels !== SKIP_CHANNELS)
    throw new EaselError('unsupported', said`${file}: skip blocks with ${inChannels} channels are not supported yet.`);
  if (!kinds.every(({ resampling }) => resampling === 'fir'))
    throw new EaselError('unsupported', said`${file}: skip blocks beside others are not supported yet.`);
}
