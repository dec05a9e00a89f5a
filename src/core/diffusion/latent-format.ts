import { scaled } from '../array';
import type { NoiseProcess } from './process/noise-process';
import type { Latent, StepPlan } from './types';

export type Coordinates = 'variance-exploding' | 'variance-preserving';

/** Variance-exploding x at sigma in the coordinates a scheduler keeps its latents in. */
export function inCoordinates<T extends Latent>(coordinates: Coordinates, x: T, sigma: number): T {
  switch (coordinates) {
    case 'variance-exploding':
      return x;
    case 'variance-preserving':
      return scaled(1 / Math.sqrt(1 + sigma ** 2), x);
    default:
      coordinates satisfies never;
      throw new RangeError(`Unknown coordinates "${String(coordinates)}".`);
  }
}

/**
 * Pure noise at a run's first sigma, as the reference pipelines start: noise of deviation 1 in variance-preserving
 * coordinates (sqrt(1 + sigma^2) in ours); sigma times noise in variance-exploding ones, but with diffusers' "leading"
 * spacing, which takes sqrt(1 + sigma^2) there too. A process that has a start of its own is asked for it.
 */
export function startingNoise<T extends Latent>(
  noise: T,
  { sigmas, leading }: StepPlan,
  coordinates: Coordinates,
  { startingDeviation }: Pick<NoiseProcess, 'startingDeviation'> = {},
): T {
  if (startingDeviation) return scaled(startingDeviation(sigmas[0]), noise);
  const exploding = coordinates === 'variance-exploding' && !leading;
  return scaled(exploding ? sigmas[0] : Math.sqrt(1 + sigmas[0] ** 2), noise);
}

/**
 * A linear map from latents to pixels, for previews. A latent cell with its neighbours, `taps` to a side, becomes
 * `scale` x `scale` pixels: a row of numbers for each channel and tap (channel, then row, then column), then a bias
 * row; in each, red, green and blue of each pixel, row by row. One [r, g, b] a channel maps each cell by itself.
 */
export type PreviewFactors = readonly (readonly number[])[];

/** How many cells a map reads to a side, and how many pixels it makes of one; undefined where it is no such map. */
export function previewShape(factors: PreviewFactors, channels: number): { taps: number; scale: number } | undefined {
  const taps = Math.sqrt((factors.length - 1) / channels);
  const scale = Math.sqrt((factors[0]?.length ?? 0) / 3);
  const isEven = factors.every((row) => row.length === factors[0].length);
  return isEven && taps % 2 === 1 && Number.isInteger(scale) && scale > 0 ? { taps, scale } : undefined;
}

/** Pixels as canvases take them. */
interface Preview {
  width: number;
  height: number;
  rgba: Uint8ClampedArray<ArrayBuffer>;
}

/**
 * A cheap preview: a latent [channels, height, width] as pixels, by a linear map fitted for the autoencoder. Beyond the
 * edge, its cells go on as they are there.
 * @param factors results of -1..1 become bytes
 */
export function previewPixels(latent: Latent, height: number, width: number, factors: PreviewFactors): Preview {
  const cells = height * width;
  const channels = latent.length / cells;
  const shape = previewShape(factors, channels);
  if (!shape) throw new RangeError(`${factors.length} rows of preview factors do not fit ${channels} channels.`);
  const { taps, scale } = shape;
  const bias = factors[factors.length - 1];
  const rgba = new Uint8ClampedArray(cells * scale * scale * 4).fill(255);
  const around = new Float32Array(factors.length - 1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      gather(latent, { x, y, width, height, channels, taps }, around);
      for (let pixel = 0; pixel < scale * scale; pixel++) {
        const at = (y * scale + Math.floor(pixel / scale)) * width * scale + x * scale + (pixel % scale);
        for (let rgb = 0; rgb < 3; rgb++) {
          let value = bias[3 * pixel + rgb];
          for (let row = 0; row < around.length; row++) value += factors[row][3 * pixel + rgb] * around[row];
          rgba[4 * at + rgb] = (value + 1) * 127.5;
        }
      }
    }
  }
  return { width: width * scale, height: height * scale, rgba };
}

/** A cell and its neighbours, in the order of the factors' rows. */
function gather(
  latent: Latent,
  at: { x: number; y: number; width: number; height: number; channels: number; taps: number },
  out: Float32Array,
): void {
  const { x, y, width, height, channels, taps } = at;
  const reach = (taps - 1) / 2;
  const within = (i: number, length: number) => Math.min(length - 1, Math.max(0, i));
  let row = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let dy = -reach; dy <= reach; dy++) {
      const line = (channel * height + within(y + dy, height)) * width;
      for (let dx = -reach; dx <= reach; dx++) out[row++] = latent[line + within(x + dx, width)];
    }
  }
}
