import { type Box, blankMask, type Mask, type Size } from '../../core/image/picture';
import { dropInapplicable } from '../../core/request/applicable';
import { FIELDS } from '../../core/request/fields';
import { type GenerationRequest, requestConflict } from '../../core/request/request';
import type { DrawSeed } from '../../jobs/seeds';
import { sentenceText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { paintingSize } from '../canvas/canvas-frame';
import { type Result, showLatest } from '../gallery/gallery';
import { notify } from '../notices';
import { useSettings } from '../settings/settings';
import { enqueue } from './enqueue';
import { withPixelsOf } from './result-pixels';

/** How a part of a picture is painted anew. */
export interface Detail {
  /** In the picture's pixels, within it. */
  box: Box;
  /** What is there; the picture's own prompt where it is empty. */
  prompt: string;
  /** Denoising strength, 0..1. */
  strength: number;
}

/** The smallest box, in pixels: a cell of a latent. */
export const LEAST_BOX = 8;

/** Its edge is blurred by a part of its shorter side. */
const FEATHER = 1 / 16;

/** Settings of another mask or another size. */
const OF_OTHERS = {
  maskMode: undefined,
  maskedContent: undefined,
  softMask: undefined,
  inpaintWay: undefined,
} as const;

/** The settings that paint a box of a picture alone, at the model's best size, and put it back feathered. */
export function detailRequest(
  request: GenerationRequest,
  { box, prompt, strength }: Detail,
  own: Size,
): GenerationRequest {
  const { default: padding } = FIELDS.inpaintPadding;
  const { min, max } = FIELDS.maskBlur;
  const feather = Math.round(Math.min(box.width, box.height) * FEATHER);
  return {
    ...dropInapplicable(request, { from: 'mask' }),
    ...OF_OTHERS,
    ...paintingSize({ width: box.width + 2 * padding, height: box.height + 2 * padding }, own),
    sdUpscale: undefined,
    prompt: prompt.trim() || request.prompt,
    inpaintArea: 'only-masked',
    inpaintPadding: padding,
    maskBlur: Math.min(max, Math.max(min, feather)),
    denoisingStrength: strength,
    batchCount: 1,
  };
}

/** Paints a part of a result anew, after what already waits; it stays, and a new one comes with the results. */
export async function paintDetail({ record }: Result, detail: Detail, draw?: DrawSeed): Promise<void> {
  const { number, id } = record;
  const { width, height } = detail.box;
  const request = detailRequest(record.request, detail, useSettings.getState().defaults);
  const problem = requestConflict(request);
  if (problem !== undefined) {
    notify(sentenceText(problem));
    return;
  }
  await withPixelsOf(record, (picture) => {
    const origin = { number, id, way: 'detail', detail: texts.detailOf(width, height) } as const;
    enqueue({ request, sink: 'gallery', given: { picture, mask: maskOf(detail.box, picture) }, origin }, draw);
    showLatest();
  });
}

function maskOf(box: Box, size: Size): Mask {
  const mask = blankMask(size);
  for (let y = box.y; y < box.y + box.height; y++)
    mask.data.fill(255, y * size.width + box.x, y * size.width + box.x + box.width);
  return mask;
}
