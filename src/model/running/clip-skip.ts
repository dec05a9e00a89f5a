import type { TextReading } from '../architectures/architecture';

/**
 * A1111's "Clip skip" as a layer of the towers that are there, counted from their end. SD 2.x and SDXL read the last
 * layer but one as it is, so 1 and 2 are the same there (A1111 ignores the setting for both, and pictures of them often
 * state 2); more goes further back, as in ComfyUI.
 */
export function layerFromEnd({ trained, absent }: TextReading, clipSkip: number): number {
  return Math.max(clipSkip, trained) - absent;
}
