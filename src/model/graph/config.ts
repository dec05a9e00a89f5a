import { ConfigReader, type Json } from './config-reader';

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
export type Depths = readonly (readonly number[])[];

/**
 * What stands between the way down and the way up: two ResNet blocks about an attention of some depth; in distilled
 * models one ResNet block, or nothing.
 */
export type Middle = { depth: number } | 'one-resnet' | 'none';

export interface UnetConfig {
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

/** Checks text_encoder/config.json (transformers' CLIPTextConfig). */
export function parseClipTextConfig(json: Json, file = 'text_encoder/config.json'): ClipTextConfig {
  const read = new ConfigReader(file, json);
  read.only('model_type', 'clip_text_model');
  const activation = json.hidden_act ?? 'quick_gelu';
  if (activation !== 'quick_gelu' && activation !== 'gelu') throw read.unsupported('hidden_act', activation);
  const width = read.count('hidden_size', 512);
  const heads = read.count('num_attention_heads', 8);
  if (width % heads !== 0) throw read.corrupt('hidden_size', `${width} is no multiple of num_attention_heads ${heads}`);
  const positions = read.count('max_position_embeddings', WINDOW);
  if (positions < WINDOW) throw read.unsupported('max_position_embeddings', positions);
  const architectures = Array.isArray(json.architectures) ? json.architectures : [];
  const projected = architectures.includes('CLIPTextModelWithProjection');
  return {
    vocabulary: read.count('vocab_size', 49408, 1_000_000),
    width,
    intermediate: read.count('intermediate_size', 2048),
    layers: read.count('num_hidden_layers', 12, 128),
    heads,
    positions,
    activation,
    epsilon: read.number('layer_norm_eps', 1e-5),
    eos: read.number('eos_token_id', 49407),
    projection: projected ? read.count('projection_dim', 512) : undefined,
  };
}

/** SDXL has 70 transformer blocks and 32 groups; a file that asks for far more would keep us building. */
const MAX_BLOCKS = 400;
const MAX_GROUPS = 1024;

/** Checks unet/config.json (diffusers' UNet2DConditionModel). */
export function parseUnetConfig(json: Json, file = 'unet/config.json'): UnetConfig {
  const read = new ConfigReader(file, json);
  read.only('_class_name', 'UNet2DConditionModel');
  refuseUnknownUnet(read);
  const channels = read.counts('block_out_channels');
  const levels = channels.length;
  const groups = read.count('norm_num_groups', 32, MAX_GROUPS);
  // diffusers calls the number of heads `attention_head_dim`, unless `num_attention_heads` is given.
  const headsKey = json.num_attention_heads == null ? 'attention_head_dim' : 'num_attention_heads';
  const layers = read.perLevel('layers_per_block', levels, 2);
  const config: UnetConfig = {
    inChannels: read.count('in_channels', 4),
    outChannels: read.count('out_channels', 4),
    sampleSize: typeof json.sample_size === 'number' ? read.count('sample_size') : undefined,
    channels,
    layers,
    heads: read.perLevel(headsKey, levels, 8),
    ...transformerDepths(read, layers),
    crossAttentionDim: read.count('cross_attention_dim', 1280),
    groups,
    epsilon: read.number('norm_eps', 1e-5),
    linearProjection: read.flag('use_linear_projection', false),
    upcastAttention: read.flag('upcast_attention', false),
    textTime: json.addition_embed_type == null ? undefined : parseTextTime(read),
    guidanceWidth: json.time_cond_proj_dim == null ? undefined : evenCount(read, 'time_cond_proj_dim'),
    cosineFirst: read.flag('flip_sin_to_cos', true),
    frequencyShift: read.number('freq_shift', 0),
  };
  checkWidths(read, config);
  return config;
}

/** How deep each attention is: `transformer_layers_per_block`, and the other way up where that is not its mirror. */
function transformerDepths(
  read: ConfigReader,
  layers: readonly number[],
): Pick<UnetConfig, 'downDepths' | 'middle' | 'upDepths'> {
  const reversed = <T>(list: readonly T[]) => [...list].reverse();
  const levels = layers.length;
  const down = attentionLevels(read, 'down_block_types', 'CrossAttnDownBlock2D', 'DownBlock2D', levels);
  const up = attentionLevels(read, 'up_block_types', 'CrossAttnUpBlock2D', 'UpBlock2D', levels);
  const stated = read.perLayer('transformer_layers_per_block', layers, 1);
  const upLayers = reversed(layers).map((count) => count + 1);
  const isMirrored = read.json.reverse_transformer_layers_per_block == null;
  if (isMirrored && !stated.every(isEven))
    throw read.corrupt('reverse_transformer_layers_per_block', 'is missing, though depths differ within a level');
  const mirrored = reversed(stated).map(([depth], position) => new Array<number>(upLayers[position]).fill(depth));
  const upDepths = isMirrored ? mirrored : read.perLayer('reverse_transformer_layers_per_block', upLayers);
  const attending = (depths: Depths, has: readonly boolean[]) => depths.map((each, i) => (has[i] ? each : []));
  return {
    downDepths: attending(stated, down),
    middle: middleOf(read, stated[levels - 1][0]),
    upDepths: attending(upDepths, up),
  };
}

const isEven = (depths: readonly number[]) => depths.every((depth) => depth === depths[0]);

/** `mid_block_type`, whose null is no default: it says that there is none. */
function middleOf({ json }: ConfigReader, depth: number): Middle {
  if (json.mid_block_type === null) return 'none';
  return json.mid_block_type === 'UNetMidBlock2D' ? 'one-resnet' : { depth };
}

/** Which levels have attention. */
function attentionLevels(read: ConfigReader, key: string, crossed: string, plain: string, levels: number): boolean[] {
  return read.names(key, levels).map((name) => {
    if (name !== crossed && name !== plain) throw read.unsupported(key, name);
    return name === crossed;
  });
}

/** @throws EaselError where groups or heads do not divide a width, or there are more blocks than any model has. */
function checkWidths(read: ConfigReader, { channels, groups, heads, layers, downDepths, upDepths }: UnetConfig): void {
  channels.forEach((width, level) => {
    if (width % groups !== 0)
      throw read.corrupt('block_out_channels', `${width} is no multiple of norm_num_groups ${groups}`);
    if (width % heads[level] !== 0)
      throw read.corrupt('block_out_channels', `${width} is no multiple of its ${heads[level]} heads`);
  });
  if (channels[0] % 2 !== 0)
    throw read.corrupt(
      'block_out_channels',
      `begins with ${channels[0]}; the timestep's sines and cosines need an even width`,
    );
  const counts = [...layers, ...layers.map((count) => count + 1), ...downDepths.flat(), ...upDepths.flat()];
  const blocks = counts.reduce((sum, count) => sum + count, 0);
  if (blocks > MAX_BLOCKS)
    throw read.corrupt('layers_per_block', `and depths give ${blocks} blocks, over ${MAX_BLOCKS}`);
}

function parseTextTime(read: ConfigReader): UnetConfig['textTime'] {
  return {
    sizeWidth: evenCount(read, 'addition_time_embed_dim'),
    inputWidth: read.count('projection_class_embeddings_input_dim'),
  };
}

/** A width that is half sines, half cosines. */
function evenCount(read: ConfigReader, name: string): number {
  const width = read.count(name);
  if (width % 2 !== 0) throw read.corrupt(name, `${width} is odd; half of it is sines, half cosines`);
  return width;
}

function refuseUnknownUnet(read: ConfigReader): void {
  read.only('mid_block_type', 'UNetMidBlock2DCrossAttn', 'UNetMidBlock2D');
  read.only('act_fn', 'silu', 'swish');
  read.only('resnet_time_scale_shift', 'default');
  read.only('time_embedding_type', 'positional');
  read.only('attention_type', 'default');
  read.only('conv_in_kernel', 3);
  read.only('conv_out_kernel', 3);
  read.only('downsample_padding', 1);
  read.only('mid_block_scale_factor', 1);
  read.only('resnet_out_scale_factor', 1);
  for (const name of ['center_input_sample', 'class_embeddings_concat', 'dual_cross_attention', 'only_cross_attention'])
    read.only(name, false);
  read.only('resnet_skip_time_act', false);
  read.only('mid_block_only_cross_attention', false);
  read.only('addition_embed_type', 'text_time');
  read.only('addition_embed_type_num_heads', 64);
  // None of these has a value that the builder knows.
  for (const name of [
    'class_embed_type',
    'num_class_embeds',
    'encoder_hid_dim',
    'encoder_hid_dim_type',
    'time_embedding_dim',
    'time_embedding_act_fn',
    'timestep_post_act',
    'cross_attention_norm',
  ]) {
    read.only(name);
  }
}
