import type { IdentityConfig } from './autoencoder-config';
import { GraphBuilder } from './builder';
import type { BuiltGraph, Dialect } from './types';

/**
 * The autoencoder of models that denoise pixels, which changes nothing: so pictures, masks and the canvas take the same
 * way as with all others. A shade stands for all three colours.
 */
export function buildIdentityDecoder({ latentChannels }: IdentityConfig, dialect: Dialect): BuiltGraph {
  const g = GraphBuilder.create('vae_decoder', dialect);
  const x = g.input('latent_sample', 'float32', ['batch', latentChannels, 'height', 'width']);
  const colours = latentChannels === 1 ? g.node('Concat', [x, x, x], { attributes: { axis: 1 } }) : x;
  g.output('sample', colours, ['batch', 3, 'height', 'width']);
  return g.finish();
}

/** The way back: of one shade, the mean of the colours. */
export function buildIdentityEncoder({ latentChannels }: IdentityConfig, dialect: Dialect): BuiltGraph {
  const g = GraphBuilder.create('vae_encoder', dialect);
  const x = g.input('sample', 'float32', ['batch', 3, 'height', 'width']);
  const shade = () => g.node('ReduceMean', [x], { attributes: { axes: [1], keepdims: 1 } });
  g.output('latents', latentChannels === 1 ? shade() : x, ['batch', latentChannels, 'height', 'width']);
  return g.finish();
}
