import { said } from '../../core/errors';
import { unusable } from './part';

/** What steers a painting by a second picture: lines, depth, poses. */
export const control = unusable('control', [
  {
    what: said`a ControlNet`,
    key: /^(?:control_model\.|controlnet_(?:cond_embedding|down_blocks|mid_block|blocks|x_embedder)\b|(?:input_hint_block|zero_convs)\.|lora_controlnet$)/,
  },
  { what: said`a T2I-Adapter`, key: /^(?:adapter\.)?body\.\d+\.(?:resnets\.\d+\.)?block1\./ },
]);
