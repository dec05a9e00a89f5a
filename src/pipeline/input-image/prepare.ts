import { stepsAtStrength } from '../../core/diffusion/image-to-image';
import { latentMask } from '../../core/image/inpaint-region';
import type { Box, GivenPicture, Picture } from '../../core/image/picture';
import { NUMBER_FIELDS } from '../../core/request/fields';
import type { GenerationRequest } from '../../core/request/request';
import { maskedImage } from './masked-image';
import { type MaskedImage, type PreparedImage, resized, wholeImage } from './prepared-image';

/** What is to be done with a given picture, and what was done otherwise than asked, in sentences. */
export type ImageTask = { notes: readonly string[] } & (
  | /** There is nothing to paint: the result is `picture`. */
  { kind: 'unchanged'; picture: Picture; given: 'picture' | 'picture-and-mask'; place: Box }
  /** All of it is painted. */
  | { kind: 'image-to-image'; image: PreparedImage }
  /** What the latent grid's mask says is painted: 1 paints anew. */
  | { kind: 'inpaint'; image: MaskedImage; grid: Float32Array }
);

/** Brings a given picture to the painting's size, as the request asks for. @param factor pixels of a latent cell. */
export function planImageTask(given: GivenPicture, request: GenerationRequest, factor: number): ImageTask {
  const { picture, mask } = given;
  if (!mask) return wholeTask(given, request, factor, []);
  const image = maskedImage({ picture, mask }, request, factor);
  if (!image) return wholeTask(given, request, factor, ['The mask is empty: painted as img2img.']);
  const place = { x: 0, y: 0, width: picture.width, height: picture.height };
  const unchanged = { kind: 'unchanged', picture, given: 'picture-and-mask', place } as const;
  if (strengthOf(request) === 0) return { ...unchanged, notes: [] };
  const grid = gridMask(image, request, factor);
  if (grid.some((value) => value > 0)) return { kind: 'inpaint', image, grid, notes: [] };
  const note =
    'Nothing was painted: the mask is too faint or too small for the model’s grid, or outside what is painted.';
  return { ...unchanged, notes: [note] };
}

function wholeTask(
  given: GivenPicture,
  request: GenerationRequest,
  factor: number,
  notes: readonly string[],
): ImageTask {
  const image = wholeImage(given, request, factor);
  if (strengthOf(request) > 0) return { kind: 'image-to-image', image, notes };
  return { kind: 'unchanged', picture: resized(given.picture, request), given: 'picture', place: image.place, notes };
}

const strengthOf = ({ denoisingStrength = NUMBER_FIELDS.denoisingStrength.default }: GenerationRequest) =>
  denoisingStrength;

/** How many steps are planned and how many of them, the last ones, are run. */
export function stepsFrom(request: GenerationRequest): { planned: number; run: number } {
  return stepsAtStrength(request.exactSteps ? 'a1111-exactly' : 'a1111', request.steps, strengthOf(request));
}

/**
 * The latent grid's mask: 1 paints anew. Rounded as A1111 or diffusers do it, or each cell's share where grey counts.
 */
function gridMask({ mask, holes }: MaskedImage, request: GenerationRequest, factor: number): Float32Array {
  const grid = latentMask(mask, request.softMask ? 'area' : (request.inpaintWay ?? 'a1111'), factor);
  if (!holes) return grid;
  // A cell that shows even a little of a hole has nothing to keep; what is fainter is the resampling's ringing.
  const empty = latentMask(holes, 'area', factor);
  return grid.map((value, i) => (empty[i] > 0.02 ? 1 : value));
}
