import { said } from '../../../core/errors';
import { FAMILY_WORDS } from '../../../core/family-words';
import { type DenoiserFacts, SIGMA_INPUT } from '../../layouts/facts';
import type { Architecture, ConditioningKind } from '../architecture';
import { labelled, samplerDefaults, TABLE_SCHEDULERS, withoutText } from '../pixels';

/** What the authors guide their class-conditional model by. */
const CLASS_GUIDANCE = 3;

function shown({ mapClasses, inChannels, outChannels = 0 }: DenoiserFacts): ConditioningKind['spatial'] {
  if (mapClasses !== undefined) return 'class-map';
  return inChannels === 2 * outChannels ? 'small-picture' : undefined;
}

/**
 * Latent diffusion's first models (Rombach et al. 2022), whose latents a codebook holds: unconditional, by class, by a
 * map of classes, and those that make a picture larger.
 */
export const ldm: Architecture = {
  ...withoutText,
  id: 'ldm',
  label: FAMILY_WORDS.ldm,
  schedulers: TABLE_SCHEDULERS,
  scheduler: {
    ...withoutText.scheduler,
    _class_name: 'DDIMScheduler',
    clip_sample: false,
    beta_start: 0.0015,
    beta_end: 0.0195,
    beta_schedule: 'scaled_linear',
  },
  // A quarter of the picture's side; what its channels look like is every model's own.
  latent: { channels: 3, scale: 4, scaling: 1, space: 'ldm' },
  recognise(facts) {
    if (facts.pixels) return { is: false, because: said`it has no autoencoder` };
    if (facts.inputs.includes(SIGMA_INPUT)) return { is: false, because: said`it is told noise levels` };
    if (facts.classes !== undefined) return { is: true, because: said`it is told a class` };
    const reads = facts.contextWidth > 0;
    return { is: !reads, because: reads ? said`its UNet reads a text` : said`no text enters it` };
  },
  conditioning: ({ denoiser }) => ({
    ...labelled(denoiser, denoiser.classes && denoiser.classes - 1),
    contextWidth: denoiser.contextWidth,
    spatial: shown(denoiser),
    mapClasses: denoiser.mapClasses,
  }),
  defaults(config) {
    const own = samplerDefaults(config);
    return config.denoiser.classes === undefined ? own : { ...own, sampler: 'ddim', cfgScale: CLASS_GUIDANCE };
  },
};
