import { said } from '../../../core/errors';
import type { Architecture, LatentTraits, TextReading } from '../architecture';
import { defaultsOf } from '../defaults';
import { hasSizeInputs, TEXT_WIDTH } from '../recognition';
import { clipConditioning, stableDiffusion } from '../stable-diffusion';
import { edmProcess, isEdm, markedEdm } from './edm';

const TEXT_READING: TextReading = { trained: 2, absent: 0 };
const TRAINED_SIDE = 1024;

/** The factors are those of ComfyUI's `latent_formats.SDXL`. */
const LATENT: LatentTraits = {
  channels: 4,
  scale: 8,
  scaling: 0.13025,
  space: 'sdxl',
  previewFactors: [
    [0.3651, 0.4232, 0.4341],
    [-0.2533, -0.0042, 0.1068],
    [0.1076, 0.1111, -0.0362],
    [-0.3165, -0.2492, -0.2188],
    [0.1084, -0.0175, -0.0011],
  ],
};

/** Sabour et al. 2024, "Align Your Steps". */
const ALIGNED_STEPS = [14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.38, 0.234, 0.113, 0.029];

/** Stable Diffusion XL (Podell et al. 2023): two text towers, and a UNet conditioned on a pooled text and sizes too. */
export const sdxl: Architecture = {
  ...stableDiffusion,
  id: 'sdxl',
  label: 'SDXL',
  recognise(facts) {
    const { contextWidth } = facts;
    if (!hasSizeInputs(facts)) return { is: false, because: said`its UNet has no size conditioning` };
    if (contextWidth === TEXT_WIDTH.refiner)
      return { is: false, because: said`its text is ${contextWidth} wide: it is SDXL's refiner` };
    if (contextWidth === TEXT_WIDTH.openClip)
      return {
        is: false,
        because: said`its text is ${contextWidth} wide: it is an unCLIP model, which takes a picture`,
      };
    return { is: true, because: said`its UNet has size conditioning` };
  },
  usualPrediction: () => ({ type: 'epsilon', isKnown: false }),
  otherMaths: ['edm'],
  marked: markedEdm,
  process: (config, terminal) =>
    isEdm(config.scheduler) ? edmProcess(config) : stableDiffusion.process(config, terminal),
  stepTraits: ({ scheduler }) => ({ ...scheduler, align_your_steps: ALIGNED_STEPS }),
  latent: LATENT,
  textReading: TEXT_READING,
  loraSigns: { textWidth: TEXT_WIDTH.both, base: /^(?:sdxl|stable-diffusion-xl)/ },
  conditioning: clipConditioning(TEXT_READING, true),
  defaults: (config, name) => defaultsOf(config, name, TRAINED_SIDE),
  originalTowers: [
    { prefixes: ['conditioner.embedders.0.transformer.'], naming: 'clip', hasProjection: false },
    { prefixes: ['conditioner.embedders.1.model.'], naming: 'openClip', hasProjection: true },
  ],
};
