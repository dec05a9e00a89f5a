import {
  type Box,
  blankMask,
  blankPicture,
  checkSize,
  cropMask,
  cropPicture,
  type Mask,
  type Picture,
  type Size,
} from './picture';

/**
 * `lanczos` (three lobes) and `bicubic` (a = -1/2) as Pillow: centres of pixels aligned, the kernel widened when
 * shrinking so that nothing aliases, and as torch's antialiased interpolate; `bilinear` too. `area` is the mean over
 * each new pixel's footprint. `nearest` takes the pixel at floor(x * scale), as torch's interpolate.
 */
export type Filter = 'lanczos' | 'bicubic' | 'bilinear' | 'area' | 'nearest';

/** For each new pixel: the first old pixel it reads and the weights of that one and its successors (they sum to 1). */
interface Taps {
  first: Int32Array;
  count: Int32Array;
  weights: Float32Array;
  /** Weights a new pixel has room for. */
  stride: number;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const lanczos3 = (x: number) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0);

/** Keys (1981), a = -1/2. */
function cubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  if (d < 2) return ((-0.5 * d + 2.5) * d - 4) * d + 2;
  return 0;
}

const triangle = (x: number) => Math.max(0, 1 - Math.abs(x));

const KERNELS = {
  lanczos: { at: lanczos3, support: 3 },
  bicubic: { at: cubic, support: 2 },
  bilinear: { at: triangle, support: 1 },
};

/** One new pixel's first tap and weights, not yet normalised. */
function tapsAt(filter: Filter, index: number, scale: number, from: number): [first: number, weights: number[]] {
  switch (filter) {
    case 'nearest':
      return [Math.min(from - 1, Math.floor(index * scale)), [1]];
    case 'area': {
      const [low, high] = [index * scale, (index + 1) * scale];
      const first = Math.floor(low);
      const length = Math.min(from, Math.ceil(high - 1e-9)) - first;
      return [first, Array.from({ length }, (_, k) => Math.min(first + k + 1, high) - Math.max(first + k, low))];
    }
    case 'lanczos':
    case 'bicubic':
    case 'bilinear': {
      const { at, support } = KERNELS[filter];
      const stretch = Math.max(1, scale);
      const centre = (index + 0.5) * scale;
      const first = Math.max(0, Math.floor(centre - support * stretch + 0.5));
      const end = Math.min(from, Math.floor(centre + support * stretch + 0.5));
      return [first, Array.from({ length: end - first }, (_, k) => at((first + k + 0.5 - centre) / stretch))];
    }
    default:
      filter satisfies never;
      throw new RangeError(`Unknown filter "${String(filter)}".`);
  }
}

/** Taps of the new pixels `start` to `start + length`, out of the `to` that the `from` old ones become. */
function tapsFor(filter: Filter, from: number, to: number, start: number, length: number): Taps {
  const all = Array.from({ length }, (_, i) => tapsAt(filter, start + i, from / to, from));
  const stride = Math.max(...all.map(([, weights]) => weights.length));
  const taps: Taps = {
    first: new Int32Array(length),
    count: new Int32Array(length),
    weights: new Float32Array(length * stride),
    stride,
  };
  for (const [i, [first, weights]] of all.entries()) {
    const sum = weights.reduce((a, b) => a + b, 0);
    taps.first[i] = first;
    taps.count[i] = weights.length;
    for (let k = 0; k < weights.length; k++) taps.weights[i * stride + k] = weights[k] / sum;
  }
  return taps;
}

/** Along one row of `channels` numbers a pixel. */
function resampleRow(row: Float32Array, taps: Taps, channels: number, out: Float32Array): void {
  const { first, count, weights, stride } = taps;
  for (let x = 0; x < first.length; x++) {
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let k = 0; k < count[x]; k++) sum += weights[x * stride + k] * row[(first[x] + k) * channels + c];
      out[x * channels + c] = sum;
    }
  }
}

/** The same for four channels at once: each weight is read once, which takes a third of the time. */
function resampleRgbaRow(row: Float32Array, { first, count, weights, stride }: Taps, out: Float32Array): void {
  for (let x = 0; x < first.length; x++) {
    let [r, g, b, a] = [0, 0, 0, 0];
    const end = x * stride + count[x];
    for (let k = x * stride, i = 4 * first[x]; k < end; k++, i += 4) {
      const weight = weights[k];
      r += weight * row[i];
      g += weight * row[i + 1];
      b += weight * row[i + 2];
      a += weight * row[i + 3];
    }
    out[4 * x] = r;
    out[4 * x + 1] = g;
    out[4 * x + 2] = b;
    out[4 * x + 3] = a;
  }
}

const whole = ({ width, height }: Size): Box => ({ x: 0, y: 0, width, height });

/**
 * Resamples rows that `read` delivers and `write` takes, first along x, then along y. Only the rows that one new row
 * needs are held, so an 8192 x 8192 picture costs a few rows of memory and not a gigabyte. Of the new rows only those
 * of `part` are made.
 */
function resampleRows(
  from: Size,
  to: Size,
  part: Box,
  filter: Filter,
  channels: number,
  read: (y: number, row: Float32Array) => void,
  write: (y: number, row: Float32Array) => void,
): void {
  const across = tapsFor(filter, from.width, to.width, part.x, part.width);
  const down = tapsFor(filter, from.height, to.height, part.y, part.height);
  const source = new Float32Array(from.width * channels);
  const held = Array.from({ length: down.stride }, () => new Float32Array(part.width * channels));
  const out = new Float32Array(part.width * channels);
  let next = 0;
  for (let y = 0; y < part.height; y++) {
    const end = down.first[y] + down.count[y];
    for (next = Math.max(next, down.first[y]); next < end; next++) {
      read(next, source);
      if (channels === 4) resampleRgbaRow(source, across, held[next % down.stride]);
      else resampleRow(source, across, channels, held[next % down.stride]);
    }
    out.fill(0);
    for (let k = 0; k < down.count[y]; k++) {
      const row = held[(down.first[y] + k) % down.stride];
      const weight = down.weights[y * down.stride + k];
      for (let i = 0; i < out.length; i++) out[i] += weight * row[i];
    }
    write(y, out);
  }
}

/**
 * Interleaved numbers of `channels` a pixel, resampled to another size; nothing is clamped (lanczos and bicubic
 * overshoot at edges).
 * @throws EaselError `bad-request` for a size that is not 1..8192 a side.
 */
export function resample(
  data: Float32Array,
  from: Size,
  to: Size,
  filter: Filter,
  channels = 1,
): Float32Array<ArrayBuffer> {
  checkSize(to);
  const out = new Float32Array(to.width * to.height * channels);
  const rowLength = from.width * channels;
  resampleRows(
    from,
    to,
    whole(to),
    filter,
    channels,
    (y, row) => row.set(data.subarray(y * rowLength, (y + 1) * rowLength)),
    (y, row) => out.set(row, y * row.length),
  );
  return out;
}

/**
 * A picture at another size, or the `part` of it that is wanted. Colours are weighted by their alpha, so that what is
 * transparent bleeds into nothing. The same size returns equal bytes.
 * @throws EaselError `bad-request` for a part that is not 1..8192 a side.
 */
export function resizePicture(picture: Picture, to: Size, filter: Filter = 'lanczos', part = whole(to)): Picture {
  const { width, data } = picture;
  if (width === to.width && picture.height === to.height) return cropPicture(picture, part);
  const out = blankPicture(part);
  resampleRows(
    picture,
    to,
    part,
    filter,
    4,
    (y, row) => {
      for (let x = 0, i = y * width * 4; x < row.length; x += 4, i += 4) {
        const alpha = data[i + 3] / 255;
        for (let c = 0; c < 3; c++) row[x + c] = data[i + c] * alpha;
        row[x + 3] = data[i + 3];
      }
    },
    (y, row) => {
      for (let x = 0, i = y * part.width * 4; x < row.length; x += 4, i += 4) {
        const alpha = Math.min(255, row[x + 3]) / 255;
        if (alpha <= 0) continue;
        // The clamped array rounds and clamps.
        for (let c = 0; c < 3; c++) out.data[i + c] = row[x + c] / alpha;
        out.data[i + 3] = row[x + 3];
      }
    },
  );
  return out;
}

/** A mask at another size; as resizePicture. */
export function resizeMask(mask: Mask, to: Size, filter: Filter = 'lanczos', part = whole(to)): Mask {
  if (mask.width === to.width && mask.height === to.height) return cropMask(mask, part);
  const out = blankMask(part);
  const clamped = new Uint8ClampedArray(out.data.buffer);
  resampleRows(
    mask,
    to,
    part,
    filter,
    1,
    (y, row) => row.set(mask.data.subarray(y * mask.width, (y + 1) * mask.width)),
    (y, row) => clamped.set(row, y * part.width),
  );
  return out;
}
