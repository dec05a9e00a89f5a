/**
 * The fields of a request that mean something only when a picture is given to paint from; labels, ranges and defaults
 * are A1111's.
 */

import { MASKED_CONTENT } from '../image/masked-content';
import { RESIZE_MODES } from '../image/resize-modes';
import type { ChoiceField, FlagField, NumberField } from './field';

/** What applies to any given picture. */
export const GIVEN_PICTURE_NUMBERS = ['denoisingStrength'] as const;
export const GIVEN_PICTURE_CHOICES = ['resizeMode', 'posterior'] as const;
export const GIVEN_PICTURE_FLAGS = ['exactSteps'] as const;
/** What applies only where a mask is given too. */
export const MASK_NUMBERS = ['maskBlur', 'inpaintPadding'] as const;
export const MASK_CHOICES = ['maskMode', 'maskedContent', 'inpaintArea', 'inpaintWay'] as const;
export const MASK_FLAGS = ['softMask'] as const;

export type GivenNumber = (typeof GIVEN_PICTURE_NUMBERS)[number] | (typeof MASK_NUMBERS)[number];
export type GivenChoice = (typeof GIVEN_PICTURE_CHOICES)[number] | (typeof MASK_CHOICES)[number];
export type GivenFlag = (typeof GIVEN_PICTURE_FLAGS)[number] | (typeof MASK_FLAGS)[number];

export const GIVEN_NUMBER_FIELDS: Readonly<Record<GivenNumber, NumberField>> = {
  denoisingStrength: {
    label: 'Denoising strength',
    min: 0,
    max: 1,
    step: 0.01,
    default: 0.75,
    integer: false,
    help: 'How far the painting may go from the picture. 0 returns it as it is; 1 keeps almost nothing of it.',
  },
  maskBlur: {
    label: 'Mask blur',
    min: 0,
    max: 64,
    step: 1,
    default: 4,
    integer: true,
    help: 'How softly the painted part passes into the rest, in pixels.',
  },
  inpaintPadding: {
    label: 'Only masked padding, pixels',
    min: 0,
    max: 256,
    step: 4,
    default: 32,
    integer: true,
    help: 'How much around the mask the model sees when only the masked part is painted.',
  },
};

export const GIVEN_CHOICE_FIELDS = {
  resizeMode: {
    label: 'Resize mode',
    choices: [
      ...RESIZE_MODES.map(({ id, label, hint }) => ({ value: id, label, description: hint })),
      {
        value: 'latent-resize',
        label: 'Just resize (latent upscale)',
        description: 'Stretches the latent instead: new detail comes out of the blur at high denoising strengths.',
      },
    ],
  },
  posterior: {
    label: 'VAE encoding',
    choices: [
      { value: 'mean', label: 'Mean', description: 'The picture as the autoencoder sees it most likely.' },
      { value: 'sample', label: 'Sampled', description: 'Drawn from the autoencoder’s posterior by the seed.' },
    ],
  },
  maskMode: {
    label: 'Mask mode',
    choices: [
      { value: 'masked', label: 'Inpaint masked', description: 'Paints what is masked anew.' },
      { value: 'not-masked', label: 'Inpaint not masked', description: 'Keeps what is masked and paints the rest.' },
    ],
  },
  maskedContent: {
    label: 'Masked content',
    choices: MASKED_CONTENT.map(({ id, label, hint }) => ({ value: id, label, description: hint })),
    default: 'original',
  },
  inpaintArea: {
    label: 'Inpaint area',
    choices: [
      { value: 'whole', label: 'Whole picture', description: 'The model sees all of the picture.' },
      {
        value: 'only-masked',
        label: 'Only masked',
        description: 'Only the part around the mask is painted, at the full size, and pasted back: more detail.',
      },
    ],
  },
  inpaintWay: {
    label: 'Keeping the rest',
    choices: [
      { value: 'a1111', label: 'A1111', description: 'What the model predicts outside the mask is the original.' },
      { value: 'diffusers', label: 'diffusers', description: 'After each step the original, noised, is put back.' },
    ],
  },
} as const satisfies Readonly<Record<GivenChoice, ChoiceField>>;

export const GIVEN_FLAG_FIELDS = {
  exactSteps: {
    label: 'With img2img, do exactly the amount of steps the slider specifies',
    help: 'Without it, a lower denoising strength runs fewer steps.',
  },
  softMask: {
    label: 'Soft mask',
    help: 'Grey in the mask is partial strength: the darker, the less is painted anew.',
  },
} as const satisfies Readonly<Record<GivenFlag, FlagField>>;
