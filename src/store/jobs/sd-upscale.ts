import { type Said, toEaselError } from '../../core/errors';
import type { Picture } from '../../core/image/picture';
import { dropInapplicable } from '../../core/request/applicable';
import { fileChoice } from '../../core/request/field';
import type { Origin } from '../../core/request/recipe';
import { type GenerationRequest, requestConflict } from '../../core/request/request';
import { sdUpscaleSize } from '../../core/request/sd-upscale';
import type { DrawSeed } from '../../jobs/seeds';
import { sentenceText } from '../../texts/errors';
import { texts as fieldTexts } from '../../texts/fields';
import { texts } from '../../texts/store';
import { canvas } from '../canvas/canvas';
import { type Result, showLatest } from '../gallery/gallery';
import { isFilter, nameOfUpscaler } from '../library/upscalers';
import { notify } from '../notices';
import { currentRequest, firstProblem, useSettings } from '../settings/settings';
import { enqueue } from './enqueue';
import { withPixelsOf } from './result-pixels';

/** What is painted larger, and how. */
interface Enlarged {
  picture: Picture;
  /** What paints its tiles: prompts, sampler, seed and so on. */
  request: GenerationRequest;
  /** The result that it is. */
  origin?: Pick<Origin, 'number' | 'id'>;
  factor: number;
  /** A filter's id, or of a network's record in the library. */
  upscaler: string;
}

/** What cells of latents measure in all models that Easel opens for now: the engine looks at the model's own. */
const CELL = 8;

/**
 * Has a picture enlarged and painted in tiles of the size that the model was made for, after what already waits; it
 * stays as it is, and the larger one comes with the results.
 */
export function paintLarger({ picture, request, origin, factor, upscaler }: Enlarged, draw?: DrawSeed): void {
  const { defaults, values } = useSettings.getState();
  const tiled: GenerationRequest = {
    ...dropInapplicable(request, { from: 'picture' }),
    width: defaults.width,
    height: defaults.height,
    denoisingStrength: undefined,
    sdUpscale: true,
    sdUpscaleFactor: factor,
    sdUpscaleStrength: values.sdUpscaleStrength,
    sdUpscaleOverlap: values.sdUpscaleOverlap,
    sdUpscaleUpscaler: isFilter(upscaler) ? upscaler : fileChoice(nameOfUpscaler(upscaler)),
    batchCount: 1,
  };
  const problem = requestConflict(tiled) ?? sizeProblem(picture, tiled);
  if (problem !== undefined) {
    notify(sentenceText(problem));
    return;
  }
  const detail = texts.upscaledBy(factor, fieldTexts.sdUpscale.label);
  enqueue(
    { request: tiled, sink: 'gallery', given: { picture }, origin: origin && { ...origin, way: 'sd-upscale', detail } },
    draw,
  );
  showLatest();
}

/** The same of a result, which the larger one says it is of. */
export function paintResultLarger(
  { record }: Result,
  factor: number,
  upscaler: string,
  draw?: DrawSeed,
): Promise<void> {
  const { number, id, request } = record;
  return withPixelsOf(record, (picture) =>
    paintLarger({ picture, request, origin: { number, id }, factor, upscaler }, draw),
  );
}

/** The same of what the frame of the canvas shows, as the form says. @returns false where a field is wrong */
export function paintFrameLarger(factor: number, upscaler: string, draw?: DrawSeed): boolean {
  const settings = useSettings.getState();
  if (firstProblem(settings, 'picture')) return false;
  paintLarger(
    { picture: canvas.exportPicture(), request: currentRequest(settings, 'picture'), factor, upscaler },
    draw,
  );
  return true;
}

function sizeProblem(picture: Picture, request: GenerationRequest): Said | undefined {
  try {
    sdUpscaleSize(picture, request, CELL);
    return undefined;
  } catch (thrown) {
    return toEaselError(thrown).said;
  }
}
