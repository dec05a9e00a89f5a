import type { PreviewFactors } from '../../core/diffusion/latent-format';
import { trainedSigmas } from '../../core/diffusion/noise-schedules';
import { thresholdingOf } from '../../core/diffusion/process/clipping';
import { discrete } from '../../core/diffusion/process/discrete';
import { said } from '../../core/errors';
import type { ModelDefaults } from '../../core/request/request';
import { buildDenoiser } from '../graph/denoiser';
import type { DenoiserFacts } from '../layouts/facts';
import type { Architecture, ModelConfig, Recognition, SchedulerConfig } from './architecture';
import { CONSISTENCY_SCHEDULER } from './recognition';

/** Red, green and blue are what they are. */
const AS_THEY_ARE: PreviewFactors = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [0, 0, 0],
];

/** How DDPM was trained (Ho et al. 2020, section 4), which diffusers takes where a scheduler does not say. */
const DDPM_SCHEDULER: SchedulerConfig = {
  num_train_timesteps: 1000,
  beta_start: 0.0001,
  beta_end: 0.02,
  beta_schedule: 'linear',
};

/**
 * diffusers' schedulers over a table of trained noise levels; each stands for a sampler, none changes what a model
 * means.
 */
export const TABLE_SCHEDULERS = [
  'DDPMScheduler',
  'DDIMScheduler',
  'PNDMScheduler',
  'LMSDiscreteScheduler',
  'EulerDiscreteScheduler',
  'EulerAncestralDiscreteScheduler',
  'HeunDiscreteScheduler',
  'DPMSolverMultistepScheduler',
  'UniPCMultistepScheduler',
] as const;

/** What models share that were published with the theory: no text enters them. */
export const withoutText: Pick<
  Architecture,
  'usualPrediction' | 'scheduler' | 'networks' | 'process' | 'stepTraits' | 'thresholding' | 'originalTowers'
> = {
  usualPrediction: () => ({ type: 'epsilon', isKnown: true }),
  scheduler: DDPM_SCHEDULER,
  networks: ({ unet }, dialect) => ({ denoiser: () => buildDenoiser(unet, dialect), textTowers: [] }),
  process: ({ scheduler, predictionType }, terminal) => discrete(trainedSigmas(scheduler, terminal), predictionType),
  stepTraits: ({ scheduler }) => scheduler,
  thresholding: (scheduler) => thresholdingOf({ ...scheduler, clip_sample: clips(scheduler) }),
  originalTowers: [],
};

/** What those share that denoise pixels. */
export const ofPixels: typeof withoutText & Pick<Architecture, 'latent' | 'paintsOwnSize'> = {
  ...withoutText,
  latent: { channels: 3, scale: 1, scaling: 1, space: 'pixels', previewFactors: AS_THEY_ARE },
  paintsOwnSize: true,
};

/** diffusers' DDPM and DDIM clip where nothing is said, as does what samples consistency models. */
const CLIPPING: readonly string[] = ['DDPMScheduler', 'DDIMScheduler', CONSISTENCY_SCHEDULER];

const clips = ({ clip_sample, clip_denoised, _class_name = 'DDPMScheduler' }: SchedulerConfig): boolean =>
  clip_sample ?? clip_denoised ?? CLIPPING.includes(_class_name);

/** Whether a denoiser works on pixels, without any text; where it does, whether it is `own`. */
export function recognisePixels(facts: DenoiserFacts, own: Recognition): Recognition {
  if (facts.contextWidth > 0) return { is: false, because: said`its UNet reads a text` };
  return facts.pixels ? own : { is: false, because: said`it has an autoencoder` };
}

/** What conditions a model that no text enters. @param nullClass the label that stands for none, of those it has */
export function labelled({ classes }: DenoiserFacts, nullClass?: number): ReturnType<Architecture['conditioning']> {
  const without = { contextWidth: 0, hasSizeConditioning: false, takesGuidance: false, maxClipSkip: 1 };
  if (classes === undefined) return { ...without, kind: 'none' };
  return { ...without, kind: 'class', classes: nullClass === undefined ? classes : classes - 1, nullClass };
}

/** The sampler that a model's scheduler stands for, and as many steps as its paper's authors take. */
export function samplerDefaults({ scheduler, trainedSide: side }: ModelConfig): ModelDefaults {
  const plain = { steps: 50, cfgScale: 1, schedule: 'automatic', ...(side && { width: side, height: side }) } as const;
  switch (scheduler._class_name) {
    case 'DDPMScheduler':
    case undefined:
      return { ...plain, sampler: 'ddpm', steps: 100, varianceType: varianceOf(scheduler) };
    case 'DDIMScheduler':
      return { ...plain, sampler: 'ddim' };
    default:
      return { ...plain, sampler: 'dpmpp_2m', steps: 20 };
  }
}

/** diffusers' `..._log` differ from the others by rounding alone. */
function varianceOf({ variance_type = 'fixed_small' }: SchedulerConfig): ModelDefaults['varianceType'] {
  if (variance_type.startsWith('learned')) return 'learned_range';
  return variance_type.startsWith('fixed_large') ? 'fixed_large' : 'fixed_small';
}
