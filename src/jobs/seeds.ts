import { RANDOM_SEED } from '../core/request/fields';
import type { GenerationRequest } from '../core/request/request';

/** Draws a whole number of 0 .. 2^32 - 1. */
export type DrawSeed = () => number;

/**
 * A request with the seeds that are painted: those asked for, or ones that are drawn, once for a whole job. Its
 * pictures count on from there (`batchGrid`); those of a walk all begin at them.
 */
export function resolveSeeds(request: GenerationRequest, draw: DrawSeed): GenerationRequest {
  const { seed, variationSeed = RANDOM_SEED, variationStrength = 0 } = request;
  const resolved = { ...request, seed: resolveSeed(seed, draw) };
  return variationStrength > 0 ? { ...resolved, variationSeed: resolveSeed(variationSeed, draw) } : resolved;
}

const resolveSeed = (seed: number, draw: DrawSeed) => (seed === RANDOM_SEED ? draw() : seed);
