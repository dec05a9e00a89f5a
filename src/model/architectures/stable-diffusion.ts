import { trainedSigmas } from '../../core/diffusion/noise-schedules';
import { discrete } from '../../core/diffusion/process/discrete';
import { buildClipText } from '../graph/clip-text';
import { buildDenoiser } from '../graph/denoiser';
import { GUIDANCE_INPUT } from '../layouts/facts';
import type { Architecture, LatentTraits, TextReading } from './architecture';

/** What every generation of Stable Diffusion shares. */
export const stableDiffusion: Pick<Architecture, 'scheduler' | 'networks' | 'process'> = {
  scheduler: {
    num_train_timesteps: 1000,
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    steps_offset: 1,
    set_alpha_to_one: false,
  },
  networks: ({ unet, textTowers }, dialect) => ({
    denoiser: () => buildDenoiser(unet, dialect),
    textTowers: textTowers.map(
      (config) => (addedWords) => buildClipText({ ...config, vocabulary: config.vocabulary + addedWords }, dialect),
    ),
  }),
  process: ({ scheduler, predictionType }, terminal) => discrete(trainedSigmas(scheduler, terminal), predictionType),
};

/** Text of CLIP towers. @param hasSizeConditioning the UNet is conditioned on sizes and a pooled text too */
export function clipConditioning({ absent }: TextReading, hasSizeConditioning: boolean): Architecture['conditioning'] {
  return ({ denoiser, textLayers }) => ({
    kind: 'text',
    contextWidth: denoiser.contextWidth,
    hasSizeConditioning,
    takesGuidance: denoiser.inputs.includes(GUIDANCE_INPUT),
    maxClipSkip: Math.min(...textLayers) + absent,
  });
}

/** The latents of SD 1.x, which SD 2.x kept; the factors are those of ComfyUI's `latent_formats.SD15`. */
export const FIRST_LATENTS: LatentTraits = {
  channels: 4,
  scale: 8,
  scaling: 0.18215,
  space: 'sd',
  previewFactors: [
    [0.3512, 0.2297, 0.3227],
    [0.325, 0.4974, 0.235],
    [-0.2829, 0.1762, 0.2721],
    [-0.212, -0.2616, -0.7177],
    [0, 0, 0],
  ],
};

/** Ten steps' noise levels that were optimised for Stable Diffusion 1.5 (Sabour et al. 2024, "Align Your Steps"). */
export const FIRST_ALIGNED_STEPS = [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029];
