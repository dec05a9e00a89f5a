import { blurMask, maskedBox } from '../../core/image/blur';
import { expandToRatio, overlayMask, paddedBox, pasteBack } from '../../core/image/inpaint-region';
import { fillMasked } from '../../core/image/masked-content';
import { invertMask } from '../../core/image/morphology';
import { overlapAround } from '../../core/image/overlap';
import {
  type Box,
  blankMask,
  cropMask,
  cropPicture,
  type GivenPicture,
  intersection,
  type Mask,
  type Picture,
  type Size,
} from '../../core/image/picture';
import { resizeMask } from '../../core/image/resample';
import { placement, type ResizeMode, resizeMaskTo, resizeTo, sourceOf } from '../../core/image/resize-modes';
import type { GenerationRequest } from '../../core/request';
import { NUMBER_FIELDS } from '../../core/request-fields';

/** What is painted of a given picture: brought to the painting's size, and the way back. */
export interface Frame {
  /** Opaque: what is encoded. As large as the painting, but for latent resize, where it has its own size in whole latent cells. */
  content: Picture;
  /** As large as the painting, blurred: 255 is painted anew. Absent where all of it is. */
  mask?: Mask;
  /** What of the given picture the result shows, in its pixels. */
  place: Box;
  /** The painting as the result: itself, or laid into the given picture through the mask. */
  finish(painted: Picture): Picture;
}

export interface MaskedFrame extends Frame {
  mask: Mask;
  /** Where the given picture has nothing, so that it is painted whatever the mask's rounding says. */
  holes?: Mask;
}

/** A1111's resize mode for pixels; its latent one stretches as "Just resize" does. */
function pixelMode({ resizeMode = 'just-resize' }: GenerationRequest): ResizeMode {
  return resizeMode === 'latent-resize' ? 'just-resize' : resizeMode;
}

/** A given picture at the request's size, nothing else done to it. */
export function resized(picture: Picture, request: GenerationRequest): Picture {
  return resizeTo(pixelMode(request), picture, { width: request.width, height: request.height }).content;
}

/** The size to encode a given picture at, all of which is painted. */
function encodedSize(picture: Picture, { resizeMode, width, height }: GenerationRequest, factor: number): Size {
  if (resizeMode !== 'latent-resize') return { width, height };
  const shrink = Math.min(1, NUMBER_FIELDS.width.max / Math.max(picture.width, picture.height));
  const whole = (side: number) => Math.max(1, Math.round((side * shrink) / factor)) * factor;
  return { width: whole(picture.width), height: whole(picture.height) };
}

/**
 * All of a given picture, painted at width x height (img2img). What is transparent takes the colours around it.
 * @param factor pixels of a latent cell.
 */
export function wholeFrame({ picture }: GivenPicture, request: GenerationRequest, factor: number): Frame {
  const size = { width: request.width, height: request.height };
  const mode = pixelMode(request);
  const { content } = resizeTo(mode, picture, encodedSize(picture, request, factor));
  return {
    content: opaque(filled(content)),
    place: sourceOf(mode, picture, size, { x: 0, y: 0, ...size }),
    finish: (painted) => painted,
  };
}

/**
 * The part of a given picture that is painted through a mask, as A1111's img2img prepares it: mask blurred at the picture's own size,
 * then all of both brought to width x height, or only the part around the mask.
 * @param factor pixels of a latent cell.
 * @returns undefined for a mask with nothing in it.
 */
export function maskedFrame(
  { picture, mask }: Required<GivenPicture>,
  request: GenerationRequest,
  factor: number,
): MaskedFrame | undefined {
  const { maskMode = 'masked', inpaintArea = 'whole' } = request;
  const holes = holesOf(picture);
  const wanted = together(maskMode === 'masked' ? mask : invertMask(mask), holes);
  const blur = request.maskBlur ?? NUMBER_FIELDS.maskBlur.default;
  const blurred = together(blurMask(wanted, blur), holes);
  if (!maskedBox(blurred)) return undefined;
  // Grey in a soft mask says how much is painted, not how much of the painting shows.
  const feather = request.softMask ? together(blurMask(touched(wanted), blur), holes) : blurred;
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

/** How far into the picture outpainting overlaps it. One cell less, and the latent's own seam shows in one of the bench's four pictures. */
const OVERLAP_CELLS = 3;

/** A mask of a box as one of all the picture. */
const within = (mask: Mask, box: Box, { width, height }: Size): Mask =>
  cropMask(mask, { x: -box.x, y: -box.y, width, height });

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
): MaskedFrame {
  const size = { width: request.width, height: request.height };
  const mode = pixelMode(request);
  const shown = intersection(placement(mode, picture, size), { x: 0, y: 0, ...size });
  const source = sourceOf(mode, picture, size, shown);
  const encoded = encodedSize(picture, request, factor);
  const missing = holes && resizeMaskTo(mode, holes, size).content;
  const overlap = missing && overlapAround(missing, OVERLAP_CELLS * factor);
  const along = overlap && within(resizeMask(cropMask(overlap.shown, shown), source, 'bilinear'), source, picture);
  const showing = together(overlay, along);
  return {
    content: prepared(
      resizeTo(mode, picture, encoded).content,
      () => resizeMaskTo(mode, mask, encoded).content,
      request,
    ),
    mask: together(resizeMaskTo(mode, mask, size).content, overlap?.painted),
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
): MaskedFrame {
  const size = { width: request.width, height: request.height };
  const padding = request.inpaintPadding ?? NUMBER_FIELDS.inpaintPadding.default;
  const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
  const box = expandToRatio(paddedBox(overlay, padding) ?? whole, size, picture);
  const maskPart = (of: Mask) => resizeMaskTo('resize-and-fill', cropMask(of, box), size).content;
  const part = maskPart(mask);
  const missing = holes && maskPart(holes);
  const overlap = missing && overlapAround(missing, OVERLAP_CELLS * factor);
  const along =
    overlap && within(resizeMaskTo('crop-and-resize', overlap.shown, box, 'bilinear').content, box, picture);
  const showing = together(overlay, along);
  return {
    content: prepared(resizeTo('resize-and-fill', cropPicture(picture, box), size).content, () => part, request),
    mask: together(part, overlap?.painted),
    holes: missing,
    place: whole,
    finish: (painted) => pasteBack(picture, painted, box, showing),
  };
}

/** What stands under the mask before it is encoded; A1111 fills it for every masked content but "original". */
function prepared(content: Picture, mask: () => Mask, { maskedContent = 'original' }: GenerationRequest): Picture {
  return opaque(maskedContent === 'original' ? filled(content) : fillMasked(content, mask()));
}

/** What is transparent, filled from around. */
function filled(picture: Picture): Picture {
  for (let i = 3; i < picture.data.length; i += 4)
    if (picture.data[i] < 255) return fillMasked(picture, blankMask(picture));
  return picture;
}

const GREY = 128;

/** Whatever colour was reached by, as A1111 takes it; mid grey, the middle of what an autoencoder encodes, where nothing was. */
function opaque(picture: Picture): Picture {
  const data = picture.data.slice();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 0) data.fill(GREY, i, i + 3);
    data[i + 3] = 255;
  }
  return { ...picture, data };
}

/** Where a picture is fully transparent: nothing is there yet. Undefined where it is nowhere. */
function holesOf({ width, height, data }: Picture): Mask | undefined {
  const holes = blankMask({ width, height });
  let any = false;
  for (let i = 0; i < holes.data.length; i++) {
    if (data[4 * i + 3] > 0) continue;
    holes.data[i] = 255;
    any = true;
  }
  return any ? holes : undefined;
}

/** What either mask paints. */
function together(mask: Mask, holes: Mask | undefined): Mask {
  if (!holes) return mask;
  return { ...mask, data: mask.data.map((value, i) => Math.max(value, holes.data[i])) };
}

/** Everything that a mask paints at all. */
const touched = (mask: Mask): Mask => ({ ...mask, data: mask.data.map((value) => (value > 0 ? 255 : 0)) });
