import { said } from '../../core/errors';
import { hasEncoder } from '../graph/autoencoder-config';
import { autoencoderForm, readVae } from './autoencoder-file';
import { ANY_SCALING, hasNo, keysOf, type Part } from './part';

/** TAESD, whole or its decoder: for live previews, or in the place of a model's own autoencoder. */
export const tinyVae: Part = {
  kind: 'tiny-vae',
  what: said`a tiny autoencoder (TAESD)`,
  recognise(file) {
    if (autoencoderForm(keysOf(file)) !== 'tiny') return hasNo(said`numbered layers of TAESD`);
    return { is: true, because: said`its numbered layers are those of TAESD` };
  },
  report: (file) => ({ kind: hasEncoder(readVae(file, ANY_SCALING).config) ? 'tiny-vae' : 'tiny-decoder' }),
};
