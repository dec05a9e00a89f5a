import type { KlConfig, VqConfig } from './autoencoder-config';
import type { BuiltGraph, Dialect } from './types';
/** The posterior's log variance is kept within these (diffusers' DiagonalGaussianDistribution). */
export declare const LOGVAR_RANGE: readonly [-30, 20];
/**
 * The decoder of AutoencoderKL and VQModel: latent_sample [batch, latent channels, height, width] -> sample
 * [batch, 3, 8 height, 8 width] (twice the side for each level but one), about -1..1.
 */
export declare function buildVaeDecoder(config: KlConfig | VqConfig, dialect: Dialect): BuiltGraph;
/**
 * The encoder of AutoencoderKL and VQModel: sample [batch, 3, height, width], -1..1 -> mean and logvar (KL), or latents (VQ,
 * not yet quantised), [batch, latent channels, height / 8, width / 8].
 */
export declare function buildVaeEncoder(config: KlConfig | VqConfig, dialect: Dialect): BuiltGraph;
