import { blurMask } from './blur';
import { growMask } from './morphology';
import type { Mask } from './picture';

/**
 * A strip of what is there along the edge of what is missing is painted along with it, so that the painting fades into
 * the picture where the model has gone on from it already, and not at the line where it began to paint.
 * @param missing 255 where nothing is.
 * @param reach width of the strip, in pixels.
 * @returns what is `painted`, and how much of the painting is `shown`: all of it where something is missing, none at
 * the strip's far side.
 */
export function overlapAround(missing: Mask, reach: number): { painted: Mask; shown: Mask } {
  const solid = { ...missing, data: missing.data.map((value) => (value >= 128 ? 255 : 0)) };
  // The blur's kernel reaches two and a half deviations to either side of the strip's middle.
  return { painted: growMask(solid, reach), shown: blurMask(growMask(solid, reach / 2), reach / 5) };
}
