import type { TerminalSnr } from '../../core/diffusion/noise-schedules';
import type { StepTraits } from '../../core/diffusion/plan-steps';
import type { NoiseProcess } from '../../core/diffusion/process/noise-process';
import type { ModelDefaults } from '../../core/request';
import type { ClipTextConfig, UnetConfig } from '../graph/config';
import type { BuiltGraph, Dialect } from '../graph/types';
import type { DenoiserFacts } from '../layouts/facts';
import type { ModelInfo, PredictionType, SchedulerConfig } from '../types';
import type { OriginalTower } from '../weights/original-names';

/** Whether something is of a kind, and what says so: the end of a sentence, as `it has "emb_params"`. */
export type Recognition = { is: true; because: string } | { is: false; because: string };

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
  unet: UnetConfig;
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
  /** Models with one of these share their latents, and so preview decoders. */
  space: string;
  previewFactors: NonNullable<ModelInfo['previewFactors']>;
}

/** Which layers of the text towers are read. */
export interface TextReading {
  /** The layer that it was trained to read, counted from the end of the whole towers: 1 is the last. */
  trained: number;
  /** Layers at the towers' end that are never read, and left out. */
  absent: number;
}

/** What the denoiser is conditioned by. */
type ConditioningKind = Pick<ModelInfo, 'contextWidth' | 'hasSizeConditioning' | 'maxClipSkip'> & {
  kind: 'text';
};

/** What a denoiser predicts, and whether that is certain. */
export interface Prediction {
  type: PredictionType;
  isKnown: boolean;
}

/** A family of models: the one place that knows how its members differ from other families'. */
export interface Architecture {
  readonly id: string;
  /** As people call it. */
  readonly label: string;
  /** By the denoiser's own shapes. */
  recognise(facts: DenoiserFacts): Recognition;
  /** What its models predict where the files do not say. */
  usualPrediction(facts: DenoiserFacts): Prediction;
  /** How its models were trained, for files that do not say. */
  readonly scheduler: SchedulerConfig;
  networks(configs: NetworkConfigs, dialect: Dialect): NetworkSpecs;
  /**
   * @param terminal how the last level of a schedule with zero terminal SNR is made finite, which depends on the
   * sampler
   */
  process(config: Pick<ModelConfig, 'scheduler' | 'predictionType'>, terminal: TerminalSnr): NoiseProcess;
  stepTraits(config: Pick<ModelConfig, 'scheduler'>): StepTraits;
  readonly latent: LatentTraits;
  readonly textReading: TextReading;
  conditioning(config: Pick<ModelConfig, 'denoiser' | 'textLayers'>): ConditioningKind;
  /** @param name of the file or folder, by which distilled models are known */
  defaults(config: ModelConfig, name: string): ModelDefaults;
  /** Where the text towers lie in a file of the original layout, and how they are named there. */
  readonly originalTowers: readonly OriginalTower[];
}
