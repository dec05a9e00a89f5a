import type { Mask, Size } from '../../../core/image/picture';

/** Rec. 601 brightness of interleaved RGB bytes, 0..255. */
function brightness(rgb: ArrayLike<number>): Float32Array {
  return Float32Array.from({ length: rgb.length / 3 }, (_, i) => 0.299 * rgb[3 * i] + 0.587 * rgb[3 * i + 1] + 0.114 * rgb[3 * i + 2]); // biome-ignore format: one line
}

/**
 * How much brightness changes from pixel to pixel across a mask's feathered edge (where it is neither 0 nor 255, along
 * its own slope), over how much it does within the mask (mean of both axes, where it is 255). 1 is an edge that is as
 * busy as the painting; a visible seam is more.
 * @param rgb interleaved bytes.
 */
export function edgeContrast(rgb: ArrayLike<number>, { width, height }: Size, mask: Mask): number {
  const light = brightness(rgb);
  const slope = (of: ArrayLike<number>, i: number): [across: number, down: number] => [
    (of[i + 1] - of[i - 1]) / 2,
    (of[i + width] - of[i - width]) / 2,
  ];
  let [edge, edgePixels, inside, insidePixels] = [0, 0, 0, 0];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const strength = mask.data[i];
      if (strength === 0) continue;
      const [dx, dy] = slope(light, i);
      if (strength === 255) {
        inside += (Math.abs(dx) + Math.abs(dy)) / 2;
        insidePixels++;
        continue;
      }
      const [nx, ny] = slope(mask.data, i);
      const length = Math.hypot(nx, ny);
      if (length === 0) continue;
      edge += Math.abs(dx * nx + dy * ny) / length;
      edgePixels++;
    }
  }
  return edge / edgePixels / (inside / insidePixels);
}

/**
 * The step of brightness from column `seam` - 1 to `seam`, over the mean step between columns right of it: how much an
 * outpainted part stands off from what it was painted on to.
 * @param rgb interleaved bytes.
 */
export function seamContrast(rgb: ArrayLike<number>, { width, height }: Size, seam: number): number {
  const light = brightness(rgb);
  const step = (x: number) => {
    let sum = 0;
    for (let y = 0; y < height; y++) sum += Math.abs(light[y * width + x] - light[y * width + x - 1]);
    return sum / height;
  };
  const inside = Array.from({ length: width - seam - 1 }, (_, k) => step(seam + 1 + k));
  return step(seam) / (inside.reduce((a, b) => a + b, 0) / inside.length);
}
