import type { Architecture, TextReading } from '../architecture';
import { defaultsOf } from '../defaults';
import { recogniseGeneration, TEXT_WIDTH } from '../recognition';
import { clipConditioning, FIRST_ALIGNED_STEPS, FIRST_LATENTS, stableDiffusion } from '../stable-diffusion';

const TEXT_READING: TextReading = { trained: 1, absent: 0 };
const TRAINED_SIDE = 512;

/** Stable Diffusion 1.x (Rombach et al. 2022): OpenAI's CLIP, convolutions into the transformers. */
export const sd1: Architecture = {
  ...stableDiffusion,
  id: 'sd1',
  label: 'SD 1.x',
  recognise: (facts) => recogniseGeneration(facts, { textWidth: TEXT_WIDTH.openAi, linearProjection: false }),
  usualPrediction: () => ({ type: 'epsilon', isKnown: true }),
  stepTraits: ({ scheduler }) => ({ ...scheduler, align_your_steps: FIRST_ALIGNED_STEPS }),
  latent: FIRST_LATENTS,
  textReading: TEXT_READING,
  loraSigns: { textWidth: TEXT_WIDTH.openAi, base: /^(?:sd_v1|stable-diffusion-v1)/ },
  conditioning: clipConditioning(TEXT_READING, false),
  defaults: (config, name) => defaultsOf(config, name, TRAINED_SIDE),
  originalTowers: [
    {
      prefixes: ['cond_stage_model.transformer.', 'conditioner.embedders.0.transformer.'],
      naming: 'clip',
      hasProjection: false,
    },
  ],
};
