import type { Family } from '../types';

/** The layer that a family was trained to read, counted from the end of its whole towers: 1 is the last. */
const TRAINED: Readonly<Record<Family, number>> = { sd1: 1, sd2: 2, sdxl: 2 };
/** Layers at a tower's end that are left out: SD 2.x never reads its last one, and its folders do not hold it. */
const ABSENT: Readonly<Record<Family, number>> = { sd1: 0, sd2: 1, sdxl: 0 };

/**
 * A1111's "Clip skip" as a layer of the towers, counted from their end. SD 2.x and SDXL read the last layer but one as it is, so
 * 1 and 2 are the same there (A1111 ignores the setting for both, and pictures of them often state 2); more goes further
 * back, as in ComfyUI.
 */
export function layerFromEnd(family: Family, clipSkip: number): number {
  return Math.max(clipSkip, TRAINED[family]) - ABSENT[family];
}

/** The largest clip skip of a family whose towers have so many layers. */
export function maxClipSkip(family: Family, layers: readonly number[]): number {
  return Math.min(...layers) + ABSENT[family];
}
