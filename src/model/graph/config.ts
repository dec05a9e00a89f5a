import * as v from 'valibot';
import { asMessage, EaselError, said } from '../../core/errors';
import { faultyField, readFields } from '../read-fields';
import { checkLevels, count, counts, finite, only, perLayer, perLevel } from './config-fields';

/** Tokens of a window that a text tower reads at a time; CLIP's position table may be longer. */
export const WINDOW = 77;

export interface ClipTextConfig {
  vocabulary: number;
  width: number;
  intermediate: number;
  layers: number;
  heads: number;
  positions: number;
  activation: 'quick_gelu' | 'gelu';
  epsilon: number;
  /** Token whose position gives the pooled output. */
  eos: number;
  /** Width of the projected output; undefined for a tower without projection. */
  projection?: number;
}

/** By level and, within it, by layer. */
type Depths = readonly (readonly number[])[];

/**
 * What stands between the way down and the way up: two ResNet blocks about an attention of some depth; in distilled
 * models one ResNet block, or nothing.
 */
type Middle = { depth: number } | 'one-resnet' | 'none';

/** A UNet2DConditionModel: one that a text enters. */
export interface UnetConfig {
  kind: 'conditioned';
  inChannels: number;
  outChannels: number;
  /** Latent side the model was trained at, where stated. */
  sampleSize?: number;
  channels: readonly number[];
  /** ResNet blocks per level (one more on the way up). */
  layers: readonly number[];
  /** Attention heads per level. */
  heads: readonly number[];
  /** Transformer blocks of the attention after each ResNet block on the way down; empty for a level without. */
  downDepths: Depths;
  middle: Middle;
  /** The same on the way up, the last level first. */
  upDepths: Depths;
  crossAttentionDim: number;
  groups: number;
  epsilon: number;
  linearProjection: boolean;
  /** Attention scores in float32 whatever the dialect: SD 2.x overflows float16. */
  upcastAttention: boolean;
  /** SDXL's second conditioning: the pooled text and six sizes, through an embedding added to the timestep's. */
  textTime?: { sizeWidth: number; inputWidth: number };
  /** Width of the guidance scale's embedding, for a UNet that was distilled to take it as an input (LCM). */
  guidanceWidth?: number;
  cosineFirst: boolean;
  frequencyShift: number;
}

const ClipTextSchema = v.object({
  model_type: only('clip_text_model'),
  architectures: v.fallback(v.array(v.unknown()), []),
  hidden_act: v.nullish(v.picklist(['quick_gelu', 'gelu']), 'quick_gelu'),
  hidden_size: v.nullish(count(), 512),
  num_attention_heads: v.nullish(count(), 8),
  max_position_embeddings: v.nullish(count(), WINDOW),
  vocab_size: v.nullish(count(1_000_000), 49408),
  intermediate_size: v.nullish(count(), 2048),
  num_hidden_layers: v.nullish(count(128), 12),
  layer_norm_eps: v.nullish(finite(), 1e-5),
  eos_token_id: v.nullish(finite(), 49407),
  projection_dim: v.nullish(count(), 512),
});

/**
 * Checks text_encoder/config.json (transformers' CLIPTextConfig).
 * @throws EaselError as `readFields`
 */
export function parseClipTextConfig(json: unknown, file = 'text_encoder/config.json'): ClipTextConfig {
  const fields = readFields(ClipTextSchema, json, file);
  const { hidden_size: width, num_attention_heads: heads, max_position_embeddings: positions } = fields;
  if (width % heads !== 0)
    throw faultyField(file, 'hidden_size', said`${width} is not a multiple of num_attention_heads ${heads}`);
  if (positions < WINDOW)
    throw new EaselError('unsupported', said`${file}: max_position_embeddings = ${positions} is not supported yet.`);
  return {
    vocabulary: fields.vocab_size,
    width,
    intermediate: fields.intermediate_size,
    layers: fields.num_hidden_layers,
    heads,
    positions,
    activation: fields.hidden_act,
    epsilon: fields.layer_norm_eps,
    eos: fields.eos_token_id,
    projection: fields.architectures.includes('CLIPTextModelWithProjection') ? fields.projection_dim : undefined,
  };
}

/** SDXL has 70 transformer blocks and 32 groups; a file that asks for far more would keep us building. */
const MAX_BLOCKS = 400;
const MAX_GROUPS = 1024;

/** What the builder does without being told; another value would be another network. */
const UNET_AS_BUILT = {
  _class_name: only('UNet2DConditionModel'),
  act_fn: only('silu', 'swish'),
  resnet_time_scale_shift: only('default'),
  time_embedding_type: only('positional'),
  attention_type: only('default'),
  conv_in_kernel: only(3),
  conv_out_kernel: only(3),
  downsample_padding: only(1),
  mid_block_scale_factor: only(1),
  resnet_out_scale_factor: only(1),
  center_input_sample: only(false),
  class_embeddings_concat: only(false),
  dual_cross_attention: only(false),
  only_cross_attention: only(false),
  resnet_skip_time_act: only(false),
  mid_block_only_cross_attention: only(false),
  addition_embed_type: only('text_time'),
  addition_embed_type_num_heads: only(64),
  // None of these has a value that the builder knows.
  class_embed_type: only(),
  num_class_embeds: only(),
  encoder_hid_dim: only(),
  encoder_hid_dim_type: only(),
  time_embedding_dim: only(),
  time_embedding_act_fn: only(),
  timestep_post_act: only(),
  cross_attention_norm: only(),
};

const UnetSchema = v.object({
  ...UNET_AS_BUILT,
  block_out_channels: counts(),
  norm_num_groups: v.nullish(count(MAX_GROUPS), 32),
  in_channels: v.nullish(count(), 4),
  out_channels: v.nullish(count(), 4),
  /** Sides that differ stand in a list, and say nothing to us. */
  sample_size: v.nullish(v.union([count(), v.array(v.unknown())], asMessage(said`must be a whole number or a list`))),
  down_block_types: v.array(v.picklist(['CrossAttnDownBlock2D', 'DownBlock2D'])),
  up_block_types: v.array(v.picklist(['CrossAttnUpBlock2D', 'UpBlock2D'])),
  /** Null is no default here: it says that there is none. */
  mid_block_type: v.optional(
    v.nullable(v.picklist(['UNetMidBlock2DCrossAttn', 'UNetMidBlock2D'])),
    'UNetMidBlock2DCrossAttn',
  ),
  layers_per_block: v.nullish(perLevel(), 2),
  attention_head_dim: v.nullish(perLevel(), 8),
  num_attention_heads: v.nullish(perLevel()),
  transformer_layers_per_block: v.nullish(perLayer(), 1),
  reverse_transformer_layers_per_block: v.nullish(perLayer()),
  cross_attention_dim: v.nullish(count(), 1280),
  norm_eps: v.nullish(finite(), 1e-5),
  use_linear_projection: v.nullish(v.boolean(), false),
  upcast_attention: v.nullish(v.boolean(), false),
  addition_time_embed_dim: v.nullish(count()),
  projection_class_embeddings_input_dim: v.nullish(count()),
  time_cond_proj_dim: v.nullish(count()),
  flip_sin_to_cos: v.nullish(v.boolean(), true),
  freq_shift: v.nullish(finite(), 0),
});
type UnetFields = v.InferOutput<typeof UnetSchema>;

/**
 * Checks unet/config.json (diffusers' UNet2DConditionModel).
 * @throws EaselError as `readFields`, and `corrupt` where fields do not fit each other
 */
export function parseUnetConfig(json: unknown, file = 'unet/config.json'): UnetConfig {
  const fields = readFields(UnetSchema, json, file);
  const channels = fields.block_out_channels;
  const levels = channels.length;
  const each = <T>(name: keyof UnetFields, value: T | T[]): T[] => {
    if (!Array.isArray(value)) return new Array<T>(levels).fill(value);
    checkLevels(file, name, value, levels);
    return value;
  };
  const { num_attention_heads: heads, attention_head_dim } = fields;
  const layers = each('layers_per_block', fields.layers_per_block);
  const config: UnetConfig = {
    kind: 'conditioned',
    inChannels: fields.in_channels,
    outChannels: fields.out_channels,
    sampleSize: typeof fields.sample_size === 'number' ? fields.sample_size : undefined,
    channels,
    layers,
    // diffusers calls the number of heads `attention_head_dim`, unless `num_attention_heads` is given.
    heads: heads == null ? each('attention_head_dim', attention_head_dim) : each('num_attention_heads', heads),
    ...transformerDepths(file, fields, layers),
    crossAttentionDim: fields.cross_attention_dim,
    groups: fields.norm_num_groups,
    epsilon: fields.norm_eps,
    linearProjection: fields.use_linear_projection,
    upcastAttention: fields.upcast_attention,
    textTime: fields.addition_embed_type == null ? undefined : textTimeOf(file, fields),
    guidanceWidth: fields.time_cond_proj_dim == null ? undefined : guidanceWidthOf(file, fields.time_cond_proj_dim),
    cosineFirst: fields.flip_sin_to_cos,
    frequencyShift: fields.freq_shift,
  };
  checkWidths(file, config);
  return config;
}

/** How deep each attention is: `transformer_layers_per_block`, and the other way up where that is not its mirror. */
function transformerDepths(
  file: string,
  fields: UnetFields,
  layers: readonly number[],
): Pick<UnetConfig, 'downDepths' | 'middle' | 'upDepths'> {
  const { transformer_layers_per_block: stated, reverse_transformer_layers_per_block: reverse } = fields;
  const upLayers = layers.map((held) => held + 1).reverse();
  const down = depthsOf(file, 'transformer_layers_per_block', stated, layers);
  if (reverse == null && !down.every((depths) => depths.every((depth) => depth === depths[0])))
    throw faultyField(
      file,
      'reverse_transformer_layers_per_block',
      said`is missing, though depths differ within a level`,
    );
  const mirrored = down.map(([depth]) => depth).reverse();
  const up = depthsOf(file, 'reverse_transformer_layers_per_block', reverse ?? mirrored, upLayers);
  const [depth] = down[down.length - 1];
  const middle = { UNetMidBlock2DCrossAttn: { depth }, UNetMidBlock2D: 'one-resnet' } as const;
  return {
    downDepths: attending(file, 'down_block_types', fields.down_block_types, down),
    middle: fields.mid_block_type === null ? 'none' : middle[fields.mid_block_type],
    upDepths: attending(file, 'up_block_types', fields.up_block_types, up),
  };
}

/** Of each layer of each level. */
function depthsOf(
  file: string,
  name: string,
  stated: number | readonly (number | readonly number[])[],
  layers: readonly number[],
): number[][] {
  const each = typeof stated === 'number' ? layers.map(() => stated) : stated;
  checkLevels(file, name, each, layers.length);
  return layers.map((held, level) => {
    const depths = each[level];
    if (typeof depths === 'number') return new Array<number>(held).fill(depths);
    if (depths.length === held) return [...depths];
    throw faultyField(
      file,
      `${name}.${level}`,
      said`must have ${held} entries, one for each layer, not ${depths.length}`,
    );
  });
}

/** The depths of levels whose type has attention. */
function attending(file: string, name: string, types: readonly string[], depths: Depths): Depths {
  checkLevels(file, name, types, depths.length);
  return depths.map((each, level) => (types[level].startsWith('CrossAttn') ? each : []));
}

/** @throws EaselError where groups or heads do not divide a width, or there are more blocks than any model has. */
function checkWidths(file: string, { channels, groups, heads, layers, downDepths, upDepths }: UnetConfig): void {
  channels.forEach((width, level) => {
    if (width % groups !== 0)
      throw faultyField(file, 'block_out_channels', said`${width} is not a multiple of norm_num_groups ${groups}`);
    if (width % heads[level] !== 0)
      throw faultyField(file, 'block_out_channels', said`${width} is not a multiple of its ${heads[level]} heads`);
  });
  if (channels[0] % 2 !== 0)
    throw faultyField(
      file,
      'block_out_channels',
      said`begins with ${channels[0]}; the timestep's sines and cosines need an even width`,
    );
  const parts = [...layers, ...layers.map((held) => held + 1), ...downDepths.flat(), ...upDepths.flat()];
  const blocks = parts.reduce((sum, part) => sum + part, 0);
  if (blocks > MAX_BLOCKS)
    throw faultyField(file, 'layers_per_block', said`and depths give ${blocks} blocks, over ${MAX_BLOCKS}`);
}

function guidanceWidthOf(file: string, width: number): number {
  if (width % 2 === 0) return width;
  throw faultyField(file, 'time_cond_proj_dim', said`${width} is odd; half of it is sines, half cosines`);
}

function textTimeOf(
  file: string,
  {
    addition_time_embed_dim: sizeWidth,
    projection_class_embeddings_input_dim: inputWidth,
  }: Pick<UnetFields, 'addition_time_embed_dim' | 'projection_class_embeddings_input_dim'>,
): UnetConfig['textTime'] {
  if (!sizeWidth) throw faultyField(file, 'addition_time_embed_dim', said`is missing`);
  if (!inputWidth) throw faultyField(file, 'projection_class_embeddings_input_dim', said`is missing`);
  if (sizeWidth % 2 !== 0)
    throw faultyField(file, 'addition_time_embed_dim', said`${sizeWidth} is odd; half of it is sines, half cosines`);
  return { sizeWidth, inputWidth };
}
