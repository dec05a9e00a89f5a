import { networkInput } from '../core/diffusion/denoisers';
import { previewPixels } from '../core/diffusion/latent-format';
import type { Latent, StepInfo } from '../core/diffusion/types';
import { toEaselError } from '../core/errors';
import { planesToRgb, rgbToPicture } from '../core/image/planes';
import type { ModelInfo } from '../model/running/model-info';
import type { RunningAutoencoder } from '../model/running/running-autoencoder';
import type { PreviewImage } from './protocol';

/**
 * The part of a model that decodes its previews: a linear map of the latent, unless a tiny autoencoder does it better.
 */
export class Previews {
  #decoder: RunningAutoencoder | undefined;

  /** Decodes with this autoencoder from now on; by the linear map again without one. */
  async decodeWith(decoder: RunningAutoencoder | undefined): Promise<void> {
    await this.#decoder?.release();
    this.#decoder = decoder;
  }

  /**
   * What the model believes the picture to be after a step, and what it was given; undefined where no map fits the
   * latent.
   */
  async of(
    { x, sigma, denoised }: Pick<StepInfo, 'x' | 'sigma' | 'denoised'>,
    { previewFactors }: Pick<ModelInfo, 'previewFactors'>,
    height: number,
    width: number,
  ): Promise<{ image: PreviewImage; noisy: PreviewImage } | undefined> {
    if (!previewFactors) return undefined;
    const mapped = (latent: Latent) => previewPixels(latent, height, width, previewFactors);
    const image = (await this.#decoded(denoised, height, width)) ?? mapped(denoised);
    return { image, noisy: mapped(networkInput(x, sigma)) };
  }

  async #decoded(latent: Latent, height: number, width: number): Promise<PreviewImage | undefined> {
    if (!this.#decoder) return undefined;
    try {
      const planes = await this.#decoder.decode(latent, height, width);
      const scale = Math.sqrt(planes.length / 3 / (height * width));
      const { data, ...size } = rgbToPicture(planesToRgb(planes), width * scale, height * scale);
      return { ...size, rgba: data as PreviewImage['rgba'] };
    } catch (thrown) {
      if (toEaselError(thrown).code === 'device-lost') throw thrown;
      // A preview must not end a run: where memory is too short for it, the linear map takes over.
      await this.decodeWith(undefined);
      return undefined;
    }
  }
}
