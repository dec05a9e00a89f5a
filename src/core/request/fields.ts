import { type Label, type Said, settingLabel } from '../errors';
/**
 * FIELDS is the ONE table of settings. The type of a request, its parser, the form, what does not apply, A1111's text
 * both ways and the command line's options are made from it, so that a new setting is an entry here and what acts on
 * it. Its order is the form's.
 */

import { SAMPLERS } from '../diffusion/samplers/index';
import { STEP_SCHEDULES } from '../diffusion/step-schedules/index';
import { MASKED_CONTENT } from '../image/masked-content';
import { RESIZE_MODES } from '../image/resize-modes';
import { PIXEL_UPSCALERS, UPSCALERS } from '../image/upscalers';
import { choice, choicesFrom, errorIn, type Field, type FieldGroup, flag, number, text } from './field';

export const RANDOM_SEED = -1;
export const MAX_SEED = 2 ** 32 - 1;

/** The longest prompt: some hundred times what any model was trained on. */
export const MAX_PROMPT = 100_000;

/** Of a picture, in pixels: models that denoise pixels begin at 16. */
const MIN_SIDE = 16;

const SAMPLER_OPTION = { group: 'sampler-options', appliesTo: 'sampler-option', text: { order: 24 } } as const;

/** Of a second pass: as in the first. */
export const SAME = 'same';

const HIRES_SIDE = {
  min: 0,
  max: 4096,
  sliderMax: 2048,
  step: 8,
  integer: true,
  multiple: true,
  default: 0,
  group: 'hires',
  appliesTo: 'hires',
  text: { key: 'Hires resize', order: 19 },
} as const;

/** sd-dynamic-prompts names both so, after all that A1111 says itself. */
const TEMPLATE = {
  maxLength: MAX_PROMPT,
  default: '',
  belongsTo: 'person',
  text: { order: 26 },
  option: false,
} as const;

const SEED_RESIZE = {
  min: 0,
  max: 2048,
  sliderMax: 1024,
  step: 8,
  integer: true,
  multiple: true,
  default: 0,
  belongsTo: 'person',
  group: 'variation',
  text: { key: 'Seed resize from', order: 9 },
} as const;

export const FIELDS = {
  prompt: text({
    label: 'Prompt',
    maxLength: MAX_PROMPT,
    default: '',
    required: true,
    belongsTo: 'person',
    text: false,
    option: false,
  }),
  negativePrompt: text({
    label: 'Negative prompt',
    maxLength: MAX_PROMPT,
    default: '',
    required: true,
    belongsTo: 'person',
    text: false,
    option: 'negative',
  }),
  /** What the prompts of one picture were chosen from: written when they are, never asked for. */
  template: text({ ...TEMPLATE, label: 'Template' }),
  negativeTemplate: text({ ...TEMPLATE, label: 'Negative Template' }),

  /** Of a model that no prompt enters. */
  classLabel: number({
    label: 'Class',
    help: 'What is painted, by the label that the model was trained with.',
    min: 0,
    max: 1_000_000,
    step: 1,
    integer: true,
    default: 0,
    belongsTo: 'person',
    appliesTo: 'class',
    text: { key: 'Class', order: 5, named: true },
    option: 'class',
  }),

  fast: flag({
    label: 'Fast',
    help: 'About three times as fast, a little less varied: a LoRA that came with the model. At CFG 1 the negative prompt has no effect.',
    group: 'sampler',
    appliesTo: 'fast-lora',
    text: { order: 25, always: true },
  }),
  sampler: choice({
    label: 'Sampler',
    choices: choicesFrom(SAMPLERS),
    default: 'dpmpp_2m',
    required: true,
    belongsTo: 'model',
    group: 'sampler',
    text: { order: 2, always: true },
  }),
  schedule: choice({
    label: 'Schedule type',
    choices: choicesFrom(STEP_SCHEDULES),
    default: 'automatic',
    required: true,
    belongsTo: 'model',
    group: 'sampler',
    shownWhen: ({ sampler }) => !sampler.ends,
    text: { order: 3, always: true },
  }),
  steps: number({
    label: 'Steps',
    help: 'How many denoising steps. With DPM++ 2M, pictures change little past 20 to 30; Euler and DDIM want more.',
    min: 1,
    max: 1000, // as many as DDPM's own sampler takes; A1111 ends at 150
    sliderMax: 60,
    step: 1,
    integer: true,
    default: 20,
    required: true,
    belongsTo: 'model',
    group: 'sampler',
    shownWhen: ({ sampler }) => !sampler.ends?.adaptive,
    text: { order: 1, always: true },
  }),
  cfgScale: number({
    label: 'CFG scale',
    help: 'How closely the picture follows the prompt. 1 turns guidance off and is twice as fast.',
    shownWhen: ({ guided }) => guided,
    min: 1,
    max: 30,
    sliderMax: 20,
    step: 0.5,
    default: 7,
    required: true,
    belongsTo: 'model',
    group: 'sampler',
    text: { order: 4, always: true },
    option: 'cfg',
  }),

  width: number({
    label: 'Width',
    help: 'Picture width in pixels, a multiple of 8.',
    min: MIN_SIDE,
    max: 2048,
    sliderMax: 1024,
    step: 8,
    integer: true,
    multiple: true,
    default: 512,
    required: true,
    belongsTo: 'model',
    group: 'size',
    text: { key: 'Size', part: 0, order: 6, always: true },
  }),
  height: number({
    label: 'Height',
    help: 'Picture height in pixels, a multiple of 8.',
    min: MIN_SIDE,
    max: 2048,
    sliderMax: 1024,
    step: 8,
    integer: true,
    multiple: true,
    default: 512,
    required: true,
    belongsTo: 'model',
    group: 'size',
    text: { key: 'Size', part: 1, order: 6, always: true },
  }),

  /** A second pass over the picture, made larger: see `hires.ts`. */
  hires: flag({
    label: 'Hires. fix',
    help: 'Paints at this size first, enlarges that and paints it again: large pictures without doubled heads and horizons.',
    default: false,
    group: 'hires',
    appliesTo: 'words',
    text: false, // its other fields say it
  }),
  hiresUpscaler: choice({
    label: 'Hires upscaler',
    choices: choicesFrom(UPSCALERS),
    files: 'upscaler',
    group: 'hires',
    appliesTo: 'hires',
    text: { order: 21, always: true },
  }),
  hiresScale: number({
    label: 'Upscale by',
    help: 'How many times wider and higher the picture becomes.',
    min: 1,
    max: 4,
    step: 0.05,
    default: 2,
    group: 'hires',
    appliesTo: 'hires-scale',
    text: { key: 'Hires upscale', order: 18, always: true },
  }),
  hiresWidth: number({
    ...HIRES_SIDE,
    label: 'Resize width to',
    help: 'The picture’s width in the end, instead of a factor; 0 follows the height. What is over is cut off around it.',
    text: { ...HIRES_SIDE.text, part: 0 },
  }),
  hiresHeight: number({
    ...HIRES_SIDE,
    label: 'Resize height to',
    help: 'The picture’s height in the end, instead of a factor; 0 follows the width. What is over is cut off around it.',
    text: { ...HIRES_SIDE.text, part: 1 },
  }),
  hiresSteps: number({
    label: 'Hires steps',
    help: 'Steps of the second pass; 0 takes as many as the first.',
    min: 0,
    max: 150,
    sliderMax: 60,
    step: 1,
    integer: true,
    default: 0,
    group: 'hires',
    appliesTo: 'hires',
    text: { order: 20 },
  }),
  hiresStrength: number({
    label: 'Denoising strength',
    help: 'How much the second pass repaints. Latent upscalers need 0.5 or more; the others work with less.',
    min: 0,
    max: 1,
    step: 0.01,
    default: 0.7,
    group: 'hires',
    appliesTo: 'hires',
    text: { key: 'Denoising strength', order: 10, always: true },
  }),
  hiresSampler: choice({
    label: 'Hires sampler',
    choices: [
      { value: SAME, label: 'Use same sampler', description: 'That of the first pass.' },
      ...choicesFrom(SAMPLERS),
    ],
    default: SAME,
    group: 'hires-details',
    appliesTo: 'hires',
    text: { order: 14 },
  }),
  hiresSchedule: choice({
    label: 'Hires schedule type',
    choices: [
      { value: SAME, label: 'Use same scheduler', description: 'That of the first pass.' },
      ...choicesFrom(STEP_SCHEDULES),
    ],
    default: SAME,
    group: 'hires-details',
    appliesTo: 'hires',
    text: { order: 17 },
  }),
  hiresPrompt: text({
    label: 'Hires prompt',
    maxLength: MAX_PROMPT,
    default: '',
    belongsTo: 'person',
    group: 'hires-details',
    appliesTo: 'hires',
    text: { order: 15 },
  }),
  hiresNegativePrompt: text({
    label: 'Hires negative prompt',
    maxLength: MAX_PROMPT,
    default: '',
    belongsTo: 'person',
    group: 'hires-details',
    appliesTo: 'hires',
    text: { order: 16 },
    option: 'hires-negative',
  }),

  /** -1 is resolved before the engine sees it. */
  seed: number({
    label: 'Seed',
    help: 'The starting noise. The same seed and settings paint the same picture; -1 draws a new one.',
    min: RANDOM_SEED,
    max: MAX_SEED,
    step: 1,
    integer: true,
    default: RANDOM_SEED,
    required: true,
    belongsTo: 'person',
    group: 'seed',
    text: { order: 5, always: true },
  }),
  /** Pictures painted one after another, with seeds seed, seed + 1, ... */
  batchCount: number({
    label: 'Batch count',
    help: 'How many pictures to paint, with seeds counting up from the first.',
    min: 1,
    max: 64,
    sliderMax: 8,
    step: 1,
    integer: true,
    default: 1,
    required: true,
    belongsTo: 'person',
    group: 'seed',
    text: false,
    option: 'count',
  }),

  variationStrength: number({
    label: 'Variation strength',
    help: 'How much of the variation seed’s noise is mixed in: 0 is none, 0.1 a close relative, 1 another picture.',
    min: 0,
    max: 1,
    step: 0.01,
    default: 0,
    belongsTo: 'person',
    group: 'variation',
    text: { key: 'Variation seed strength', order: 8 },
  }),
  /** -1 is resolved before the engine sees it. With it the pictures of a batch count this up, not the seed. */
  variationSeed: number({
    label: 'Variation seed',
    help: 'Whose noise is mixed in. -1 draws a new one; in a batch it counts up and the seed stays.',
    min: RANDOM_SEED,
    max: MAX_SEED,
    step: 1,
    integer: true,
    default: RANDOM_SEED,
    belongsTo: 'person',
    group: 'variation',
    appliesTo: 'variation',
    text: { order: 7, always: true },
  }),
  seedResizeWidth: number({
    ...SEED_RESIZE,
    label: 'Resize seed from width',
    help: 'The width that the seed’s picture had: about the same picture comes at another size. 0 is off.',
    text: { ...SEED_RESIZE.text, part: 0 },
  }),
  seedResizeHeight: number({
    ...SEED_RESIZE,
    label: 'Resize seed from height',
    help: 'The height that the seed’s picture had: about the same picture comes at another size. 0 is off.',
    text: { ...SEED_RESIZE.text, part: 1 },
  }),

  denoisingStrength: number({
    label: 'Denoising strength',
    help: 'How far the painting may go from the picture. 0 returns it as it is; 1 keeps almost nothing of it.',
    min: 0,
    max: 1,
    step: 0.01,
    default: 0.75,
    group: 'picture',
    appliesTo: 'whole-picture',
    text: { order: 10, always: true },
    option: 'strength',
  }),
  /** A picture painted larger in tiles, each of width x height: see `sd-upscale.ts`. */
  sdUpscale: flag({
    label: 'SD upscale',
    help: 'Enlarges the picture and paints it in tiles that overlap: new detail at any size.',
    default: false,
    group: 'sd-upscale',
    appliesTo: 'start',
    text: false, // its other fields say it
  }),
  sdUpscaleStrength: number({
    label: 'Denoising strength',
    help: 'How far each tile may go from the enlarged picture. From 0.4 on, tiles begin to tell stories of their own.',
    min: 0,
    max: 1,
    step: 0.01,
    default: 0.3,
    group: 'sd-upscale',
    appliesTo: 'sd-upscale',
    text: { key: 'Denoising strength', order: 10, always: true }, // in the other's place
  }),
  sdUpscaleOverlap: number({
    label: 'Tile overlap',
    help: 'Pixels that neighbouring tiles share, over which one goes over into the other.',
    min: 0,
    max: 256,
    step: 16,
    integer: true,
    default: 64,
    group: 'sd-upscale',
    appliesTo: 'sd-upscale',
    text: { key: 'SD upscale overlap', order: 14, always: true },
  }),
  sdUpscaleUpscaler: choice({
    label: 'Upscaler',
    choices: choicesFrom(PIXEL_UPSCALERS),
    files: 'upscaler',
    group: 'sd-upscale',
    appliesTo: 'sd-upscale',
    text: { key: 'SD upscale upscaler', order: 14, always: true },
  }),
  sdUpscaleFactor: number({
    label: 'Scale factor',
    help: 'How many times wider and higher the picture becomes.',
    min: 1,
    max: 4,
    step: 0.05,
    default: 2,
    group: 'sd-upscale',
    appliesTo: 'sd-upscale',
    text: { key: 'SD upscale factor', order: 14 }, // A1111 does not say it
  }),
  /** Standard deviation of its blur, in pixels of the given picture. */
  maskBlur: number({
    label: 'Mask blur',
    help: 'Feathers the mask edge, in pixels.',
    min: 0,
    max: 64,
    step: 1,
    integer: true,
    default: 4,
    group: 'picture',
    appliesTo: 'mask',
    text: { order: 15, omits: 0 },
  }),
  maskMode: choice({
    label: 'Mask mode',
    choices: [
      { value: 'masked', label: 'Inpaint masked', description: 'Repaints the masked part.' },
      { value: 'not-masked', label: 'Inpaint not masked', description: 'Keeps the masked part and repaints the rest.' },
    ],
    group: 'picture-details',
    appliesTo: 'mask',
    text: { order: 14 },
  }),
  maskedContent: choice({
    label: 'Masked content',
    choices: MASKED_CONTENT.map(({ id, label, hint }) => ({ value: id, label, description: hint })),
    default: 'original',
    group: 'picture',
    appliesTo: 'mask',
    text: { order: 18 },
  }),
  inpaintArea: choice({
    label: 'Inpaint area',
    choices: [
      { value: 'whole', label: 'Whole picture', description: 'The model sees all of the picture.' },
      {
        value: 'only-masked',
        label: 'Only masked',
        description: 'Only the part around the mask is painted, at the full size, and pasted back: more detail.',
      },
    ],
    group: 'picture',
    appliesTo: 'mask',
    text: { order: 16 },
  }),
  /** How a model of four input channels is held to the rest of the picture. */
  inpaintWay: choice({
    label: 'Unmasked area',
    choices: [
      { value: 'a1111', label: 'A1111', description: 'Replaced in each prediction, as A1111 does.' },
      { value: 'diffusers', label: 'diffusers', description: 'Put back, noised, after each step, as diffusers does.' },
    ],
    group: 'picture-details',
    appliesTo: 'mask',
    text: { key: 'Keeping the rest', order: 21 },
  }),
  inpaintPadding: number({
    label: 'Only masked padding, pixels',
    help: 'How much around the mask the model sees when only the masked part is painted.',
    min: 0,
    max: 256,
    step: 4,
    integer: true,
    default: 32,
    group: 'picture-details',
    appliesTo: 'only-masked',
    text: { key: 'Masked area padding', order: 17, always: true },
  }),
  softMask: flag({
    label: 'Soft mask',
    help: 'Grey in the mask is partial strength: the darker, the less is repainted.',
    default: false,
    group: 'picture-details',
    appliesTo: 'mask',
    text: { order: 23 },
  }),
  resizeMode: choice({
    label: 'Resize mode',
    choices: [
      ...RESIZE_MODES.map(({ id, label, hint }) => ({ value: id, label, description: hint })),
      {
        value: 'latent-resize',
        label: 'Just resize (latent upscale)',
        description: 'Stretches the latent instead: new detail comes out of the blur at high denoising strengths.',
      },
    ],
    group: 'picture-details',
    appliesTo: 'picture',
    text: { order: 19 },
  }),
  posterior: choice({
    label: 'VAE encoding',
    choices: [
      { value: 'mean', label: 'Mean', description: 'The most likely encoding: no randomness.' },
      { value: 'sample', label: 'Sampled', description: 'Drawn from the autoencoder’s posterior by the seed.' },
    ],
    group: 'picture-details',
    appliesTo: 'start',
    text: { order: 20 },
  }),
  exactSteps: flag({
    label: 'With img2img, do exactly the amount of steps the slider specifies',
    help: 'Without it, a lower denoising strength runs fewer steps.',
    default: false,
    group: 'picture-details',
    appliesTo: 'start',
    text: { key: 'Exact steps', order: 22 }, // a comma cannot stand in a key
  }),

  eta: number({
    ...SAMPLER_OPTION,
    label: 'Eta',
    help: 'How much fresh noise each step adds. 0 repeats the same path; 1 is fully random.',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0,
    belongsTo: 'model',
    text: { ...SAMPLER_OPTION.text, aliases: ['Eta DDIM'] },
  }),
  sNoise: number({
    ...SAMPLER_OPTION,
    label: 'Sigma noise',
    help: 'Scales the noise that is added. A little over 1 keeps more detail.',
    min: 0.9,
    max: 1.1,
    step: 0.001,
    default: 1,
  }),
  sChurn: number({
    ...SAMPLER_OPTION,
    label: 'Sigma churn',
    help: 'Noise added before the steps, over the whole run. 0 adds none.',
    min: 0,
    max: 100,
    step: 1,
    default: 0,
  }),
  sTmin: number({
    ...SAMPLER_OPTION,
    label: 'Sigma tmin',
    help: 'Churn only above this noise level.',
    min: 0,
    max: 10,
    step: 0.01,
    default: 0,
  }),
  sTmax: number({
    ...SAMPLER_OPTION,
    label: 'Sigma tmax',
    help: 'Churn only below this noise level; 0 is no limit.',
    min: 0,
    max: 999,
    sliderMax: 20,
    step: 0.1,
    default: 0,
  }),
  order: number({
    ...SAMPLER_OPTION,
    label: 'Order',
    help: 'How many predictions the method looks back on.',
    min: 1,
    max: 4,
    step: 1,
    integer: true,
    default: 3,
    text: { ...SAMPLER_OPTION.text, keyOfSampler: { unipc: 'UniPC order' } },
  }),
  tolerance: number({
    ...SAMPLER_OPTION,
    label: 'Tolerance',
    help: 'The error a step may have. Less is more exact and slower.',
    min: 0.0001,
    max: 0.5,
    step: 0.001,
    default: 0.05,
  }),
  langevin: number({
    ...SAMPLER_OPTION,
    label: 'Langevin step',
    help: 'How far a Langevin step goes. Higher values explore more.',
    min: 0.01,
    max: 1,
    step: 0.01,
    default: 0.16,
  }),
  corrections: number({
    ...SAMPLER_OPTION,
    label: 'Langevin steps',
    help: 'Langevin steps at each noise level.',
    min: 1,
    max: 20,
    step: 1,
    integer: true,
    default: 4,
  }),
  unipcVariant: choice({
    ...SAMPLER_OPTION,
    label: 'UniPC variant',
    choices: [
      { value: 'bh1', label: 'bh1', description: 'A1111’s; for very few steps without guidance.' },
      { value: 'bh2', label: 'bh2', description: 'The authors’ choice with guidance.' },
    ],
  }),
  varianceType: choice({
    ...SAMPLER_OPTION,
    label: 'Variance',
    belongsTo: 'model',
    choices: [
      { value: 'fixed_small', label: 'Fixed small', description: 'That of the posterior.', text: 'fixed_small' },
      { value: 'fixed_large', label: 'Fixed large', description: 'Beta itself: noisier.', text: 'fixed_large' },
      {
        value: 'learned_range',
        label: 'Learned range',
        description: 'The model’s own, where it predicts one.',
        text: 'learned_range',
      },
    ],
  }),

  clipSkip: number({
    label: 'Clip skip',
    help: 'Reads the prompt from an earlier layer of the text encoder: 1 is the last. Many drawing models want 2.',
    min: 1,
    max: 12,
    step: 1,
    integer: true,
    default: 1,
    group: 'prompt',
    appliesTo: 'text',
    text: { order: 11 },
  }),

  guidanceRescale: number({
    label: 'CFG rescale',
    help: 'Reduces oversaturation at high CFG. 0 is off; 0.7 suits v-prediction models.',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0,
    belongsTo: 'model',
    group: 'guidance',
  }),
  guidanceStart: number({
    label: 'Guidance start',
    help: 'Fraction of the steps before guidance starts.',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0,
    group: 'guidance',
  }),
  guidanceEnd: number({
    label: 'Guidance end',
    help: 'Fraction of the steps after which guidance ends; the rest is twice as fast.',
    min: 0,
    max: 1,
    step: 0.05,
    default: 1,
    group: 'guidance',
  }),
  thresholding: choice({
    label: 'Thresholding',
    choices: [
      { value: 'model', label: 'The model’s own', description: 'As the model’s scheduler says.' },
      { value: 'none', label: 'None', description: 'Predictions stay as they are.' },
      { value: 'static', label: 'Static', description: 'Predictions are clipped to the range of pictures.' },
      {
        value: 'dynamic',
        label: 'Dynamic',
        description: 'Imagen’s: they are shrunk into that range, which saturates less at high guidance.',
      },
    ],
    group: 'guidance',
    appliesTo: 'thresholding',
  }),
  classifierScale: number({
    label: 'Classifier guidance',
    help: 'Pushes the picture toward what prompt or class name, by a classifier that came with the model. 0 is off.',
    min: 0,
    max: 20,
    step: 0.5,
    default: 0,
    belongsTo: 'model',
    group: 'guidance',
    appliesTo: 'classifier',
  }),

  /** Whose generator the noise comes from: torch's on the CPU, or CUDA's. */
  noiseSource: choice({
    label: 'Noise source',
    choices: [
      { value: 'cpu', label: 'CPU', description: 'The noise of torch on a CPU, as diffusers and ComfyUI draw it.' },
      { value: 'nv', label: 'NV', description: 'The noise of CUDA: repeats seeds of A1111 on an NVIDIA GPU.' },
    ],
    group: 'noise',
    text: { key: 'RNG', order: 13, always: true },
  }),
  etaNoiseSeedDelta: number({
    label: 'Eta noise seed delta',
    help: 'Added to the seed for the noise within the run (ENSD; 31337 in many shared settings).',
    min: 0,
    max: MAX_SEED,
    sliderMax: 65535,
    step: 1,
    integer: true,
    default: 0,
    group: 'noise',
    text: { key: 'ENSD', order: 12 },
  }),

  sigmaMin: number({
    label: 'Schedule min sigma',
    help: 'Smallest noise level of the schedule; 0 is the model’s own.',
    min: 0,
    max: 10,
    sliderMax: 1,
    step: 0.001,
    default: 0,
    group: 'schedule',
    shownWhen: ({ levels }) => 'sigmaMin' in levels.options,
  }),
  sigmaMax: number({
    label: 'Schedule max sigma',
    help: 'Largest noise level of the schedule; 0 is the model’s own.',
    min: 0,
    max: 200,
    sliderMax: 40,
    step: 0.1,
    default: 0,
    group: 'schedule',
    shownWhen: ({ levels }) => 'sigmaMax' in levels.options,
  }),
  rho: number({
    label: 'Schedule rho',
    help: 'How the steps crowd at low noise; 0 is the schedule’s own (Karras: 7).',
    min: 0,
    max: 20,
    step: 0.5,
    default: 0,
    group: 'schedule',
    shownWhen: ({ levels }) => 'rho' in levels.options,
  }),
  betaAlpha: number({
    label: 'Beta schedule alpha',
    help: 'Lower values place more steps at the start, where the noise is strongest.',
    min: 0.1,
    max: 2,
    step: 0.05,
    default: 0.6,
    group: 'schedule',
    shownWhen: ({ levels }) => 'alpha' in levels.options,
  }),
  betaBeta: number({
    label: 'Beta schedule beta',
    help: 'Lower values place more steps at the end, where detail comes in.',
    min: 0.1,
    max: 2,
    step: 0.05,
    default: 0.6,
    group: 'schedule',
    shownWhen: ({ levels }) => 'beta' in levels.options,
  }),
  discardPenultimate: flag({
    label: 'Discard penultimate sigma',
    help: 'One step more is planned and the last noise level but one left out.',
    belongsTo: 'sampler',
    group: 'schedule',
    shownWhen: ({ sampler, levels }) => !sampler.ends && levels.group === 'Noise levels',
    text: { order: 25, always: true },
  }),
  /** The model is told the nearest timestep it was trained on, instead of one in between. */
  quantise: flag({
    label: 'Quantise timesteps',
    help: 'Rounds to timesteps the model was trained on (A1111’s "Enable quantization"): a little sharper.',
    group: 'schedule',
    text: { key: 'Quantize timesteps', order: 25, always: true },
  }),
} satisfies Readonly<Record<string, Field>>;

type Fields = typeof FIELDS;
export type FieldName = keyof Fields;
/** Names of the fields that are of a kind, such as `{ kind: 'number' }`, or marked as such. */
export type FieldsThat<Is> = { [Name in FieldName]: Fields[Name] extends Is ? Name : never }[FieldName];
export type NumberName = FieldsThat<{ kind: 'number' }>;
export type ChoiceName = FieldsThat<{ kind: 'choice' }>;
export type FlagName = FieldsThat<{ kind: 'flag' }>;

/** The names of fields, in the table's order: all, or those of which something holds. */
export function fieldNames(holds: (field: Field) => boolean = () => true): FieldName[] {
  return (Object.keys(FIELDS) as FieldName[]).filter((name) => holds(FIELDS[name]));
}

export const NUMBER_NAMES = fieldNames(({ kind }) => kind === 'number') as NumberName[];

/** Fields that mean something else to each sampler, so that each starts from its own. */
export const SAMPLER_FIELDS = fieldNames(
  ({ appliesTo, belongsTo }) => appliesTo === 'sampler-option' || belongsTo === 'sampler',
);

/** The fields of a group of the form, in its order. */
export const fieldsOfGroup = (group: FieldGroup): FieldName[] => fieldNames((field) => field.group === group);

/** Why `value` cannot stand in `name`, as a sentence with the limit; undefined when it can. */
export const fieldError = (name: FieldName, value: unknown): Said | undefined =>
  errorIn(FIELDS[name], fieldLabel(name), value);

/** What a setting is called, in a sentence. */
export const fieldLabel = (name: FieldName): Label => settingLabel(name, FIELDS[name].label);
