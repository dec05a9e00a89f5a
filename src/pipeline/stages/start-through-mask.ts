import { like } from '../../core/array';
import { keepingOriginal, type MaskAt, masked, reimposing, softMask } from '../../core/diffusion/image-to-image';
import { samplerEntry } from '../../core/diffusion/samplers/index';
import type { Latent } from '../../core/diffusion/types';
import type { GenerationRequest } from '../../core/request/request';
import { encodedImage } from '../input-image/encode';
import { inpaintChannelsOf, isInpaintingModel } from '../input-image/inpaint-channels';
import type { MaskedImage } from '../input-image/prepared-image';
import type { PaintRun } from '../run';
import type { RunPlan } from './plan';
import { FREE, noisedLatent, type RunStart } from './start';

/**
 * Begins a run from a given picture that is painted through a mask, as A1111's inpainting does (or keeping the rest of
 * the picture as diffusers does).
 * @param grid the latent grid's mask: 1 repaints.
 */
export async function startThroughMask(
  run: PaintRun,
  { whole, steps, noise }: RunPlan,
  image: MaskedImage,
  grid: Float32Array,
): Promise<RunStart> {
  const { model, request, progress } = run;
  await progress.enter('encode-picture');
  const original = withMaskedContent(await encodedImage(run, image), grid, noise.starting, request);
  const start = noisedLatent(whole, steps, original, noise.starting);
  const spatial = isInpaintingModel(model) ? await inpaintChannelsOf(model, image, grid, request) : undefined;
  const free = { ...FREE, ...start, spatial };
  const mask: MaskAt = request.softMask ? softMask(grid, start.plan.sigmas) : () => grid;
  const { inpaintWay = 'a1111', sampler } = request;
  switch (inpaintWay) {
    case 'a1111':
      return {
        ...free,
        wrapDenoiser: (denoiser) => keepingOriginal(denoiser, original, mask),
        // A run may end a little above no noise.
        finish: (latent) => masked(original, latent, mask(0)),
      };
    case 'diffusers':
      // An inpainting UNet is left to see the mask and the rest by itself.
      if (spatial) return free;
      return { ...free, afterStep: reimposing(original, noise.starting, mask, samplerEntry(sampler).coordinates) };
    default:
      inpaintWay satisfies never;
      throw new RangeError(`Unknown way of inpainting "${String(inpaintWay)}".`);
  }
}

/** A1111's "Masked content" as far as it is made in the latent. */
function withMaskedContent(
  latent: Float64Array,
  grid: Float32Array,
  noise: Latent,
  { maskedContent = 'original' }: GenerationRequest,
): Float64Array {
  switch (maskedContent) {
    case 'fill':
    case 'original':
      return latent;
    case 'latent-noise':
      return masked(latent, Float64Array.from(noise), grid);
    case 'latent-nothing':
      return masked(latent, like(latent), grid);
    default:
      maskedContent satisfies never;
      throw new RangeError(`Unknown masked content "${String(maskedContent)}".`);
  }
}
