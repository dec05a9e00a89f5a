import { ConfigReader, type Json } from './config-reader';

/** What both convolutional autoencoders of diffusers share. */
interface ConvolutionalConfig {
  inChannels: number;
  outChannels: number;
  latentChannels: number;
  channels: readonly number[];
  layers: number;
  groups: number;
  midAttention: boolean;
  scalingFactor: number;
  shiftFactor: number;
}

/** AutoencoderKL: the encoder gives a normal distribution over latents (Rombach et al. 2022, section 3.1). */
export interface KlConfig extends ConvolutionalConfig {
  kind: 'kl';
  quantConv: boolean;
  postQuantConv: boolean;
}

/** VQModel: latents are snapped to the nearest entry of a codebook before they are decoded (Esser et al. 2021). */
export interface VqConfig extends ConvolutionalConfig {
  kind: 'vq';
  entries: number;
  entryWidth: number;
}

/** AutoencoderTiny: TAESD, small enough to decode every step (https://github.com/madebyollin/taesd). */
export interface TinyConfig {
  kind: 'tiny';
  inChannels: number;
  outChannels: number;
  latentChannels: number;
  encoderChannels: readonly number[];
  decoderChannels: readonly number[];
  /** Blocks per level, in the order they run; no level at all where a file holds the decoder alone. */
  encoderBlocks: readonly number[];
  decoderBlocks: readonly number[];
  scalingFactor: number;
  shiftFactor: number;
}

export type AutoencoderConfig = KlConfig | VqConfig | TinyConfig;

/** Checks vae/config.json: an AutoencoderKL, a VQModel or an AutoencoderTiny. */
export function parseAutoencoderConfig(json: Json, file = 'vae/config.json'): AutoencoderConfig {
  const read = new ConfigReader(file, json);
  const name = json._class_name ?? 'AutoencoderKL';
  switch (name) {
    case 'AutoencoderKL':
      return parseKl(read);
    case 'VQModel':
      return parseVq(read);
    case 'AutoencoderTiny':
      return parseTiny(read);
    default:
      throw read.unsupported('_class_name', name);
  }
}

/** False for TAESD's decoder alone. */
export function hasEncoder(config: AutoencoderConfig): boolean {
  return config.kind !== 'tiny' || config.encoderBlocks.length > 0;
}

/** Image pixels per latent cell, along one side. */
export function latentScaleOf(config: AutoencoderConfig): number {
  return 2 ** ((config.kind === 'tiny' ? config.decoderChannels : config.channels).length - 1);
}

function parseKl(read: ConfigReader): KlConfig {
  read.only('latents_mean');
  read.only('latents_std');
  return {
    kind: 'kl',
    ...parseConvolutional(read),
    quantConv: read.flag('use_quant_conv', true),
    postQuantConv: read.flag('use_post_quant_conv', true),
  };
}

function parseVq(read: ConfigReader): VqConfig {
  read.only('lookup_from_codebook', false);
  read.only('norm_type', 'group');
  const shared = parseConvolutional(read);
  return {
    kind: 'vq',
    ...shared,
    entries: read.count('num_vq_embeddings', 256),
    entryWidth: read.count('vq_embed_dim', shared.latentChannels),
  };
}

function parseConvolutional(read: ConfigReader): ConvolutionalConfig {
  read.only('act_fn', 'silu', 'swish');
  const channels = read.counts('block_out_channels');
  for (const name of read.names('down_block_types', channels.length)) {
    if (name !== 'DownEncoderBlock2D') throw read.unsupported('down_block_types', name);
  }
  for (const name of read.names('up_block_types', channels.length)) {
    if (name !== 'UpDecoderBlock2D') throw read.unsupported('up_block_types', name);
  }
  const groups = read.count('norm_num_groups', 32, 1024);
  for (const width of channels) {
    if (width % groups !== 0)
      throw read.corrupt('block_out_channels', `${width} is no multiple of norm_num_groups ${groups}`);
  }
  return {
    inChannels: read.count('in_channels', 3),
    outChannels: read.count('out_channels', 3),
    latentChannels: read.count('latent_channels', 4),
    channels,
    layers: read.count('layers_per_block', 1, 16),
    groups,
    midAttention: read.flag('mid_block_add_attention', true),
    scalingFactor: read.number('scaling_factor', 0.18215),
    shiftFactor: read.number('shift_factor', 0),
  };
}

function parseTiny(read: ConfigReader): TinyConfig {
  read.only('act_fn', 'relu');
  read.only('upsample_fn', 'nearest');
  read.only('upsampling_scaling_factor', 2);
  const widths = (name: string) => {
    const channels = read.counts(name, [64, 64, 64, 64]);
    // Its downsampling layers keep the width, so a level that changed it could not follow another.
    if (channels.some((width) => width !== channels[0])) throw read.unsupported(name, channels);
    return channels;
  };
  const encoderChannels = widths('encoder_block_out_channels');
  const decoderChannels = widths('decoder_block_out_channels');
  const blocks = (name: string, levels: number, fallback: number[]) => {
    const counts = read.counts(name, fallback, 64);
    if (counts.length !== levels) throw read.corrupt(name, `must have ${levels} entries`);
    return counts;
  };
  return {
    kind: 'tiny',
    inChannels: read.count('in_channels', 3),
    outChannels: read.count('out_channels', 3),
    latentChannels: read.count('latent_channels', 4),
    encoderChannels,
    decoderChannels,
    encoderBlocks: blocks('num_encoder_blocks', encoderChannels.length, [1, 3, 3, 3]),
    decoderBlocks: blocks('num_decoder_blocks', decoderChannels.length, [3, 3, 3, 1]),
    scalingFactor: read.number('scaling_factor', 1),
    shiftFactor: read.number('shift_factor', 0),
  };
}
