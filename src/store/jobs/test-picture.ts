import type { PaintedPicture } from '../../engine/protocol';
import { changeRecord } from '../library/library';

/** Keeps the picture of a test run with the model that painted it. */
export function keepTest(id: string, { png, request, timings }: PaintedPicture): Promise<void> {
  const { steps, width, height } = request;
  return changeRecord(id, { test: { png, steps, width, height, totalMs: timings.totalMs } });
}
