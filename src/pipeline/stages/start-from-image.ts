import { like } from '../../core/array';
import {
  keepingOriginal,
  lastSteps,
  type MaskAt,
  masked,
  reimposing,
  softMask,
} from '../../core/diffusion/image-to-image';
import { diffused, varianceExploding } from '../../core/diffusion/noise-level';
import { samplerEntry } from '../../core/diffusion/samplers/index';
import type { Denoiser, Latent, SamplerOptions, StepPlan } from '../../core/diffusion/types';
import { pictureToPlanes } from '../../core/image/planes';
import { resample } from '../../core/image/resample';
import type { GenerationRequest } from '../../core/request';
import type { PaintingModel } from '../../model/types';
import type { LatentSize } from '../denoise';
import { besideNothing, besidePicture, encodedPlanes, posteriorDraw, takesMask } from '../input-image/encode';
import type { Frame } from '../input-image/frame';
import type { PaintTask } from '../input-image/prepare';

/** How a run from a given picture begins, and what holds it to that picture. */
export interface Beginning {
  start: Latent;
  plan: StepPlan;
  /** Channels that an inpainting UNet sees beside the latent. */
  beside?: Float32Array;
  hold(denoiser: Denoiser): Denoiser;
  afterStep?: SamplerOptions['afterStep'];
  /** The painted latent with what was kept. */
  finish(latent: Latent): Latent;
}

/** A latent noised to where the last `run` steps of a plan begin. */
export function fromLatent(
  whole: StepPlan,
  run: number,
  latent: Latent,
  noise: Latent,
): Pick<Beginning, 'start' | 'plan'> {
  const plan = lastSteps(whole, run);
  return { plan, start: diffused(latent, noise, varianceExploding(plan.sigmas[0])) };
}

export interface GivenRun {
  model: PaintingModel;
  request: GenerationRequest;
  /** Of the latent. */
  size: LatentSize;
  whole: StepPlan;
  /** How many of the plan's last steps are run. */
  run: number;
  /** The seed's, of deviation 1. */
  noise: Latent;
}

/** A run that nothing holds to a picture. */
const UNHELD = { hold: (denoiser: Denoiser) => denoiser, finish: (latent: Latent) => latent };

/** Begins a run from noise alone. */
export async function beginAnew(
  model: PaintingModel,
  size: LatentSize,
  plan: StepPlan,
  start: Latent,
): Promise<Beginning> {
  return { ...UNHELD, start, plan, beside: takesMask(model) ? await besideNothing(model, size) : undefined };
}

/** Begins a run from a given picture, as A1111's img2img and inpainting do (or keeping the rest of the picture as diffusers does). */
export async function beginFrom(task: PaintTask, setting: GivenRun): Promise<Beginning> {
  const { grid, frame } = task;
  const { model, request, noise, whole, run } = setting;
  const encoded = await encodedFrame(frame, setting);
  const original = grid ? withMaskedContent(encoded, grid, noise, request) : encoded;
  const beginning = fromLatent(whole, run, original, noise);
  const beside = takesMask(model) ? await besideFrame(task, setting) : undefined;
  const free = { ...UNHELD, ...beginning, beside };
  if (!grid) return free;
  const mask: MaskAt = request.softMask ? softMask(grid, beginning.plan.sigmas) : () => grid;
  const { inpaintWay = 'a1111', sampler } = request;
  switch (inpaintWay) {
    case 'a1111':
      return {
        ...free,
        hold: (denoiser) => keepingOriginal(denoiser, original, mask),
        // A run may end a little above no noise.
        finish: (latent) => masked(original, latent, mask(0)),
      };
    case 'diffusers':
      // An inpainting UNet is left to see the mask and the rest by itself.
      if (beside) return free;
      return { ...free, afterStep: reimposing(original, noise, mask, samplerEntry(sampler).coordinates) };
    default:
      inpaintWay satisfies never;
      throw new RangeError(`Unknown way of inpainting "${String(inpaintWay)}".`);
  }
}

/** The frame's latent, stretched to the painting's where it was encoded at another size (latent resize). */
async function encodedFrame({ content }: Frame, { model, request, size }: GivenRun): Promise<Float64Array> {
  const latent = await encodedPlanes(model, pictureToPlanes(content), content, posteriorDraw(request));
  const { latentScale, latentChannels } = model.info;
  const from = { height: content.height / latentScale, width: content.width / latentScale };
  if (from.height === size.height && from.width === size.width) return latent;
  const [before, after] = [from.height * from.width, size.height * size.width];
  const stretched = new Float64Array(latentChannels * after);
  for (let c = 0; c < latentChannels; c++) {
    const channel = Float32Array.from(latent.subarray(c * before, (c + 1) * before));
    stretched.set(resample(channel, from, size, 'bilinear'), c * after);
  }
  return stretched;
}

/** A1111's "Masked content" as far as it is made in the latent. */
function withMaskedContent(
  latent: Float64Array,
  grid: Float32Array,
  noise: Latent,
  request: GenerationRequest,
): Float64Array {
  const { maskedContent = 'original' } = request;
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

function besideFrame({ frame, grid }: PaintTask, { model, request, size }: GivenRun): Promise<Float32Array> {
  const { content, mask } = frame;
  return grid && mask ? besidePicture(model, content, mask, grid, request) : besideNothing(model, size);
}
