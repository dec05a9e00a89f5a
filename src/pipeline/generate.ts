import type { InputImage } from '../core/image/picture';
import { resultSize } from '../core/request/hires';
import type { GenerationRequest } from '../core/request/request';
import type { Walk } from '../core/request/walk';
import type { PaintingModel } from '../model/running/painting-model';
import type { RunningUpscaler } from '../model/running/running-upscaler';
import { latentSizeOf } from './latent-size';
import type { Painted } from './painted';
import { type PaintHooks, Progress } from './progress';
import { RECIPES } from './recipes/index';
import { TextCache } from './text-cache';

/** Where a painting begins, if not at the seed's noise alone. */
export interface From {
  /** Where it stands between the request's seed or prompt and another one. */
  walk?: Walk;
  /** The picture it is painted from. */
  given?: InputImage;
  /** The network that the request enlarges with, where it names one. */
  upscaler?: RunningUpscaler;
}

/**
 * Paints one picture, from noise or from a given one.
 * @param request with its seed resolved; `batchCount` is the caller's business.
 * @param texts what was encoded before, with the LoRAs and embeddings that the model carries now
 * @returns width x height pixels; as many as the given picture has, where a mask says what of it is painted.
 * @throws EaselError `bad-request` for a size or a clip skip the model cannot do; whatever the model throws; the
 * signal's reason.
 */
export async function paint(
  model: PaintingModel,
  request: GenerationRequest,
  hooks: PaintHooks = {},
  { walk, given, upscaler }: From = {},
  texts = new TextCache(),
): Promise<Painted> {
  const progress = new Progress(hooks);
  model.arrangeFor(given ? request : resultSize(request), hooks.signal);
  const run = { model, request, walk, upscaler, size: latentSizeOf(model, request), texts, progress };
  for (const recipe of RECIPES) {
    const result = await recipe(run, given);
    if (!result) continue;
    const notes = [...result.notes, ...(upscaler?.takeNotes() ?? [])];
    return { ...result, notes, timings: progress.timings() };
  }
  throw new RangeError('No recipe takes the run up.');
}
