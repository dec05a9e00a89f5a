import { type Box, blankMask, type Mask, type Size } from './picture';

/**
 * A1111's kernel for a mask blur: 2 floor(2.5 sigma + 0.5) + 1 numbers of a Gaussian, summing to 1
 * (cv2.getGaussianKernel).
 */
export function gaussianKernel(sigma: number): Float32Array<ArrayBuffer> {
  const radius = Math.floor(2.5 * sigma + 0.5);
  const kernel = Float32Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = kernel.reduce((a, b) => a + b, 0);
  return sigma > 0 ? kernel.map((value) => value / sum) : new Float32Array([1]);
}

/** How far a mask blur of `sigma` pixels reaches. */
const blurReach = (sigma: number): number => (sigma > 0 ? Math.floor(2.5 * sigma + 0.5) : 0);

/** An index beyond the ends mirrored about the end pixels (cv2's BORDER_REFLECT_101). */
function mirrored(i: number, n: number): number {
  if (n === 1) return 0;
  const period = 2 * (n - 1);
  const at = ((i % period) + period) % period;
  return at < n ? at : period - at;
}

/** n sums along a mirrored line (n + 2 reach long) with a symmetric kernel. */
function convolve(line: Float32Array, kernel: Float32Array, n: number, out: Float32Array): void {
  const reach = kernel.length >> 1;
  for (let i = 0; i < n; i++) {
    const centre = i + reach;
    let sum = kernel[reach] * line[centre];
    for (let k = 1; k <= reach; k++) sum += kernel[reach + k] * (line[centre - k] + line[centre + k]);
    out[i] = sum;
  }
}

/** The smallest box around all that is not 0; undefined for an empty mask. */
export function maskedBox({ width, height, data }: Mask): Box | undefined {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width);
    const first = row.findIndex((value) => value > 0);
    if (first < 0) continue;
    left = Math.min(left, first);
    right = Math.max(
      right,
      row.findLastIndex((value) => value > 0),
    );
    top = Math.min(top, y);
    bottom = y;
  }
  return right < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/**
 * A mask blurred as A1111's "Mask blur" (cv2.GaussianBlur along x, rounded to bytes, then along y). Pixels beyond the
 * kernel's reach stay 0.
 * @param sigma A1111's slider, in pixels, 0..64; 0 returns equal bytes
 */
export function blurMask(mask: Mask, sigma: number): Mask {
  const around = maskedBox(mask);
  const out = blankMask(mask);
  if (!around) return out;
  if (sigma <= 0) return { ...out, data: mask.data.slice() };
  const { width, height } = mask;
  const reach = blurReach(sigma);
  const kernel = gaussianKernel(sigma);
  // Only where the mask is near: a stroke on a large canvas is a small part of it.
  const [left, right] = [Math.max(0, around.x - reach), Math.min(width, around.x + around.width + reach)];
  const [top, bottom] = [Math.max(0, around.y - reach), Math.min(height, around.y + around.height + reach)];
  const span = right - left;
  const line = new Float32Array(span + 2 * reach);
  const sums = new Float32Array(span);
  // Along x into rows of their own: only those of the mask's box are not 0.
  const across = new Uint8Array(span * around.height);
  for (let y = 0; y < around.height; y++) {
    const row = mask.data.subarray((around.y + y) * width, (around.y + y + 1) * width);
    for (let i = 0; i < line.length; i++) line[i] = row[mirrored(left + i - reach, width)];
    convolve(line, kernel, span, sums);
    for (let i = 0; i < span; i++) across[y * span + i] = Math.round(sums[i]);
  }
  // Along y by whole rows, which lie together in memory.
  for (let y = top; y < bottom; y++) {
    sums.fill(0);
    for (let k = -reach; k <= reach; k++) {
      const from = mirrored(y + k, height) - around.y;
      if (from < 0 || from >= around.height) continue;
      const weight = kernel[reach + k];
      const row = across.subarray(from * span, (from + 1) * span);
      for (let i = 0; i < span; i++) sums[i] += weight * row[i];
    }
    for (let i = 0; i < span; i++) out.data[y * width + left + i] = Math.round(sums[i]);
  }
  return out;
}

/**
 * One pass of a box of fractional radius along lines of `n` numbers, edges repeated: the extended box filter of Gwosdek
 * et al. (2011), "Theoretical foundations of Gaussian convolution by extended box filtering".
 */
function boxLine(line: Float32Array, n: number, radius: number, out: Float32Array): void {
  const whole = Math.floor(radius);
  const edge = radius - whole;
  const at = (i: number) => line[Math.min(n - 1, Math.max(0, i))];
  let sum = 0;
  for (let i = -whole; i <= whole; i++) sum += at(i);
  for (let i = 0; i < n; i++) {
    out[i] = (sum + edge * (at(i - whole - 1) + at(i + whole + 1))) / (2 * radius + 1);
    sum += at(i + whole + 1) - at(i - whole);
  }
}

/**
 * The box radius whose three passes have a Gaussian's standard deviation (Gwosdek et al., equations 12-14, as Pillow's
 * GaussianBlur).
 */
function boxRadius(sigma: number): number {
  const variance = sigma ** 2 / 3; // of each of the three passes
  const whole = Math.floor((Math.sqrt(12 * variance + 1) - 1) / 2);
  const edge = ((2 * whole + 1) * (whole * (whole + 1) - 3 * variance)) / (6 * (variance - (whole + 1) ** 2));
  return whole + edge;
}

/**
 * Interleaved numbers blurred by three box passes a direction: near a Gaussian at a cost that does not grow with sigma.
 */
export function boxBlur(
  data: Float32Array,
  { width, height }: Size,
  channels: number,
  sigma: number,
): Float32Array<ArrayBuffer> {
  const out = Float32Array.from(data);
  if (sigma <= 0) return out;
  const radius = boxRadius(sigma);
  let line = new Float32Array(Math.max(width, height));
  let other = new Float32Array(line.length);
  const along = (start: number, step: number, n: number) => {
    for (let i = 0; i < n; i++) line[i] = out[start + i * step];
    for (let pass = 0; pass < 3; pass++) {
      boxLine(line, n, radius, other);
      [line, other] = [other, line];
    }
    for (let i = 0; i < n; i++) out[start + i * step] = line[i];
  };
  for (let y = 0; y < height; y++) for (let c = 0; c < channels; c++) along(y * width * channels + c, channels, width);
  for (let x = 0; x < width; x++) for (let c = 0; c < channels; c++) along(x * channels + c, width * channels, height);
  return out;
}
