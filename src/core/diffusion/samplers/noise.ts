import { type NoiseKind, seededNormal } from '../../random';
import type { Latent, NoiseSource } from '../types';
import { brownianNoise } from './brownian';
import { type SamplerId, samplerEntry } from './index';

/** What decides a run's noise. */
export interface NoiseRequest {
  /** 0 .. 2^32 - 1 */
  seed: number;
  sampler: SamplerId;
  noiseSource?: NoiseKind;
  /** Added to the seed for the noise within the run (A1111's ENSD); 0 goes on with the starting noise's generator. */
  etaNoiseSeedDelta?: number;
}

export interface RunNoise {
  starting: Latent;
  /** What the sampler draws after it. */
  during: NoiseSource;
}

/**
 * A run's noise by its seed, `cells` numbers at a time: a Brownian path for the samplers that follow one, else draw by
 * draw.
 */
export function runNoise(request: NoiseRequest, sigmas: readonly number[], cells: number): RunNoise {
  const { seed, sampler, noiseSource, etaNoiseSeedDelta = 0 } = request;
  const draw = seededNormal(seed, noiseSource);
  const starting = draw(cells);
  if (samplerEntry(sampler).noise === 'brownian') {
    const above = sigmas.filter((sigma) => sigma > 0);
    const range = [above[above.length - 1], above[0]] as const;
    return { starting, during: brownianNoise(seed, range, cells, (node, n) => seededNormal(node)(n)) };
  }
  // As A1111: the generator is reseeded after the starting noise; Brownian noise is not touched.
  const later = etaNoiseSeedDelta === 0 ? draw : seededNormal((seed + etaNoiseSeedDelta) % 2 ** 32, noiseSource);
  return { starting, during: () => later(cells) };
}
