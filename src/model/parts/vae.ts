import { said } from '../../core/errors';
import { autoencoderForm, readVae } from './autoencoder-file';
import { ANY_SCALING, hasNo, keysOf, type Part } from './part';

/** An autoencoder alone, which takes the place of a model's own. */
export const vae: Part = {
  kind: 'vae',
  what: said`an autoencoder (VAE) alone`,
  recognise(file) {
    const keys = keysOf(file);
    const form = autoencoderForm(keys);
    if (form === undefined || form === 'tiny') return hasNo(said`levels of an autoencoder`);
    if (keys.some((key) => key.includes('diffusion_model.')))
      return { is: false, because: said`it has a denoiser beside the autoencoder` };
    return { is: true, because: said`its levels are those of an autoencoder in the ${form} layout` };
  },
  report(file) {
    readVae(file, ANY_SCALING);
    return { kind: 'vae' };
  },
};
