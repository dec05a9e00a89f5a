import { unusable } from './part';

const INSTEAD = ' alone. Open the whole model, which holds it.';

/** What reads the text, without what denoises. */
export const textEncoder = unusable('text-encoder', [
  {
    what: 'a CLIP text encoder',
    key: /^(?:text_model\.)?encoder\.layers\.\d+\.self_attn\./,
    instead: INSTEAD,
  },
  { what: 'an OpenCLIP text encoder', key: /^transformer\.resblocks\.\d+\./, instead: INSTEAD },
  {
    what: 'a T5 text encoder (of Flux, SD 3 or like them)',
    key: /^(?:encoder|transformer\.encoder)\.block\.\d+\.layer\.\d+\./,
    instead: ', which Stable Diffusion does not use.',
  },
]);
