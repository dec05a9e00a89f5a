import type { Said } from '../../core/errors';
import type { Architecture, SchedulerConfig } from '../architectures/architecture';
import type { AutoencoderConfig } from '../graph/autoencoder-config';
import type { ClipTextConfig } from '../graph/config';
import type { DenoiserConfig } from '../graph/denoiser';
import type { DenoiserFacts, PredictionType } from '../layouts/facts';
import type { ClassMapConfig } from '../layouts/latent-diffusion-file';
import type { Network } from '../layouts/network';
import type { ClassTable } from '../layouts/original-file';
import type { VaeFile } from '../parts/autoencoder-file';
import type { Lora } from '../weights/lora';
import type { Manifest } from '../weights/manifest';
import type { Classifier } from './classifier';

/** A whole model, nothing of it read but headers and configurations. */
export interface Checkpoint {
  name: string;
  architecture: Architecture;
  facts: DenoiserFacts;
  unet: Network<DenoiserConfig>;
  /** One, SDXL's two, or none. */
  textTowers: readonly Network<ClipTextConfig>[];
  /** What stands for each class among words, where it is told a class so. */
  classes?: Network<ClassTable>;
  /** What a map of classes becomes, where it is shown one. */
  classMap?: Network<ClassMapConfig>;
  /** What its classes are called, by label. */
  classNames?: readonly string[];
  /** The one it paints with: its own, or one that was given in its place. */
  autoencoder: Network<AutoencoderConfig>;
  /** Its own, the same or one that another was given in the place of; undefined where it has none. */
  ownAutoencoder: Network<AutoencoderConfig> | undefined;
  scheduler: SchedulerConfig;
  predictionType: PredictionType;
  /** False where the prediction type is a guess that the person should be able to change. */
  predictionKnown: boolean;
  manifest?: Manifest;
  classifier?: Classifier;
  fastLora?: Lora;
  /** Keys of a single file that belong to no network. */
  unusedKeys: readonly string[];
  /** What was found odd. */
  warnings: readonly Said[];
  /** Tensors without a place in the graphs: a folder's are an error, a file from the wild often has some. */
  onUnused: 'error' | 'warn';
}

/** What a person may set when a model is opened. */
export interface CheckpointOptions {
  /** What the UNet predicts, whatever the files say. */
  prediction?: PredictionType;
  /** An autoencoder to use in the place of the model's own, which may then be missing. */
  vae?: VaeFile;
  /** A classifier that guides it, beside or in the place of one that the model brings. */
  classifier?: VaeFile;
}
