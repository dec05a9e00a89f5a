import { type DenoiserFacts, SIZE_INPUTS } from '../layouts/facts';

/** Width of the text that the released models' attention reads; a model of other widths is told by its form. */
export const TEXT_WIDTH = { openAi: 768, openClip: 1024, refiner: 1280 } as const;

/** Whether the UNet is told a pooled text and sizes. */
export function hasSizeInputs({ inputs }: DenoiserFacts): boolean {
  return SIZE_INPUTS.some((name) => inputs.includes(name));
}
