import { stepsAtStrength } from '../../core/diffusion/image-to-image';
import { latentMask } from '../../core/image/inpaint-region';
import type { Box, GivenPicture, Picture } from '../../core/image/picture';
import type { GenerationRequest } from '../../core/request';
import { NUMBER_FIELDS } from '../../core/request-fields';
import { type Frame, type MaskedFrame, maskedFrame, resized, wholeFrame } from './frame';

/** What is to be done with a given picture. */
export type Task =
  /** There is nothing to paint: the result is `picture`. */
  { kind: 'keep'; picture: Picture; given: Given; place: Box; notes: readonly string[] } | PaintTask;

export interface PaintTask {
  kind: 'paint';
  frame: Frame;
  /** The latent grid's mask, where one says what is painted. */
  grid?: Float32Array;
  given: Given;
  notes: readonly string[];
}

type Given = 'picture' | 'picture-and-mask';

/** @param factor pixels of a latent cell. */
export function taskOf(given: GivenPicture, request: GenerationRequest, factor: number): Task {
  const { picture, mask } = given;
  const kept = { x: 0, y: 0, width: picture.width, height: picture.height };
  if (!mask) return wholeTask(given, request, factor, []);
  const frame = maskedFrame({ picture, mask }, request, factor);
  if (!frame) return wholeTask(given, request, factor, ['The mask is empty: painted as img2img.']);
  const keep = (notes: readonly string[]): Task => ({
    kind: 'keep',
    picture,
    given: 'picture-and-mask',
    place: kept,
    notes,
  });
  if (strengthOf(request) === 0) return keep([]);
  const grid = gridMask(frame, request, factor);
  if (grid.some((value) => value > 0)) return { kind: 'paint', frame, grid, given: 'picture-and-mask', notes: [] };
  return keep([
    'Nothing was painted: the mask is too faint or too small for the model’s grid, or outside what is painted.',
  ]);
}

function wholeTask(given: GivenPicture, request: GenerationRequest, factor: number, notes: readonly string[]): Task {
  const frame = wholeFrame(given, request, factor);
  if (strengthOf(request) > 0) return { kind: 'paint', frame, given: 'picture', notes };
  return { kind: 'keep', picture: resized(given.picture, request), given: 'picture', place: frame.place, notes };
}

const strengthOf = ({ denoisingStrength = NUMBER_FIELDS.denoisingStrength.default }: GenerationRequest) =>
  denoisingStrength;

/** How many steps are planned and how many of them, the last ones, are run. */
export function stepsFrom(request: GenerationRequest): { planned: number; run: number } {
  return stepsAtStrength(request.exactSteps ? 'a1111-exactly' : 'a1111', request.steps, strengthOf(request));
}

/** The latent grid's mask: 1 paints anew. Rounded as A1111 or diffusers do it, or each cell's share where grey counts. */
function gridMask({ mask, holes }: MaskedFrame, request: GenerationRequest, factor: number): Float32Array {
  const grid = latentMask(mask, request.softMask ? 'area' : (request.inpaintWay ?? 'a1111'), factor);
  if (!holes) return grid;
  // A cell that shows even a little of a hole has nothing to keep; what is fainter is the resampling's ringing.
  const empty = latentMask(holes, 'area', factor);
  return grid.map((value, i) => (empty[i] > 0.02 ? 1 : value));
}
