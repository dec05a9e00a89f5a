import type { ModelConfig } from '../architectures/architecture';
import { latentScaleOf } from '../graph/autoencoder-config';
import type { ModelInfo } from '../types';
import type { Checkpoint } from './checkpoint';

/** What the page and the pipeline are told of a model. */
export function describe(
  model: Pick<Checkpoint, 'name' | 'architecture' | 'predictionKnown' | 'manifest' | 'classifier' | 'fastLora'>,
  config: ModelConfig,
  autoencoder: Pick<ModelInfo, 'latentChannels' | 'latentScale' | 'hasVae'>,
  warnings: readonly string[],
): ModelInfo {
  const { architecture, predictionKnown, manifest } = model;
  const { id, label, latent } = architecture;
  const { kind, ...conditioning } = architecture.conditioning(config);
  const preview = latent.previewFactors.length === autoencoder.latentChannels + 1 ? latent.previewFactors : undefined;
  return {
    ...autoencoder,
    ...conditioning,
    conditioning: kind,
    name: manifest?.name ?? model.name,
    architecture: { id, label },
    latentSpace: latent.space,
    inputChannels: config.denoiser.inChannels,
    predictionType: config.predictionType,
    predictionKnown,
    warnings,
    scheduler: { ...config.scheduler, ...architecture.stepTraits(config) },
    defaults: { ...architecture.defaults(config, model.name), ...manifest?.defaults },
    previewFactors: manifest?.previewFactors ?? preview,
    words: manifest?.words,
    examples: manifest?.examples,
    summary: manifest?.summary,
    fast: model.fastLora && manifest?.fast?.defaults,
    classifierNames: model.classifier?.names,
  };
}

/** What its architecture is asked with, of a model whose networks Easel builds itself. */
export function configOf({ facts, scheduler, predictionType, unet, autoencoder, textTowers }: Checkpoint): ModelConfig {
  const { sampleSize } = unet.config;
  return {
    denoiser: facts,
    scheduler,
    predictionType,
    textLayers: textTowers.map(({ config }) => config.layers),
    trainedSide: sampleSize === undefined ? undefined : sampleSize * latentScaleOf(autoencoder.config),
  };
}
