import type { Box, InputImage, Mask, Picture, Size } from '../../core/image/picture';
import { type ResizeMode, resizeTo, sourceOf } from '../../core/image/resize-modes';
import { FIELDS } from '../../core/request/fields';
import type { GenerationRequest } from '../../core/request/request';
import { filled, opaque } from './fill';

/** What is painted of a given picture: brought to the painting's size, and the way back. */
export interface PreparedImage {
  /**
   * Opaque: what is encoded. As large as the painting, but for latent resize, where it has its own size in whole latent
   * cells.
   */
  content: Picture;
  /** As large as the painting, blurred: 255 is repainted. Absent where all of it is. */
  mask?: Mask;
  /** What of the given picture the result shows, in its pixels. */
  place: Box;
  /** The painting as the result: itself, or laid into the given picture through the mask. */
  finish(painted: Picture): Picture;
}

export interface MaskedImage extends PreparedImage {
  mask: Mask;
  /** Where the given picture has nothing, so that it is painted whatever the mask's rounding says. */
  holes?: Mask;
}

/** A1111's resize mode for pixels; its latent one stretches as "Just resize" does. */
export function pixelMode({ resizeMode = 'just-resize' }: GenerationRequest): ResizeMode {
  return resizeMode === 'latent-resize' ? 'just-resize' : resizeMode;
}

/** A given picture at the request's size, nothing else done to it. */
export function resized(picture: Picture, request: GenerationRequest): Picture {
  return resizeTo(pixelMode(request), picture, { width: request.width, height: request.height }).content;
}

/** The size to encode a given picture at, all of which is painted. */
export function encodedSize(picture: Picture, { resizeMode, width, height }: GenerationRequest, factor: number): Size {
  if (resizeMode !== 'latent-resize') return { width, height };
  const shrink = Math.min(1, FIELDS.width.max / Math.max(picture.width, picture.height));
  const whole = (side: number) => Math.max(1, Math.round((side * shrink) / factor)) * factor;
  return { width: whole(picture.width), height: whole(picture.height) };
}

/**
 * All of a given picture, painted at width x height (img2img). What is transparent takes the colours around it.
 * @param factor pixels of a latent cell.
 */
export function wholeImage({ picture }: InputImage, request: GenerationRequest, factor: number): PreparedImage {
  const size = { width: request.width, height: request.height };
  const mode = pixelMode(request);
  const { content } = resizeTo(mode, picture, encodedSize(picture, request, factor));
  return {
    content: opaque(filled(content)),
    place: sourceOf(mode, picture, size, { x: 0, y: 0, ...size }),
    finish: (painted) => painted,
  };
}
