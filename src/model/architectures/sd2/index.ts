import type { Architecture, TextReading } from '../architecture';
import { defaultsOf, isDistilledBy } from '../defaults';
import { recogniseGeneration, TEXT_WIDTH } from '../recognition';
import { clipConditioning, FIRST_ALIGNED_STEPS, FIRST_LATENTS, stableDiffusion } from '../stable-diffusion';

/** The output of the last layer but one is read, through the final norm, and no projection. */
const TEXT_READING: TextReading = { trained: 2, absent: 1 };
/** Layers that are read of OpenCLIP's ViT-H, which has one more; some files leave that one out. */
const LAYERS_READ = 23;
const TRAINED_SIDE = 512;
/** The 768 models are the ones that predict v. */
const V_SIDE = 768;

/** Stable Diffusion 2.x: OpenCLIP's ViT-H, matrices into the transformers. */
export const sd2: Architecture = {
  ...stableDiffusion,
  id: 'sd2',
  label: 'SD 2.x',
  recognise: (facts) => recogniseGeneration(facts, { textWidth: TEXT_WIDTH.openClip, linearProjection: true }),
  // The 768 models predict v and the base models the noise; nothing in a file tells them apart. Those that take more
  // than a latent (inpainting, depth) were made of the base, and so was SD-Turbo.
  usualPrediction({ inChannels }, name) {
    if (isDistilledBy('turbo', name)) return { type: 'epsilon', isKnown: true };
    const type = inChannels === FIRST_LATENTS.channels ? 'v_prediction' : 'epsilon';
    return { type, isKnown: false, differs: true };
  },
  // As in A1111.
  stepTraits: ({ scheduler }) => ({ ...scheduler, align_your_steps: FIRST_ALIGNED_STEPS }),
  latent: FIRST_LATENTS,
  textReading: TEXT_READING,
  loraSigns: { textWidth: TEXT_WIDTH.openClip, base: /^(?:sd_v2|stable-diffusion-v2)/ },
  conditioning: clipConditioning(TEXT_READING, false),
  defaults: (config, name) =>
    defaultsOf(config, name, config.predictionType === 'v_prediction' ? V_SIDE : TRAINED_SIDE),
  originalTowers: [
    {
      prefixes: ['cond_stage_model.model.', 'conditioner.embedders.0.model.'],
      naming: 'openClip',
      layersRead: (held) => (held === LAYERS_READ ? held : held - 1),
      hasProjection: false,
    },
  ],
};
