import type { TinyConfig } from './autoencoder-config';
import type { BuiltGraph, Dialect } from './types';
/** AutoencoderTiny's decoder: latent_sample [batch, latent channels, height, width] -> sample [batch, 3, 8 height, 8 width], about -1..1. */
export declare function buildTinyDecoder(config: TinyConfig, dialect: Dialect): BuiltGraph;
/** AutoencoderTiny's encoder: sample [batch, 3, height, width], -1..1 -> latents [batch, latent channels, height / 8, width / 8]. */
export declare function buildTinyEncoder(config: TinyConfig, dialect: Dialect): BuiltGraph;
