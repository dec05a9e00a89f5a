import * as v from 'valibot';
import { asMessage, EaselError, said } from '../../core/errors';
import { faultyField, readFields } from '../read-fields';
import { checkLevels, count, counts, finite, only } from './config-fields';

/** How latents are brought to unit variance: (z - shift - mean) scale / std, the mean and std by channel. */
export interface LatentFormat {
  scalingFactor: number;
  shiftFactor: number;
  /** 0 and 1 where left out. */
  latentsMean?: readonly number[];
  latentsStd?: readonly number[];
}

/** What both convolutional autoencoders of diffusers share. */
interface ConvolutionalConfig extends LatentFormat {
  inChannels: number;
  outChannels: number;
  latentChannels: number;
  channels: readonly number[];
  layers: number;
  groups: number;
  midAttention: boolean;
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
export interface TinyConfig extends LatentFormat {
  kind: 'tiny';
  inChannels: number;
  outChannels: number;
  latentChannels: number;
  encoderChannels: readonly number[];
  decoderChannels: readonly number[];
  /** Blocks per level, in the order they run; no level at all where a file holds the decoder alone. */
  encoderBlocks: readonly number[];
  decoderBlocks: readonly number[];
}

/** None: the model denoises pixels, in red, green and blue or in one shade. */
export interface IdentityConfig extends LatentFormat {
  kind: 'identity';
  latentChannels: 1 | 3;
}

export type AutoencoderConfig = KlConfig | VqConfig | TinyConfig | IdentityConfig;

const ClassSchema = v.object({
  _class_name: v.nullish(v.picklist(['AutoencoderKL', 'VQModel', 'AutoencoderTiny']), 'AutoencoderKL'),
});

/**
 * Checks vae/config.json: an AutoencoderKL, a VQModel or an AutoencoderTiny.
 * @throws EaselError as `readFields`, and `corrupt` where fields do not fit each other
 */
export function parseAutoencoderConfig(json: unknown, file = 'vae/config.json'): AutoencoderConfig {
  const { _class_name: name } = readFields(ClassSchema, json, file);
  switch (name) {
    case 'AutoencoderKL':
      return parseKl(json, file);
    case 'VQModel':
      return parseVq(json, file);
    default:
      name satisfies 'AutoencoderTiny';
      return parseTiny(json, file);
  }
}

/** False for TAESD's decoder alone. */
export function hasEncoder(config: AutoencoderConfig): boolean {
  return config.kind !== 'tiny' || config.encoderBlocks.length > 0;
}

/** Image pixels per latent cell, along one side. */
export function latentScaleOf(config: AutoencoderConfig): number {
  if (config.kind === 'identity') return 1;
  return 2 ** ((config.kind === 'tiny' ? config.decoderChannels : config.channels).length - 1);
}

const CONVOLUTIONAL = {
  act_fn: only('silu', 'swish'),
  block_out_channels: counts(),
  down_block_types: v.array(v.picklist(['DownEncoderBlock2D'])),
  up_block_types: v.array(v.picklist(['UpDecoderBlock2D'])),
  norm_num_groups: v.nullish(count(1024), 32),
  in_channels: v.nullish(count(), 3),
  out_channels: v.nullish(count(), 3),
  latent_channels: v.nullish(count(), 4),
  layers_per_block: v.nullish(count(16), 1),
  mid_block_add_attention: v.nullish(v.boolean(), true),
  scaling_factor: v.nullish(finite(), 0.18215),
  shift_factor: v.nullish(finite(), 0),
};
const ConvolutionalSchema = v.object(CONVOLUTIONAL);

const KlSchema = v.object({
  ...CONVOLUTIONAL,
  latents_mean: v.nullish(v.array(finite())),
  latents_std: v.nullish(v.array(v.pipe(finite(), v.minValue(1e-6, asMessage(said`must be a number over 0`))))),
  use_quant_conv: v.nullish(v.boolean(), true),
  use_post_quant_conv: v.nullish(v.boolean(), true),
});

/** @throws EaselError `corrupt` where numbers by channel are not one for each of a latent's */
export function checkChannels(
  file: string,
  name: string,
  numbers: readonly number[] | null | undefined,
  channels: number,
): void {
  const given = numbers?.length ?? channels;
  if (given !== channels)
    throw faultyField(file, name, said`must have ${channels} entries, one for each channel, not ${given}`);
}

function parseKl(json: unknown, file: string): KlConfig {
  const fields = readFields(KlSchema, json, file);
  for (const name of ['latents_mean', 'latents_std'] as const)
    checkChannels(file, name, fields[name], fields.latent_channels);
  return {
    kind: 'kl',
    ...convolutionalOf(fields, file),
    latentsMean: fields.latents_mean ?? undefined,
    latentsStd: fields.latents_std ?? undefined,
    quantConv: fields.use_quant_conv,
    postQuantConv: fields.use_post_quant_conv,
  };
}

const VqSchema = v.object({
  ...CONVOLUTIONAL,
  lookup_from_codebook: only(false),
  norm_type: only('group'),
  num_vq_embeddings: v.nullish(count(), 256),
  vq_embed_dim: v.nullish(count()),
});

function parseVq(json: unknown, file: string): VqConfig {
  const fields = readFields(VqSchema, json, file);
  const shared = convolutionalOf(fields, file);
  return {
    kind: 'vq',
    ...shared,
    entries: fields.num_vq_embeddings,
    entryWidth: fields.vq_embed_dim ?? shared.latentChannels,
  };
}

function convolutionalOf(fields: v.InferOutput<typeof ConvolutionalSchema>, file: string): ConvolutionalConfig {
  const { block_out_channels: channels, norm_num_groups: groups } = fields;
  for (const name of ['down_block_types', 'up_block_types'] as const)
    checkLevels(file, name, fields[name], channels.length);
  for (const width of channels) {
    if (width % groups !== 0)
      throw faultyField(file, 'block_out_channels', said`${width} is not a multiple of norm_num_groups ${groups}`);
  }
  return {
    inChannels: fields.in_channels,
    outChannels: fields.out_channels,
    latentChannels: fields.latent_channels,
    channels,
    layers: fields.layers_per_block,
    groups,
    midAttention: fields.mid_block_add_attention,
    scalingFactor: fields.scaling_factor,
    shiftFactor: fields.shift_factor,
  };
}

const TinySchema = v.object({
  act_fn: only('relu'),
  upsample_fn: only('nearest'),
  upsampling_scaling_factor: only(2),
  encoder_block_out_channels: v.nullish(counts(), [64, 64, 64, 64]),
  decoder_block_out_channels: v.nullish(counts(), [64, 64, 64, 64]),
  num_encoder_blocks: v.nullish(counts(64), [1, 3, 3, 3]),
  num_decoder_blocks: v.nullish(counts(64), [3, 3, 3, 1]),
  in_channels: v.nullish(count(), 3),
  out_channels: v.nullish(count(), 3),
  latent_channels: v.nullish(count(), 4),
  scaling_factor: v.nullish(finite(), 1),
  shift_factor: v.nullish(finite(), 0),
});

function parseTiny(json: unknown, file: string): TinyConfig {
  const fields = readFields(TinySchema, json, file);
  for (const half of ['encoder', 'decoder'] as const) {
    const widths = fields[`${half}_block_out_channels`];
    // Its downsampling layers keep the width, so a level that changed it could not follow another.
    if (widths.some((width) => width !== widths[0]))
      throw new EaselError(
        'unsupported',
        said`${file}: ${half}_block_out_channels = ${widths.join()} is not supported yet.`,
      );
    checkLevels(file, `num_${half}_blocks`, fields[`num_${half}_blocks`], widths.length);
  }
  return {
    kind: 'tiny',
    inChannels: fields.in_channels,
    outChannels: fields.out_channels,
    latentChannels: fields.latent_channels,
    encoderChannels: fields.encoder_block_out_channels,
    decoderChannels: fields.decoder_block_out_channels,
    encoderBlocks: fields.num_encoder_blocks,
    decoderBlocks: fields.num_decoder_blocks,
    scalingFactor: fields.scaling_factor,
    shiftFactor: fields.shift_factor,
  };
}
