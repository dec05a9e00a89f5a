import type { Size } from './picture';
import { resample } from './resample';

/** The modes of torch's `interpolate`, as A1111's latent upscalers use them. */
export type Interpolation =
  | 'nearest'
  | 'nearest-exact'
  | 'bilinear'
  | 'bicubic'
  | 'bilinear-antialias'
  | 'bicubic-antialias';

/** What a new number is made of: places of old ones, and how much each counts. */
type Taps = readonly { at: number; weight: number }[];

/** Keys (1981) with a = -3/4, torch's without antialiasing; with it, and in Pillow, a is -1/2. */
function cubic(x: number): number {
  const [a, d] = [-0.75, Math.abs(x)];
  return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : a * (((d - 5) * d + 8) * d - 4);
}

/**
 * Centres of cells are aligned (`align_corners=False`); beyond an edge stands the edge's number. torch places the
 * nearest cell in float32.
 */
function tapsAt(mode: Exclude<Interpolation, `${string}-antialias`>, index: number, from: number, to: number): Taps {
  const within = (at: number) => Math.min(from - 1, Math.max(0, at));
  const single = (position: number) => [
    { at: within(Math.floor(Math.fround(position * Math.fround(from / to)))), weight: 1 },
  ];
  const position = (index + 0.5) * (from / to) - 0.5;
  const before = Math.floor(position);
  const share = position - before;
  switch (mode) {
    case 'nearest':
      return single(index);
    case 'nearest-exact':
      return single(index + 0.5);
    case 'bilinear':
      return [
        { at: within(before), weight: 1 - share },
        { at: within(before + 1), weight: share },
      ];
    case 'bicubic':
      return [-1, 0, 1, 2].map((offset) => ({ at: within(before + offset), weight: cubic(offset - share) }));
    default:
      mode satisfies never;
      throw new RangeError(`Unknown interpolation "${String(mode)}".`);
  }
}

const allTaps = (mode: Exclude<Interpolation, `${string}-antialias`>, from: number, to: number): Taps[] =>
  Array.from({ length: to }, (_, index) => tapsAt(mode, index, from, to));

/** One plane, along x and then along y. */
function stretched(plane: Float64Array, from: Size, across: readonly Taps[], down: readonly Taps[]): Float64Array {
  const width = across.length;
  const rows = new Float64Array(from.height * width);
  for (let y = 0; y < from.height; y++)
    for (const [x, taps] of across.entries())
      for (const { at, weight } of taps) rows[y * width + x] += weight * plane[y * from.width + at];
  const out = new Float64Array(down.length * width);
  for (const [y, taps] of down.entries())
    for (const { at, weight } of taps)
      for (let x = 0; x < width; x++) out[y * width + x] += weight * rows[at * width + x];
  return out;
}

/**
 * Planes [channels, height, width], row-major, at another size, as torch.nn.functional.interpolate(size=..., mode=...,
 * antialias=...) makes them.
 * @returns planes [channels, to.height, to.width]
 * @throws EaselError `bad-request` for an antialiased size that is not 1..8192 a side.
 */
export function interpolate(planes: ArrayLike<number>, from: Size, to: Size, mode: Interpolation): Float64Array {
  const cells = from.width * from.height;
  const channels = planes.length / cells;
  const resized = planeAt(mode, from, to);
  const out = new Float64Array(channels * to.width * to.height);
  for (let c = 0; c < channels; c++) {
    const plane = Float64Array.from({ length: cells }, (_, i) => planes[c * cells + i]);
    out.set(resized(plane), c * to.width * to.height);
  }
  return out;
}

function planeAt(mode: Interpolation, from: Size, to: Size): (plane: Float64Array) => ArrayLike<number> {
  switch (mode) {
    case 'bilinear-antialias':
      return (plane) => resample(Float32Array.from(plane), from, to, 'bilinear');
    case 'bicubic-antialias':
      return (plane) => resample(Float32Array.from(plane), from, to, 'bicubic');
    default: {
      const across = allTaps(mode, from.width, to.width);
      const down = allTaps(mode, from.height, to.height);
      return (plane) => stretched(plane, from, across, down);
    }
  }
}
