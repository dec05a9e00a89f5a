import { FIELDS, type NumberName } from '../../core/request/fields';

/** The keys that change how far an arrow goes. */
export interface StepModifiers {
  shiftKey?: boolean;
  altKey?: boolean;
}

/**
 * The value one arrow press away: Shift ten steps, Alt a tenth where the field takes fractions; kept within its limits.
 */
export function steppedBy(name: NumberName, value: number, direction: 1 | -1, keys: StepModifiers = {}): number {
  const { min, max, step, integer } = FIELDS[name];
  const fine = integer ? step : step / 10;
  const by = keys.altKey ? fine : keys.shiftKey ? step * 10 : step;
  // Tenths of tenths add up to 7.300000000000001 without the rounding.
  const next = Math.round((value + direction * by) * 1000) / 1000;
  return Math.min(max, Math.max(min, next));
}
