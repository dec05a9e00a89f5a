import { EaselError } from '../../core/errors';
import type { AutoencoderConfig } from './autoencoder-config';
import { buildTinyDecoder, buildTinyEncoder } from './tiny-vae';
import type { BuiltGraph, Dialect } from './types';
import { buildVaeDecoder, buildVaeEncoder } from './vae';

/** Both graphs of an autoencoder of any kind; they share one state dict. */
export function buildAutoencoder(
  config: AutoencoderConfig,
  dialect: Dialect,
): { decoder: BuiltGraph; encoder: BuiltGraph } {
  switch (config.kind) {
    case 'kl':
    case 'vq':
      return { decoder: buildVaeDecoder(config, dialect), encoder: buildVaeEncoder(config, dialect) };
    case 'tiny':
      return { decoder: buildTinyDecoder(config, dialect), encoder: buildTinyEncoder(config, dialect) };
    default:
      config satisfies never;
      throw new EaselError('internal', 'Unknown kind of autoencoder.');
  }
}
