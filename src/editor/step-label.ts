import { COMMANDS } from './commands';
import { TOOLS } from './tools/gesture';

/**
 * What a step of the history is called, in English: as it lies on the disk, and as another language finds its own word
 * for it.
 */
export const STEP_LABELS = [
  ...TOOLS.map(({ label }) => label),
  ...COMMANDS.map(({ label }) => label),
  'Accept',
  'New canvas',
  'Open picture',
  'Outpaint',
] as const;

export type StepLabel = (typeof STEP_LABELS)[number];
