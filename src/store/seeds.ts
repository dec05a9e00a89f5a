import { MAX_SEED, RANDOM_SEED } from '../core/request';

/** Draws a 32-bit number; a parameter, so that tests know it. */
export type DrawSeed = () => number;

/** A seed nobody can guess, from the browser's own randomness. */
export function drawSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

/** The seed that is painted: the one asked for, or a fresh one. A batch counts up from it and must not pass the last seed. */
export function resolveSeed(seed: number, batchCount: number, draw: DrawSeed = drawSeed): number {
  if (seed !== RANDOM_SEED) return seed;
  return Math.min(draw(), MAX_SEED - (batchCount - 1));
}
