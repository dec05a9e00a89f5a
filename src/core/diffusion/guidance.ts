import { combine } from '../array';
import type { Latent } from './types';

/**
 * Classifier-free guidance (Ho and Salimans 2022) with the scale that every program shows: uncond + scale (cond - uncond).
 * A negative prompt stands in for the unconditional one. Being linear, it gives the same on eps, v or x0.
 */
export function guided<T extends Latent>(cond: T, uncond: Latent, scale: number): T {
  return combine(scale, cond, 1 - scale, uncond);
}
