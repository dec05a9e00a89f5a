import { boxBlur } from './blur';
import type { Mask, Picture } from './picture';

/** A1111's "Masked content": what stands under the mask before painting begins. The last two are made in the latent. */
export const MASKED_CONTENT = [
  { id: 'fill', label: 'fill', hint: 'Colours of the surroundings, blurred in.' },
  { id: 'original', label: 'original', hint: 'Keeps the original content.' },
  { id: 'latent-noise', label: 'latent noise', hint: 'Noise: the picture starts afresh under the mask.' },
  { id: 'latent-nothing', label: 'latent nothing', hint: 'Plain grey-brown, the zero of the latent.' },
] as const;

/** Blur (standard deviation in pixels) and how often each layer is laid on, widest first: A1111's `masking.fill`. */
const FILL_LAYERS = [
  [256, 1],
  [64, 1],
  [16, 2],
  [4, 4],
  [2, 2],
  [0, 1],
] as const;

/**
 * The picture with its masked part filled from around: ever narrower blurs of what is not masked are laid on each
 * other, the unblurred last, so that each masked pixel takes the nearest colours that reach it. Pixels whose mask is 0
 * keep their bytes. Alpha of the result is 255 except where nothing reaches.
 */
export function fillMasked(picture: Picture, mask: Mask): Picture {
  const { width, height, data } = picture;
  const kept = new Float32Array(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const alpha = ((data[4 * i + 3] / 255) * (255 - mask.data[i])) / 255;
    for (let c = 0; c < 3; c++) kept[4 * i + c] = data[4 * i + c] * alpha;
    kept[4 * i + 3] = alpha;
  }
  const filled = new Float32Array(kept.length);
  for (const [sigma, repeats] of FILL_LAYERS) {
    const layer = boxBlur(kept, picture, 4, sigma);
    for (let repeat = 0; repeat < repeats; repeat++) layOver(filled, layer);
  }
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0; i < out.length; i += 4) {
    const alpha = filled[i + 3];
    if (alpha <= 0) continue;
    for (let c = 0; c < 3; c++) out[i + c] = filled[i + c] / alpha;
    out[i + 3] = 255 * alpha;
  }
  return { width, height, data: out };
}

/** Porter and Duff's "over", both premultiplied, into `below`. */
function layOver(below: Float32Array, above: Float32Array): void {
  for (let i = 0; i < below.length; i += 4) {
    const through = 1 - above[i + 3];
    for (let c = 0; c < 4; c++) below[i + c] = above[i + c] + through * below[i + c];
  }
}
