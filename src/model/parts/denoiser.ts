import { said } from '../../core/errors';
import { TEXT_TOWER } from '../weights/original-names';
import { unusable } from './part';

const INSTEAD = said`: it lacks the text encoder. Open the whole model, as one file or as its folder.`;

/** What denoises, without what reads the text. */
export const denoiser = unusable('denoiser', [
  {
    what: said`a transformer model (Flux, SD 3 or like them)`,
    key: /^(?:model\.diffusion_model\.|transformer\.)?(?:(?:double|single|joint)_blocks|(?:single_)?transformer_blocks)\.\d+\.(?!.*lora)/,
    instead: said`, which Easel does not paint with.`,
  },
  {
    what: said`a UNet alone`,
    key: /^(?:(?:state_dict|module)\.)*model\.diffusion_model\.input_blocks\.0\.0\.weight$/,
    without: TEXT_TOWER,
    instead: INSTEAD,
  },
  {
    what: said`a UNet alone`,
    key: /^input_blocks\.0\.0\.weight$/,
    without: /^(?:input_hint_block|zero_convs|lora_controlnet)\b/,
    instead: INSTEAD,
  },
  {
    what: said`a UNet alone`,
    key: /^(?:unet\.)?up_blocks\.\d+\.resnets\.\d+\.conv1\.weight$/,
    instead: INSTEAD,
  },
]);
