/**
 * The hires fix of A1111 1.10 (`modules/processing.py`): a picture is painted at one size, made larger, and painted
 * again from there. What its second pass is, by the settings of the first.
 */

import type { SamplerId } from '../diffusion/samplers/index';
import { samplerEntry } from '../diffusion/samplers/index';
import type { StepScheduleId } from '../diffusion/step-schedules/index';
import type { Size } from '../image/picture';
import { UPSCALERS, type UpscalerId, type UpscalerWay } from '../image/upscalers';
import { type FileChoice, fileChosen } from './field';
import { FIELDS, SAME, SAMPLER_FIELDS } from './fields';

/** What of a request says how large its picture becomes. */
interface Sizes extends Size {
  hires?: boolean;
  hiresScale?: number;
  hiresWidth?: number;
  hiresHeight?: number;
}

/** What of a request the second pass has otherwise. */
interface Passes extends Sizes {
  prompt: string;
  negativePrompt: string;
  sampler: SamplerId;
  schedule: StepScheduleId;
  steps: number;
  hiresUpscaler?: UpscalerId | FileChoice;
  hiresSteps?: number;
  hiresStrength?: number;
  hiresSampler?: SamplerId | typeof SAME;
  hiresSchedule?: StepScheduleId | typeof SAME;
  hiresPrompt?: string;
  hiresNegativePrompt?: string;
  denoisingStrength?: number;
  exactSteps?: boolean;
}

/** How the first pass's picture becomes the second's, in pixels. */
export interface HiresSize extends Size {
  /** What it is enlarged to, and where the second pass's picture lies in that. */
  enlarged: Size;
  x: number;
  y: number;
}

/** What most latents have. */
const CELL = 8;

/**
 * The size of the second pass, in whole cells of the latent. With both sides given, the picture is enlarged to cover
 * them and what is over is cut off around the middle.
 * @param cell pixels of a latent cell, along a side
 */
export function hiresSize(request: Sizes, cell = CELL): HiresSize {
  const enlarged = enlargedTo(request);
  const { hiresWidth = 0, hiresHeight = 0 } = request;
  const bothGiven = hiresWidth > 0 && hiresHeight > 0;
  const along = (whole: number, wanted: number) => {
    const cells = Math.floor(whole / cell);
    const over = bothGiven ? Math.floor((whole - wanted) / cell) : 0;
    return { whole: cells * cell, at: Math.floor(over / 2) * cell, length: (cells - over) * cell };
  };
  const across = along(enlarged.width, hiresWidth);
  const down = along(enlarged.height, hiresHeight);
  return {
    enlarged: { width: across.whole, height: down.whole },
    x: across.at,
    y: down.at,
    width: across.length,
    height: down.length,
  };
}

/** As A1111's `calculate_target_resolution`, with its whole numbers. */
function enlargedTo({
  width,
  height,
  hiresScale = FIELDS.hiresScale.default,
  hiresWidth = 0,
  hiresHeight = 0,
}: Sizes): Size {
  const toWidth = () => ({ width: hiresWidth, height: Math.floor((hiresWidth * height) / width) });
  const toHeight = () => ({ width: Math.floor((hiresHeight * width) / height), height: hiresHeight });
  if (hiresWidth === 0 && hiresHeight === 0)
    return { width: Math.floor(width * hiresScale), height: Math.floor(height * hiresScale) };
  if (hiresHeight === 0) return toWidth();
  if (hiresWidth === 0) return toHeight();
  return width / height < hiresWidth / hiresHeight ? toWidth() : toHeight();
}

/** The size of the picture that a request comes to. */
export function resultSize(request: Sizes): Size {
  if (!request.hires) return { width: request.width, height: request.height };
  const { width, height } = hiresSize(request);
  return { width, height };
}

/** What enlarges the first pass's picture. */
export function hiresUpscaler({ hiresUpscaler: chosen = FIELDS.hiresUpscaler.default }: Passes): UpscalerWay {
  const name = fileChosen(chosen);
  return name === undefined ? UPSCALERS[chosen as UpscalerId].way : { works: 'network', name };
}

/** Sampler, schedule and steps of the second pass; a sampler that places its own levels follows no other schedule. */
export function hiresSampling({
  sampler: first,
  schedule,
  steps,
  hiresSampler = SAME,
  hiresSchedule = SAME,
  hiresSteps = 0,
}: Passes): Pick<Passes, 'sampler' | 'schedule' | 'steps'> {
  const sampler = hiresSampler === SAME ? first : hiresSampler;
  const followed = samplerEntry(sampler).ends ? 'automatic' : schedule;
  return { sampler, schedule: hiresSchedule === SAME ? followed : hiresSchedule, steps: hiresSteps || steps };
}

/**
 * The second pass as a request of its own: painted from the enlarged picture at the hires denoising strength, by
 * exactly its steps. A sampler's options are its own, so another sampler has none of them.
 * @param cell pixels of a latent cell, along a side
 */
export function hiresPass<Request extends Passes>(request: Request, cell = CELL): Request {
  const { width, height } = hiresSize(request, cell);
  const sampling = hiresSampling(request);
  const own: Partial<Record<string, undefined>> =
    sampling.sampler === request.sampler ? {} : Object.fromEntries(SAMPLER_FIELDS.map((name) => [name, undefined]));
  return {
    ...request,
    ...own,
    ...sampling,
    width,
    height,
    prompt: request.hiresPrompt || request.prompt,
    negativePrompt: request.hiresNegativePrompt || request.negativePrompt,
    denoisingStrength: request.hiresStrength ?? FIELDS.hiresStrength.default,
    exactSteps: true,
  };
}

/** The size that a model was made for, in another's shape: what a larger picture is painted at first. */
export function firstPassSize(wanted: Size, own: Size): Size {
  const scale = Math.sqrt((own.width * own.height) / (wanted.width * wanted.height));
  // As A1111's `old_hires_fix_first_pass_dimensions`.
  const side = (length: number) => Math.ceil((scale * length) / FIRST_PASS_GRID) * FIRST_PASS_GRID;
  return { width: side(wanted.width), height: side(wanted.height) };
}

const FIRST_PASS_GRID = 64;
