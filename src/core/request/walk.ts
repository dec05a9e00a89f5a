import { combine } from '../array';
import type { Latent } from '../diffusion/types';
import type { GenerationRequest } from './request';

/** What may change along a walk: the noise that it begins with, and the words. */
export const WALK_FIELDS = ['seed', 'variationSeed', 'variationStrength', 'prompt', 'negativePrompt'] as const;

/** Where a walk goes: to another seed's noise, another prompt's words, or both; what is left out stays as it is. */
export type WalkEnd = Partial<Pick<GenerationRequest, (typeof WALK_FIELDS)[number]>>;

/** Where one picture stands on a walk. */
export interface Walk extends WalkEnd {
  /** 0 is the start, 1 the end. */
  share: number;
}

/** How many pictures a walk may have: they all stay in memory. */
export const WALK_PICTURES = { min: 2, max: 24, default: 7 } as const;

/** What paints one picture of a walk; the first and the last are plain requests and paint the same as those. */
export function stepOfWalk(
  from: GenerationRequest,
  { share, ...to }: Walk,
): { request: GenerationRequest; walk?: Walk } {
  if (share === 0) return { request: from };
  if (share === 1) return { request: { ...from, ...to } };
  return { request: from, walk: { ...to, share } };
}

/** Directions closer than this are mixed in a straight line; the circle's formula would divide by almost nothing. */
const PARALLEL = 1 - 1e-6;

/**
 * Spherical interpolation along the great circle between two directions (Shoemake 1985), so that a mix of two standard
 * normal noises is about as long as either; a straight line's middle would be 0.7 of it, and the picture grey and flat.
 */
export function slerp<T extends Latent>(from: T, to: Latent, share: number): T {
  let [dot, a, b] = [0, 0, 0];
  for (let i = 0; i < from.length; i++) {
    dot += from[i] * to[i];
    a += from[i] ** 2;
    b += to[i] ** 2;
  }
  const cosine = dot / Math.sqrt(a * b);
  // Opposite directions have no shortest way between them; lengths of zero no direction.
  if (!(Math.abs(cosine) < PARALLEL)) return combine(1 - share, from, share, to);
  const angle = Math.acos(cosine);
  const sine = Math.sin(angle);
  return combine(Math.sin((1 - share) * angle) / sine, from, Math.sin(share * angle) / sine, to);
}

/** Text-encoder states of both prompts mixed in a straight line. Both are as long as each other. */
export function statesBetween(from: Float32Array, to: Float32Array, share: number): Float32Array {
  if (from.length !== to.length) throw new RangeError(`States of ${from.length} and ${to.length} numbers do not mix.`);
  return combine(1 - share, from, share, to);
}
