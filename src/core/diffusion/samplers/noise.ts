import { seededNormal } from '../../random';
import type { Latent, NoiseSource } from '../types';
import { brownianNoise } from './brownian';
import { type SamplerId, samplerEntry } from './index';
import { type LatentShape, type SeedNoise, seedNoise } from './seed-noise';

/** What decides a run's noise. */
export interface NoiseRequest extends SeedNoise {
  sampler: SamplerId;
  /** Added to the seed for the noise within the run (A1111's ENSD); 0 goes on with the starting noise's generator. */
  etaNoiseSeedDelta?: number;
}

export interface RunNoise {
  starting: Latent;
  /** What the sampler draws after it. */
  during: NoiseSource;
}

/**
 * A run's noise by its seed, a latent at a time: a Brownian path for the samplers that follow one, else draw by draw.
 */
export function runNoise(request: NoiseRequest, sigmas: readonly number[], shape: LatentShape): RunNoise {
  const { seed, sampler, noiseSource, etaNoiseSeedDelta = 0 } = request;
  const cells = shape.channels * shape.height * shape.width;
  const draw = seededNormal(seed, noiseSource);
  const starting = seedNoise(request, shape, draw);
  if (samplerEntry(sampler).noise === 'brownian') {
    const above = sigmas.filter((sigma) => sigma > 0);
    const range = [above[above.length - 1], above[0]] as const;
    return { starting, during: brownianNoise(seed, range, cells, (node, n) => seededNormal(node)(n)) };
  }
  // As A1111: the generator is reseeded after the starting noise; Brownian noise is not touched.
  const later = etaNoiseSeedDelta === 0 ? draw : seededNormal((seed + etaNoiseSeedDelta) % 2 ** 32, noiseSource);
  return { starting, during: () => later(cells) };
}
