import type { ModelDefaults } from '../../core/request';
import { latentScaleOf } from '../graph/autoencoder-config';
import type { Family, ModelInfo, SchedulerConfig } from '../types';
import { ALIGN_YOUR_STEPS } from './align-your-steps';
import type { Checkpoint } from './checkpoint';
import { maxClipSkip } from './clip-skip';

type PreviewFactors = NonNullable<ModelInfo['previewFactors']>;

/** Latent-to-RGB rows, then the bias, as ComfyUI's `latent_formats.SD15` states them. */
const SD1_PREVIEW: PreviewFactors = [
  [0.3512, 0.2297, 0.3227],
  [0.325, 0.4974, 0.235],
  [-0.2829, 0.1762, 0.2721],
  [-0.212, -0.2616, -0.7177],
  [0, 0, 0],
];

/** As ComfyUI's `latent_formats.SDXL` states them. */
const SDXL_PREVIEW: PreviewFactors = [
  [0.3651, 0.4232, 0.4341],
  [-0.2533, -0.0042, 0.1068],
  [0.1076, 0.1111, -0.0362],
  [-0.3165, -0.2492, -0.2188],
  [0.1084, -0.0175, -0.0011],
];

/** SD 2.x kept the autoencoder of SD 1.x. */
const PREVIEW: Readonly<Record<Family, PreviewFactors>> = { sd1: SD1_PREVIEW, sd2: SD1_PREVIEW, sdxl: SDXL_PREVIEW };

/** Factors by which each family's latents are scaled to unit variance, for files that do not say. */
export const LATENT_SCALING: Readonly<Record<Family, number>> = { sd1: 0.18215, sd2: 0.18215, sdxl: 0.13025 };

/** Side of the pictures a family was trained on, for files that do not say. */
const TRAINED_SIDE: Readonly<Record<Family, number>> = { sd1: 512, sd2: 512, sdxl: 1024 };
/** The 768 models of SD 2.x are the ones that predict v. */
const SD2_V_SIDE = 768;

/** What the networks themselves tell, whatever form they come in. */
export type NetworkFacts = Pick<
  ModelInfo,
  'inputChannels' | 'hasSizeConditioning' | 'latentChannels' | 'latentScale' | 'contextWidth' | 'maxClipSkip' | 'hasVae'
> & {
  /** Side of the pictures it was trained on, where stated. */
  side?: number;
};

/** What the page and the pipeline are told of a model. */
export function describe(
  model: Pick<
    Checkpoint,
    'name' | 'family' | 'scheduler' | 'predictionType' | 'predictionKnown' | 'manifest' | 'classifier' | 'fastLora'
  >,
  { side = trainedSide(model), ...facts }: NetworkFacts,
  warnings: readonly string[],
): ModelInfo {
  const { family, scheduler, predictionType, predictionKnown, manifest } = model;
  const preview = PREVIEW[family].length === facts.latentChannels + 1 ? PREVIEW[family] : undefined;
  return {
    ...facts,
    name: manifest?.name ?? model.name,
    family,
    predictionType,
    predictionKnown,
    warnings,
    scheduler: { ...scheduler, align_your_steps: ALIGN_YOUR_STEPS[family] },
    defaults: { ...ownDefaults(scheduler, side), ...distilledDefaults(model), ...manifest?.defaults },
    previewFactors: manifest?.previewFactors ?? preview,
    words: manifest?.words,
    examples: manifest?.examples,
    summary: manifest?.summary,
    fast: model.fastLora && manifest?.fast?.defaults,
    classifierNames: model.classifier?.names,
  };
}

/** The facts of networks that Easel builds itself. */
export function factsOf({
  family,
  unet,
  autoencoder,
  ownAutoencoder,
  textTowers,
}: Pick<Checkpoint, 'family' | 'unet' | 'autoencoder' | 'ownAutoencoder' | 'textTowers'>): NetworkFacts {
  const latentScale = latentScaleOf(autoencoder.config);
  const { inChannels, crossAttentionDim, sampleSize, textTime } = unet.config;
  return {
    inputChannels: inChannels,
    hasSizeConditioning: textTime !== undefined,
    latentChannels: autoencoder.config.latentChannels,
    latentScale,
    contextWidth: crossAttentionDim,
    maxClipSkip: maxClipSkip(
      family,
      textTowers.map(({ config }) => config.layers),
    ),
    hasVae: ownAutoencoder !== undefined,
    side: sampleSize === undefined ? undefined : sampleSize * latentScale,
  };
}

function trainedSide({ family, predictionType }: Pick<Checkpoint, 'family' | 'predictionType'>): number {
  return family === 'sd2' && predictionType === 'v_prediction' ? SD2_V_SIDE : TRAINED_SIDE[family];
}

/** What a folder says of itself: its training size, and the sampler that its scheduler stands for. */
function ownDefaults(scheduler: SchedulerConfig, side: number): ModelDefaults {
  const size = { width: side, height: side, steps: 20, cfgScale: 7 };
  switch (scheduler._class_name) {
    case 'DDIMScheduler':
      return { ...size, sampler: 'ddim', schedule: 'automatic' };
    case 'EulerDiscreteScheduler':
      return { ...size, sampler: 'euler', schedule: 'automatic' };
    case 'EulerAncestralDiscreteScheduler':
      return { ...size, sampler: 'euler_a', schedule: 'automatic' };
    default:
      return { ...size, sampler: 'dpmpp_2m', schedule: scheduler.use_karras_sigmas === false ? 'automatic' : 'karras' };
  }
}

/** Steps that a name states, `..._8step`; what distilled models are trained for otherwise. */
const FEW_STEPS = 4;
/** The Turbo models were distilled at this side, whatever their family's. */
const TURBO_SIDE = 512;

/**
 * Distilled models paint in a few steps without guidance, and badly otherwise. Nothing in their weights tells them from the
 * models they were made of: their scheduler does, or the name that people keep.
 */
function distilledDefaults({ name, scheduler }: Pick<Checkpoint, 'name' | 'scheduler'>): ModelDefaults {
  const stated = Number(/(?:^|\D)(\d{1,2})[ _-]?steps?(?![a-z])/i.exec(name)?.[1] ?? FEW_STEPS);
  const quick = { steps: Math.max(1, stated), cfgScale: 1 };
  const isNamed = (word: string) => new RegExp(`(^|[^a-z])${word}([^a-z]|$)`, 'i').test(name);
  if (scheduler._class_name === 'LCMScheduler' || isNamed('lcm'))
    return { ...quick, sampler: 'lcm', schedule: 'automatic' };
  if (isNamed('lightning') || isNamed('hyper')) return { ...quick, sampler: 'euler', schedule: 'sgm_uniform' };
  if (!isNamed('turbo')) return {};
  return { ...quick, sampler: 'euler_a', schedule: 'trailing', width: TURBO_SIDE, height: TURBO_SIDE };
}
