import type { AutoencoderConfig } from './autoencoder-config';
import type { BuiltGraph, Dialect } from './types';
/** Both graphs of an autoencoder of any kind; they share one state dict. */
export declare function buildAutoencoder(config: AutoencoderConfig, dialect: Dialect): {
    decoder: BuiltGraph;
    encoder: BuiltGraph;
};
