import { EaselError, said } from '../../core/errors';
import type { AutoencoderConfig } from './autoencoder-config';
import { buildIdentityDecoder, buildIdentityEncoder } from './identity';
import { buildTinyDecoder, buildTinyEncoder } from './tiny-vae';
import type { BuiltGraph, Dialect } from './types';
import { buildVaeDecoder, buildVaeEncoder } from './vae';

/** Both graphs of a whole autoencoder of any kind; they share one state dict. */
export function buildAutoencoder(
  config: AutoencoderConfig,
  dialect: Dialect,
): { decoder: BuiltGraph; encoder: BuiltGraph } {
  return { decoder: buildDecoder(config, dialect), encoder: buildEncoder(config, dialect) };
}

/** The graph that makes pictures of latents. */
export function buildDecoder(config: AutoencoderConfig, dialect: Dialect): BuiltGraph {
  return buildersOf(config, dialect).decoder();
}

/** The graph that makes latents of pictures; of an autoencoder that `hasEncoder`. */
export function buildEncoder(config: AutoencoderConfig, dialect: Dialect): BuiltGraph {
  return buildersOf(config, dialect).encoder();
}

function buildersOf(config: AutoencoderConfig, dialect: Dialect): { decoder(): BuiltGraph; encoder(): BuiltGraph } {
  switch (config.kind) {
    case 'kl':
    case 'vq':
      return { decoder: () => buildVaeDecoder(config, dialect), encoder: () => buildVaeEncoder(config, dialect) };
    case 'tiny':
      return { decoder: () => buildTinyDecoder(config, dialect), encoder: () => buildTinyEncoder(config, dialect) };
    case 'identity':
      return {
        decoder: () => buildIdentityDecoder(config, dialect),
        encoder: () => buildIdentityEncoder(config, dialect),
      };
    default:
      config satisfies never;
      throw new EaselError('internal', said`Unknown kind of autoencoder.`);
  }
}
