import { stepsAtStrength } from '../../core/diffusion/image-to-image';
import { type Said, said } from '../../core/errors';
import { latentMask } from '../../core/image/inpaint-region';
import type { InputImage } from '../../core/image/picture';
import { FIELDS } from '../../core/request/fields';
import type { GenerationRequest } from '../../core/request/request';
import { pixelsOf, type Result } from '../painted';
import type { PaintRun } from '../run';
import { maskedImage } from './masked-image';
import { type MaskedImage, type PreparedImage, resized, wholeImage } from './prepared-image';

/** There is nothing to paint. */
interface Unchanged {
  kind: 'unchanged';
  result: Result;
}

/** What is to be painted of a given picture, brought to the painting's size as the request asks for. */
interface InpaintTask {
  kind: 'inpaint';
  image: MaskedImage;
  /** The latent grid's mask: 1 repaints. */
  grid: Float32Array;
}

/** @returns undefined where nothing is masked */
export function planInpaint(
  { picture, mask }: InputImage,
  { request, model }: Pick<PaintRun, 'request' | 'model'>,
): InpaintTask | Unchanged | undefined {
  const factor = model.info.latentScale;
  const image = mask && maskedImage({ picture, mask }, request, factor);
  if (!image) return undefined;
  const unchanged = (notes: readonly Said[]): Unchanged => {
    const place = { x: 0, y: 0, width: picture.width, height: picture.height };
    return { kind: 'unchanged', result: { ...pixelsOf(picture), place, given: 'picture-and-mask', notes } };
  };
  if (strengthOf(request) === 0) return unchanged([]);
  const grid = gridMask(image, request, factor);
  if (grid.some((value) => value > 0)) return { kind: 'inpaint', image, grid };
  return unchanged([
    said`Nothing was painted: the mask is too faint or too small for the model’s grid, or outside what is painted.`,
  ]);
}

interface ImageToImageTask {
  kind: 'image-to-image';
  image: PreparedImage;
  notes: readonly Said[];
}

/** The same of a picture all of which is painted: one without a mask, or with an empty one. */
export function planImageToImage(
  given: InputImage,
  { request, model }: Pick<PaintRun, 'request' | 'model'>,
): ImageToImageTask | Unchanged {
  const notes = given.mask ? [said`The mask is empty: painted as img2img.`] : [];
  const image = wholeImage(given, request, model.info.latentScale);
  if (strengthOf(request) > 0) return { kind: 'image-to-image', image, notes };
  const { place } = image;
  return {
    kind: 'unchanged',
    result: { ...pixelsOf(resized(given.picture, request)), place, given: 'picture', notes },
  };
}

const strengthOf = ({ denoisingStrength = FIELDS.denoisingStrength.default }: GenerationRequest) => denoisingStrength;

/** How many steps are planned and how many of them, the last ones, are run. */
export function stepsFrom(request: GenerationRequest): { planned: number; run: number } {
  return stepsAtStrength(request.exactSteps ? 'a1111-exactly' : 'a1111', request.steps, strengthOf(request));
}

/**
 * The latent grid's mask: 1 repaints. Rounded as A1111 or diffusers do it, or each cell's share where grey counts.
 */
function gridMask({ mask, holes }: MaskedImage, request: GenerationRequest, factor: number): Float32Array {
  const grid = latentMask(mask, request.softMask ? 'area' : (request.inpaintWay ?? 'a1111'), factor);
  if (!holes) return grid;
  // A cell that shows even a little of a hole has nothing to keep; what is fainter is the resampling's ringing.
  const empty = latentMask(holes, 'area', factor);
  return grid.map((value, i) => (empty[i] > 0.02 ? 1 : value));
}
