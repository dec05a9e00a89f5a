import { blurMask, maskedBox } from '../../core/image/blur';
import { expandToRatio, overlayMask, paddedBox, pasteBack } from '../../core/image/inpaint-region';
import { invertMask } from '../../core/image/morphology';
import { overlapAround } from '../../core/image/overlap';
import {
  cropMask,
  cropPicture,
  type InputImage,
  intersection,
  type Mask,
  type Picture,
} from '../../core/image/picture';
import { resizeMask } from '../../core/image/resample';
import { placement, resizeMaskTo, resizeTo, sourceOf } from '../../core/image/resize-modes';
import { FIELDS } from '../../core/request/fields';
import type { GenerationRequest } from '../../core/request/request';
import { binarize, holesOf, placeMask, prepared, unionMasks } from './fill';
import { encodedSize, type MaskedImage, pixelMode } from './prepared-image';

/**
 * The part of a given picture that is painted through a mask, as A1111's img2img prepares it: mask blurred at the
 * picture's own size, then all of both brought to width x height, or only the part around the mask.
 * @param factor pixels of a latent cell.
 * @returns undefined for a mask with nothing in it.
 */
export function maskedImage(
  { picture, mask }: Required<InputImage>,
  request: GenerationRequest,
  factor: number,
): MaskedImage | undefined {
  const { maskMode = 'masked', inpaintArea = 'whole' } = request;
  const holes = holesOf(picture);
  const wanted = unionMasks(maskMode === 'masked' ? mask : invertMask(mask), holes);
  const blur = request.maskBlur ?? FIELDS.maskBlur.default;
  const blurred = unionMasks(blurMask(wanted, blur), holes);
  if (!maskedBox(blurred)) return undefined;
  // Grey in a soft mask says how much is painted, not how much of the painting shows.
  const feather = request.softMask ? unionMasks(blurMask(binarize(wanted), blur), holes) : blurred;
  switch (inpaintArea) {
    case 'whole':
      return allOf(picture, { mask: blurred, holes, overlay: overlayMask(feather) }, request, factor);
    case 'only-masked':
      return partOf(
        picture,
        { mask: blurred, holes, overlay: request.softMask ? overlayMask(feather) : feather },
        request,
        factor,
      );
    default:
      inpaintArea satisfies never;
      throw new RangeError(`Unknown inpaint area "${String(inpaintArea)}".`);
  }
}

/** How far outpainting overlaps the picture. One cell less, and one of the bench's four pictures shows a seam. */
const OVERLAP_CELLS = 3;

/** As large as the given picture. */
interface Masks {
  mask: Mask;
  holes: Mask | undefined;
  /** How much of the painting shows. */
  overlay: Mask;
}

function allOf(
  picture: Picture,
  { mask, holes, overlay }: Masks,
  request: GenerationRequest,
  factor: number,
): MaskedImage {
  const size = { width: request.width, height: request.height };
  const mode = pixelMode(request);
  const shown = intersection(placement(mode, picture, size), { x: 0, y: 0, ...size });
  const source = sourceOf(mode, picture, size, shown);
  const encoded = encodedSize(picture, request, factor);
  const missing = holes && resizeMaskTo(mode, holes, size).content;
  const overlap = missing && overlapAround(missing, OVERLAP_CELLS * factor);
  const along = overlap && placeMask(resizeMask(cropMask(overlap.shown, shown), source, 'bilinear'), source, picture);
  const showing = unionMasks(overlay, along);
  return {
    content: prepared(
      resizeTo(mode, picture, encoded).content,
      () => resizeMaskTo(mode, mask, encoded).content,
      request,
    ),
    mask: unionMasks(resizeMaskTo(mode, mask, size).content, overlap?.painted),
    holes: missing,
    place: { x: 0, y: 0, width: picture.width, height: picture.height },
    finish: (painted) => pasteBack(picture, cropPicture(painted, shown), source, showing, 'just-resize'),
  };
}

function partOf(
  picture: Picture,
  { mask, holes, overlay }: Masks,
  request: GenerationRequest,
  factor: number,
): MaskedImage {
  const size = { width: request.width, height: request.height };
  const padding = request.inpaintPadding ?? FIELDS.inpaintPadding.default;
  const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
  const box = expandToRatio(paddedBox(overlay, padding) ?? whole, size, picture);
  const maskPart = (of: Mask) => resizeMaskTo('resize-and-fill', cropMask(of, box), size).content;
  const part = maskPart(mask);
  const missing = holes && maskPart(holes);
  const overlap = missing && overlapAround(missing, OVERLAP_CELLS * factor);
  const along =
    overlap && placeMask(resizeMaskTo('crop-and-resize', overlap.shown, box, 'bilinear').content, box, picture);
  const showing = unionMasks(overlay, along);
  return {
    content: prepared(resizeTo('resize-and-fill', cropPicture(picture, box), size).content, () => part, request),
    mask: unionMasks(part, overlap?.painted),
    holes: missing,
    place: whole,
    finish: (painted) => pasteBack(picture, painted, box, showing),
  };
}
