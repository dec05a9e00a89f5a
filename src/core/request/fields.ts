/** The fields of a request beside its prompts: their labels (A1111's), ranges, defaults and help. */

import type { ChoiceField, FlagField, NumberField } from './field';
import { GIVEN_CHOICE_FIELDS, GIVEN_FLAG_FIELDS, GIVEN_NUMBER_FIELDS, type GivenNumber } from './image-fields';

/** Numbers that every request has. */
type RequiredNumber = 'steps' | 'cfgScale' | 'seed' | 'width' | 'height' | 'batchCount';
/** Numbers that samplers read, each with a default of its own. */
export const TUNING_NUMBERS = ['eta', 'sNoise', 'sChurn', 'sTmin', 'sTmax', 'order', 'tolerance', 'langevin', 'corrections'] as const; // biome-ignore format: a list
/** Numbers that stay out of a request until they are set. */
export const EXTRA_NUMBERS = ['clipSkip', 'guidanceRescale', 'guidanceStart', 'guidanceEnd', 'classifierScale', 'etaNoiseSeedDelta', 'sigmaMin', 'sigmaMax', 'rho', 'betaAlpha', 'betaBeta'] as const; // biome-ignore format: a list
export type TuningNumber = (typeof TUNING_NUMBERS)[number];
export type ExtraNumber = (typeof EXTRA_NUMBERS)[number];
export type NumberFieldName = RequiredNumber | TuningNumber | ExtraNumber | GivenNumber;

export const RANDOM_SEED = -1;
export const MAX_SEED = 2 ** 32 - 1;

/** Labels are A1111's, so that people find what they know. */
export const NUMBER_FIELDS: Readonly<Record<NumberFieldName, NumberField>> = {
  steps: {
    label: 'Steps',
    min: 1,
    max: 150,
    step: 1,
    default: 20,
    integer: true,
    help: 'How many denoising steps. With DPM++ 2M, pictures change little past 20 to 30; Euler and DDIM want more.',
  },
  cfgScale: {
    label: 'CFG scale',
    min: 1,
    max: 30,
    step: 0.5,
    default: 7,
    integer: false,
    help: 'How closely the picture follows the prompt. 1 turns guidance off and is twice as fast.',
  },
  seed: {
    label: 'Seed',
    min: RANDOM_SEED,
    max: MAX_SEED,
    step: 1,
    default: RANDOM_SEED,
    integer: true,
    help: 'The starting noise. The same seed and settings paint the same picture; -1 draws a new one.',
  },
  width: {
    label: 'Width',
    min: 64,
    max: 2048,
    step: 8,
    default: 512,
    integer: true,
    help: 'Picture width in pixels, a multiple of 8.',
  },
  height: {
    label: 'Height',
    min: 64,
    max: 2048,
    step: 8,
    default: 512,
    integer: true,
    help: 'Picture height in pixels, a multiple of 8.',
  },
  batchCount: {
    label: 'Batch count',
    min: 1,
    max: 64,
    step: 1,
    default: 1,
    integer: true,
    help: 'How many pictures to paint, with seeds counting up from the first.',
  },
  eta: {
    label: 'Eta',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0,
    integer: false,
    help: 'How much fresh noise each step adds. 0 repeats the same path; 1 is fully random.',
  },
  sNoise: {
    label: 'Sigma noise',
    min: 0.9,
    max: 1.1,
    step: 0.001,
    default: 1,
    integer: false,
    help: 'Scales the noise that is added. A little over 1 keeps more detail.',
  },
  sChurn: {
    label: 'Sigma churn',
    min: 0,
    max: 100,
    step: 1,
    default: 0,
    integer: false,
    help: 'Noise added before the steps, over the whole run. 0 adds none.',
  },
  sTmin: {
    label: 'Sigma tmin',
    min: 0,
    max: 10,
    step: 0.01,
    default: 0,
    integer: false,
    help: 'Churn only above this noise level.',
  },
  sTmax: {
    label: 'Sigma tmax',
    min: 0,
    max: 999,
    step: 0.1,
    default: 0,
    integer: false,
    help: 'Churn only below this noise level; 0 is no limit.',
  },
  order: {
    label: 'Order',
    min: 1,
    max: 4,
    step: 1,
    default: 3,
    integer: true,
    help: 'How many predictions the method looks back on.',
  },
  tolerance: {
    label: 'Tolerance',
    min: 0.0001,
    max: 0.5,
    step: 0.001,
    default: 0.05,
    integer: false,
    help: 'The error a step may have. Less is more exact and slower.',
  },
  langevin: {
    label: 'Langevin step',
    min: 0.01,
    max: 1,
    step: 0.01,
    default: 0.16,
    integer: false,
    help: 'How far a Langevin step goes. More wanders more.',
  },
  corrections: {
    label: 'Langevin steps',
    min: 1,
    max: 20,
    step: 1,
    default: 4,
    integer: true,
    help: 'Langevin steps at each noise level.',
  },
  clipSkip: {
    label: 'Clip skip',
    min: 1,
    max: 12,
    step: 1,
    default: 1,
    integer: true,
    help: 'Reads the prompt from an earlier layer of the text encoder: 1 is the last. Many drawing models want 2.',
  },
  guidanceRescale: {
    label: 'CFG rescale',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0,
    integer: false,
    help: 'Takes back the glare of a high CFG scale. 0 is off; 0.7 suits v-prediction models.',
  },
  guidanceStart: {
    label: 'Guidance start',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0,
    integer: false,
    help: 'Share of the steps before guidance begins.',
  },
  guidanceEnd: {
    label: 'Guidance end',
    min: 0,
    max: 1,
    step: 0.05,
    default: 1,
    integer: false,
    help: 'Share of the steps after which guidance ends; the rest is twice as fast.',
  },
  classifierScale: {
    label: 'Classifier guidance',
    min: 0,
    max: 20,
    step: 0.5,
    default: 0,
    integer: false,
    help: 'Pushes the picture toward what the prompt names, by a classifier that came with the model. 0 is off.',
  },
  etaNoiseSeedDelta: {
    label: 'Eta noise seed delta',
    min: 0,
    max: MAX_SEED,
    step: 1,
    default: 0,
    integer: true,
    help: 'Added to the seed for the noise within the run (ENSD; 31337 in many shared settings).',
  },
  sigmaMin: {
    label: 'Schedule min sigma',
    min: 0,
    max: 10,
    step: 0.001,
    default: 0,
    integer: false,
    help: 'Smallest noise level of the schedule; 0 is the model’s own.',
  },
  sigmaMax: {
    label: 'Schedule max sigma',
    min: 0,
    max: 200,
    step: 0.1,
    default: 0,
    integer: false,
    help: 'Largest noise level of the schedule; 0 is the model’s own.',
  },
  rho: {
    label: 'Schedule rho',
    min: 0,
    max: 20,
    step: 0.5,
    default: 0,
    integer: false,
    help: 'How the steps crowd at low noise; 0 is the schedule’s own (Karras: 7).',
  },
  betaAlpha: {
    label: 'Beta schedule alpha',
    min: 0.1,
    max: 2,
    step: 0.05,
    default: 0.6,
    integer: false,
    help: 'Less crowds the steps at the start, where the noise is strongest.',
  },
  betaBeta: {
    label: 'Beta schedule beta',
    min: 0.1,
    max: 2,
    step: 0.05,
    default: 0.6,
    integer: false,
    help: 'Less crowds the steps at the end, where detail comes in.',
  },
  ...GIVEN_NUMBER_FIELDS,
};

export const CHOICE_FIELDS = {
  unipcVariant: {
    label: 'UniPC variant',
    choices: [
      { value: 'bh1', label: 'bh1', description: 'A1111’s; for very few steps without guidance.' },
      { value: 'bh2', label: 'bh2', description: 'The authors’ choice with guidance.' },
    ],
  },
  varianceType: {
    label: 'Variance',
    choices: [
      { value: 'fixed_small', label: 'Fixed small', description: 'That of the posterior.' },
      { value: 'fixed_large', label: 'Fixed large', description: 'Beta itself: noisier.' },
      { value: 'learned_range', label: 'Learned range', description: 'The model’s own, where it predicts one.' },
    ],
  },
  noiseSource: {
    label: 'Noise source',
    choices: [
      { value: 'cpu', label: 'CPU', description: 'The noise of torch on a CPU, as diffusers and ComfyUI draw it.' },
      { value: 'nv', label: 'NV', description: 'The noise of CUDA: repeats seeds of A1111 on an NVIDIA GPU.' },
    ],
  },
  ...GIVEN_CHOICE_FIELDS,
} as const satisfies Record<string, ChoiceField>;

export type ChoiceFieldName = keyof typeof CHOICE_FIELDS;

/** What a choice is where nobody made it and the sampler has none of its own. */
export function defaultChoice(name: ChoiceFieldName): string {
  const field: ChoiceField = CHOICE_FIELDS[name];
  return field.default ?? field.choices[0].value;
}

/** Fields that are on or off; A1111's labels. */
export const FLAG_FIELDS = {
  fast: {
    label: 'Fast',
    help: 'Paints in a few steps with the LoRA that came with the model for that. Gives up some variety and detail.',
  },
  discardPenultimate: {
    label: 'Discard penultimate sigma',
    help: 'One step more is planned and the last noise level but one left out.',
  },
  quantise: {
    label: 'Quantize timesteps',
    help: 'Rounds to timesteps the model was trained on (A1111’s "Enable quantization"): a little sharper.',
  },
  ...GIVEN_FLAG_FIELDS,
} as const satisfies Record<string, FlagField>;

export type FlagFieldName = keyof typeof FLAG_FIELDS;

/** Why `value` cannot stand in `name`, as a sentence with the limit; undefined when it can. */
export function fieldError(name: NumberFieldName, value: unknown): string | undefined {
  const field = NUMBER_FIELDS[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) return `${field.label} must be a number.`;
  if (field.integer && !Number.isInteger(value)) return `${field.label} must be a whole number.`;
  if (value < field.min) return `${field.label} must be at least ${field.min}.`;
  if (value > field.max) return `${field.label} must be at most ${field.max}.`;
  if ((name === 'width' || name === 'height') && value % field.step !== 0) {
    const lower = Math.max(field.min, Math.floor(value / field.step) * field.step);
    return `${field.label} must be a multiple of ${field.step}, such as ${lower} or ${lower + field.step}.`;
  }
  return undefined;
}
