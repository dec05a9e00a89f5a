import { type PreviewFactors, previewShape } from '../../core/diffusion/latent-format';
import type { Thresholding } from '../../core/diffusion/process/clipping';
import type { Said } from '../../core/errors';
import type { Repertoire } from '../../core/repertoire';
import type { ModelDefaults } from '../../core/request/request';
import type { ArchitectureName, ConditioningKind, ModelConfig, SchedulerConfig } from '../architectures/architecture';
import { type LatentFormat, latentScaleOf } from '../graph/autoencoder-config';
import type { PredictionType } from '../layouts/facts';
import type { Checkpoint } from './checkpoint';

/** What is known of a loaded model; serialisable, goes over the wire to the page. */
export interface ModelInfo extends Omit<ConditioningKind, 'kind'> {
  name: string;
  architecture: ArchitectureName;
  predictionType: PredictionType;
  /**
   * False where the prediction type is the family's default because the file does not tell: the person may change it.
   */
  predictionKnown: boolean;
  /** Channels that the UNet takes: the latent's, or with a mask and a masked picture for an inpainting model (9). */
  inputChannels: number;
  /** Whether it has an autoencoder of its own to go back to from a separate one. */
  hasVae: boolean;
  /** What was ignored when it was opened. */
  warnings: readonly Said[];
  /** What the denoiser is conditioned by. */
  conditioning: ConditioningKind['kind'];
  /** Models with one of these share their latents, and so preview decoders. */
  latentSpace: string;
  /** How its latents are brought to unit variance, where that is not its family's way (Playground v2.5). */
  latentFormat?: LatentFormat;
  /** Side in pixels of all the pictures that it paints, where it paints no others. */
  fixedSide?: number;
  /** What other sides must be multiples of, in pixels; of a latent cell where left out. */
  sideMultiple?: number;
  /** How it keeps x0 within range, where that can be changed. */
  thresholding?: Thresholding;
  /** Channels of the latent, and image pixels per latent cell. */
  latentChannels: number;
  latentScale: number;
  /** scheduler/scheduler_config.json as found, with what the family adds to it. */
  scheduler: SchedulerConfig;
  defaults: ModelDefaults;
  /** The map for previews; undefined if none fits. */
  previewFactors?: PreviewFactors;
  /** All that the model can be asked for, where its manifest lists it. */
  paints?: Repertoire;
  examples?: readonly string[];
  /** The settings for painting in few steps, where the model brings a LoRA for that (`PaintingModel.fastLora`). */
  fast?: ModelDefaults;
  /** What the model's classifier tells apart, where it brings one: pictures can be guided toward these names. */
  classifierNames?: readonly string[];
  /** What its classes are called, by label, where its files say it or they are ImageNet's. */
  classNames?: readonly string[];
  /** One sentence for the page: what it paints. */
  summary?: string;
}

/** What the page and the pipeline know of a model. */
export function describe(
  model: Pick<
    Checkpoint,
    'name' | 'architecture' | 'predictionKnown' | 'manifest' | 'classifier' | 'fastLora' | 'classNames'
  >,
  config: ModelConfig,
  autoencoder: Pick<ModelInfo, 'latentChannels' | 'latentScale' | 'latentFormat' | 'hasVae'>,
  warnings: readonly Said[],
): ModelInfo {
  const { architecture, predictionKnown, manifest } = model;
  const { id, label, latent, paintsOwnSize } = architecture;
  const { multiple } = config.denoiser;
  const { kind, ...conditioning } = architecture.conditioning(config);
  const known = manifest?.previewFactors ?? latent.previewFactors;
  const byClassifier = kind === 'none' ? model.classifier?.names : undefined;
  const previewFactors = known && previewShape(known, autoencoder.latentChannels) ? known : undefined;
  return {
    ...autoencoder,
    ...conditioning,
    // A model that is told nothing is led to a class by its classifier alone.
    ...(byClassifier && { classes: byClassifier.length }),
    conditioning: kind,
    name: manifest?.name ?? model.name,
    architecture: { id, label },
    latentSpace: latent.space,
    fixedSide: paintsOwnSize && config.trainedSide,
    sideMultiple: multiple && multiple * autoencoder.latentScale,
    thresholding: architecture.thresholding?.(config.scheduler),
    inputChannels: config.denoiser.inChannels,
    predictionType: config.predictionType,
    predictionKnown,
    warnings,
    scheduler: { ...config.scheduler, ...architecture.stepTraits(config) },
    defaults: {
      ...architecture.defaults(config, model.name),
      ...((byClassifier || model.classifier?.scale !== undefined) && {
        classifierScale: model.classifier?.scale ?? 1,
      }),
      ...manifest?.defaults,
    },
    previewFactors,
    paints: manifest?.paints,
    examples: manifest?.examples,
    summary: manifest?.summary,
    fast: model.fastLora && manifest?.fast?.defaults,
    classNames: model.classNames ?? byClassifier,
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
