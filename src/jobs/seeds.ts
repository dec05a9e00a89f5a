import { RANDOM_SEED } from '../core/request/fields';

/** Draws a whole number of 0 .. 2^32 - 1. */
export type DrawSeed = () => number;

/**
 * The seed that is painted: the one asked for, or one that is drawn, once for a whole job. Its pictures count on from
 * there (`batchGrid`); those of a walk all begin at it.
 */
export function resolveSeed(seed: number, draw: DrawSeed): number {
  return seed === RANDOM_SEED ? draw() : seed;
}
