import { RANDOM_SEED } from '../../core/request/fields';

/** Draws a 32-bit number; a parameter, so that tests know it. */
export type DrawSeed = () => number;

/** A seed nobody can guess, from the browser's own randomness. */
export function drawSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

/** The seed that is painted: the one asked for, or a fresh one. */
export function resolveSeed(seed: number, draw: DrawSeed = drawSeed): number {
  return seed === RANDOM_SEED ? draw() : seed;
}
