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
 * A cheap preview: each latent cell to one RGBA pixel by a linear map fitted for the autoencoder.
 * @param factors one [r, g, b] row per latent channel, then a bias row; results of -1..1 become bytes.
 */
export function previewPixels(
  latent: Latent,
  height: number,
  width: number,
  factors: readonly (readonly [number, number, number])[],
): Uint8ClampedArray<ArrayBuffer> {
  const cells = height * width;
  const bias = factors[factors.length - 1];
  const out = new Uint8ClampedArray(cells * 4);
  for (let i = 0; i < cells; i++) {
    for (let rgb = 0; rgb < 3; rgb++) {
      let value = bias[rgb];
      for (let channel = 0; channel < factors.length - 1; channel++)
        value += factors[channel][rgb] * latent[channel * cells + i];
      out[4 * i + rgb] = (value + 1) * 127.5;
    }
    out[4 * i + 3] = 255;
  }
  return out;
}
