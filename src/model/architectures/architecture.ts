import type { PreviewFactors } from '../../core/diffusion/latent-format';
import type { TerminalSnr } from '../../core/diffusion/noise-schedules';
import type { StepTraits } from '../../core/diffusion/plan-steps';
import type { Thresholding, ThresholdingConfig } from '../../core/diffusion/process/clipping';
import type { NoiseProcess } from '../../core/diffusion/process/noise-process';
import type { Label, Said } from '../../core/errors';
import type { ModelDefaults } from '../../core/request/request';
import type { LatentFormat } from '../graph/autoencoder-config';
import type { ClipTextConfig } from '../graph/config';
import type { DenoiserConfig } from '../graph/denoiser';
import type { BuiltGraph, Dialect } from '../graph/types';
import type { DenoiserFacts, PredictionType } from '../layouts/facts';
import type { OriginalTower } from '../weights/original-names';

/** The fields of a diffusers scheduler_config.json that the pipeline reads; the rest is ignored. */
export interface SchedulerConfig extends StepTraits, ThresholdingConfig {
  _class_name?: string;
  num_train_timesteps: number;
  beta_start: number;
  beta_end: number;
  beta_schedule: string;
  trained_betas?: number[] | null;
  prediction_type?: string;
  rescale_betas_zero_snr?: boolean;
  use_karras_sigmas?: boolean | null;
  /** Of one that was trained by EDM's maths; the paper's, where left out. */
  sigma_data?: number;
  sigma_min?: number;
  sigma_max?: number;
  /** What `clip_sample` is called in a consistency model's. */
  clip_denoised?: boolean;
  variance_type?: string;
}

/** Maths of training other than those of a table of noise levels. */
export type Maths = 'edm' | 'flow';

/** Whether something is of a kind, and what says so: the end of a sentence, as `it has "emb_params"`. */
export type Recognition = { is: true; because: Said } | { is: false; because: Said };

/** What is known of a model in whatever form its networks come. */
export interface ModelConfig {
  denoiser: DenoiserFacts;
  scheduler: SchedulerConfig;
  predictionType: PredictionType;
  /** Layers that each of its text towers can be read at. */
  textLayers: readonly number[];
  /** Side of the pictures it was trained on, in pixels, where the files state it. */
  trainedSide?: number;
}

/** The configurations of networks that Easel builds. */
interface NetworkConfigs {
  unet: DenoiserConfig;
  textTowers: readonly ClipTextConfig[];
}

/** Networks as graphs, not built yet. */
interface NetworkSpecs {
  denoiser(): BuiltGraph;
  /** @param addedWords further rows of the token table */
  textTowers: readonly ((addedWords: number) => BuiltGraph)[];
}

/** What its models' latents are, where the files do not tell. */
export interface LatentTraits {
  channels: number;
  /** Image pixels a latent cell, along one side. */
  scale: number;
  /** Factor that brings latents to unit variance. */
  scaling: number;
  /** What is taken off before that; 0 where left out. */
  shift?: number;
  /** Models with one of these share their latents, and so preview decoders. */
  space: string;
  /** Linear latent-to-RGB map for previews. */
  previewFactors?: PreviewFactors;
}

/** Numbers that stand in a file under keys that mark how it was trained. */
export type MarkerNumbers = Readonly<Record<string, readonly number[]>>;

/** What such marks say. */
export interface Marked {
  scheduler: Partial<SchedulerConfig>;
  latents?: LatentFormat;
}

/** How LoRAs for a family are told from others'. */
interface LoraSigns {
  /** Of the text that the UNet's attention reads. */
  textWidth: number;
  /** What trainers call the models that they started from: `ss_base_model_version`, `modelspec.architecture`. */
  base: RegExp;
}

/** Which layers of the text towers are read. */
export interface TextReading {
  /** The layer that it was trained to read, counted from the end of the whole towers: 1 is the last. */
  trained: number;
  /** Layers at the towers' end that are never read, and left out. */
  absent: number;
}

/** What the denoiser is conditioned by. */
export interface ConditioningKind {
  kind: 'text' | 'class' | 'none';
  /** Token windows are always 77 wide; width of the hidden states (of both towers together in SDXL); 0 without text. */
  contextWidth: number;
  /** The UNet is conditioned on sizes and a pooled text vector too (SDXL): `UnetInput.textEmbeds` and `timeIds`. */
  hasSizeConditioning: boolean;
  /** The UNet takes the guidance scale as an input (LCM), and runs once a call: `UnetInput.guidance`. */
  takesGuidance: boolean;
  /** The prompt can be read from this layer on, counted from the end (`GenerationRequest.clipSkip`). */
  maxClipSkip: number;
  /** Where it is told a class: labels go from 0 to below this. */
  classes?: number;
  /** The label that stands for none, which guidance steers away from; a model without one is not guided. */
  nullClass?: number;
  /**
   * What it is shown beside the latent that is no mask: a picture as small as the latent, to be made larger; or a map
   * of as many pixels as the picture, each the number of a class.
   */
  spatial?: 'small-picture' | 'class-map';
  /** How many classes such a map tells apart. */
  mapClasses?: number;
}

/** What a denoiser predicts, and whether that is certain. */
export interface Prediction {
  type: PredictionType;
  isKnown: boolean;
  /** Where it is not certain: its family has as many models of the other kind. */
  differs?: true;
}

/** The family that a model belongs to. */
export interface ArchitectureName {
  id: string;
  /** As people call it. */
  label: string;
}

/** What a family is called, in a sentence. */
export const familyLabel = ({ id, label }: ArchitectureName): Label => ({ label, at: ['families', id] });

/** A family of models: the one place that knows how its members differ from other families'. */
export interface Architecture extends Readonly<ArchitectureName> {
  /** By the denoiser's own shapes. */
  recognise(facts: DenoiserFacts): Recognition;
  /** What its models predict where the files do not say. @param name of the file, by which distilled ones are known */
  usualPrediction(facts: DenoiserFacts, name: string): Prediction;
  /** How its models were trained, for files that do not say. */
  readonly scheduler: SchedulerConfig;
  networks(configs: NetworkConfigs, dialect: Dialect): NetworkSpecs;
  /**
   * @param terminal how the last level of a schedule with zero terminal SNR is made finite, which depends on the
   * sampler
   */
  process(config: Pick<ModelConfig, 'scheduler' | 'predictionType'>, terminal: TerminalSnr): NoiseProcess;
  stepTraits(config: Pick<ModelConfig, 'scheduler'>): StepTraits;
  /** How its models keep x0 within range, where that is theirs to say and a person's to change. */
  thresholding?(scheduler: SchedulerConfig): Thresholding;
  readonly latent: LatentTraits;
  /** By what maths some of its models were trained, beside those of a table of noise levels. */
  readonly otherMaths?: readonly Maths[];
  /** What a single file's marker keys, with the numbers under them, say of its training and of its latents. */
  marked?(numbers: MarkerNumbers): Marked | undefined;
  /** Of a family that reads text. */
  readonly textReading?: TextReading;
  /** Of a family that LoRAs are made for. */
  readonly loraSigns?: LoraSigns;
  /** The classes of diffusers' schedulers that its models come with; any, where left out. */
  readonly schedulers?: readonly string[];
  /** Its models paint pictures of the side that they were trained at, and no others. */
  readonly paintsOwnSize?: true;
  conditioning(config: Pick<ModelConfig, 'denoiser' | 'textLayers'>): ConditioningKind;
  /** @param name of the file or folder, by which distilled models are known */
  defaults(config: ModelConfig, name: string): ModelDefaults;
  /** Where the text towers lie in a file of the original layout, and how they are named there. */
  readonly originalTowers: readonly OriginalTower[];
}
