import { maskedBox } from './blur';
import { type Box, blankMask, intersection, type Mask, type Picture, type Size } from './picture';
import { resample } from './resample';
import { type ResizeMode, resizeTo } from './resize-modes';

/**
 * The box around a (blurred) mask with `padding` pixels on each side, cut at the mask's edges: A1111's
 * `get_crop_region`. Undefined for an empty mask.
 */
export function paddedBox(mask: Mask, padding: number): Box | undefined {
  const box = maskedBox(mask);
  if (!box) return undefined;
  const [x, y] = [Math.max(0, box.x - padding), Math.max(0, box.y - padding)];
  return {
    x,
    y,
    width: Math.min(mask.width, box.x + box.width + padding) - x,
    height: Math.min(mask.height, box.y + box.height + padding) - y,
  };
}

/**
 * One side of a box lengthened to `wanted` about its middle, moved back inside 0..limit, and cut to it where it is
 * longer.
 */
function lengthened(start: number, length: number, wanted: number, limit: number): [start: number, length: number] {
  const more = Math.trunc(wanted - length);
  const grown = length + more;
  if (grown >= limit) return [0, limit];
  return [Math.min(limit - grown, Math.max(0, start - Math.floor(more / 2))), grown];
}

/**
 * A box widened or heightened to the ratio of what will be painted, inside the picture: A1111's `expand_crop_region`.
 */
export function expandToRatio(box: Box, painted: Size, picture: Size): Box {
  const ratio = painted.width / painted.height;
  if (box.width / box.height > ratio) {
    const [y, height] = lengthened(box.y, box.height, box.width / ratio, picture.height);
    return { ...box, y, height };
  }
  const [x, width] = lengthened(box.x, box.width, box.height * ratio, picture.width);
  return { ...box, x, width };
}

/**
 * How the mask comes to the latent grid: A1111 (Pillow's bicubic, then rounded), diffusers (at 0.5, nearest), or each
 * cell's mean (soft masks).
 */
export type LatentMaskWay = 'a1111' | 'diffusers' | 'area';

/**
 * The mask of the latent, 0 (keep) .. 1 (repaint), one number for each cell of `factor` x `factor` pixels. `a1111`
 * resizes with Pillow's bicubic and rounds half to even to 0 or 1; `diffusers` (prepare_mask_latents) first cuts the
 * mask at 0.5 and takes each cell's first pixel; `area` keeps the share of each cell.
 */
export function latentMask(mask: Mask, way: LatentMaskWay, factor = 8): Float32Array<ArrayBuffer> {
  const to = { width: Math.floor(mask.width / factor), height: Math.floor(mask.height / factor) };
  const unit = Float32Array.from(mask.data, (value) => value / 255);
  switch (way) {
    case 'a1111':
      // Bytes between, as Pillow's: 127.5 / 255 never occurs, so rounding has no ties.
      return resample(unit, mask, to, 'bicubic').map((value) => (Math.round(value * 255) >= 128 ? 1 : 0));
    case 'diffusers':
      return resample(
        unit.map((value) => (value >= 0.5 ? 1 : 0)),
        mask,
        to,
        'nearest',
      );
    case 'area':
      return resample(unit, mask, to, 'area').map((value) => Math.min(1, value));
    default:
      way satisfies never;
      throw new RangeError(`Unknown latent mask "${String(way)}".`);
  }
}

/**
 * A1111's mask for the overlay when the whole picture is painted: twice the blurred mask, so that the painted middle
 * shows fully.
 */
export function overlayMask(mask: Mask): Mask {
  const out = blankMask(mask);
  for (let i = 0; i < out.data.length; i++) out.data[i] = Math.min(255, 2 * mask.data[i]);
  return out;
}

/**
 * The original with `painted` laid into `box`, through the mask (as large as the original): painted where it is 255,
 * mixed between, and the original's own bytes, alpha included, where it is 0. A painting of another size is resized to
 * the box.
 * @param mode A1111's overlay crops to the box's ratio; a painting that was stretched to its size is stretched back.
 */
export function pasteBack(
  original: Picture,
  painted: Picture,
  box: Box,
  mask: Mask,
  mode: ResizeMode = 'crop-and-resize',
): Picture {
  const data = original.data.slice();
  const { content } = resizeTo(mode, painted, box);
  const inside = intersection(box, { x: 0, y: 0, width: original.width, height: original.height });
  for (let y = inside.y; y < inside.y + inside.height; y++) {
    for (let x = inside.x; x < inside.x + inside.width; x++) {
      const strength = mask.data[y * mask.width + x];
      if (strength === 0) continue;
      mix(data, 4 * (y * original.width + x), content.data, 4 * ((y - box.y) * box.width + x - box.x), strength / 255);
    }
  }
  return { ...original, data };
}

/** One pixel of `to` mixed towards one of `from`, each colour weighted by its alpha. */
function mix(to: Uint8ClampedArray, at: number, from: Uint8ClampedArray, source: number, share: number): void {
  const kept = (1 - share) * to[at + 3];
  const added = share * from[source + 3];
  const alpha = kept + added;
  if (alpha > 0) for (let c = 0; c < 3; c++) to[at + c] = (kept * to[at + c] + added * from[source + c]) / alpha;
  to[at + 3] = alpha;
}
