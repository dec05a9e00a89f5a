import { isPictured, type PaintedFrom } from '../../core/request/applicable';
import type { GenerationRequest } from '../../core/request/request';
import { changeSettings, picked, type Suited, unset, useSettings } from './settings';

/** Fields that mean so different a thing with a mask and without that each way of painting has a value of its own. */
const APART = ['denoisingStrength'] as const;

/** How was painted from a picture last, and what was set the other way. Not kept on the disk: a visit begins anew. */
let from: PaintedFrom | undefined;
let other: Partial<GenerationRequest> = {};

/**
 * Tells the form what is painted from next, and what suits that. A strength that was set for a hole does not come along
 * to a sketch, which it would wipe out, and is there again for the next hole.
 */
export function suitPicture(next: PaintedFrom, suited: Suited): void {
  if (isPictured(next)) {
    if (from !== undefined && from !== next) {
      const set = picked(useSettings.getState().values, APART);
      changeSettings({ ...unset(APART), ...other });
      other = set;
    }
    from = next;
  }
  const { suited: before } = useSettings.getState();
  const isSame = before.denoisingStrength === suited.denoisingStrength && before.inpaintArea === suited.inpaintArea;
  if (!isSame) useSettings.setState({ suited });
}

/** As at the start of a visit. */
export function forgetPicture(): void {
  from = undefined;
  other = {};
}
