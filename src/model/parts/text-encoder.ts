import { said } from '../../core/errors';
import { unusable } from './part';

const INSTEAD = said` alone. Open the whole model, which holds it.`;

/** What reads the text, without what denoises. */
export const textEncoder = unusable('text-encoder', [
  {
    what: said`a CLIP text encoder`,
    key: /^(?:text_model\.)?encoder\.layers\.\d+\.self_attn\./,
    instead: INSTEAD,
  },
  { what: said`an OpenCLIP text encoder`, key: /^transformer\.resblocks\.\d+\./, instead: INSTEAD },
  {
    what: said`a T5 text encoder (of Flux, SD 3 or like them)`,
    key: /^(?:encoder|transformer\.encoder)\.block\.\d+\.layer\.\d+\./,
    instead: said`, which Stable Diffusion does not use.`,
  },
]);
