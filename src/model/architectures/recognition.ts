import { said } from '../../core/errors';
import { type DenoiserFacts, SIZE_INPUTS } from '../layouts/facts';
import type { Recognition } from './architecture';

/** Width of the text that the released models' attention reads; a model of other widths is told by its form. */
export const TEXT_WIDTH = { openAi: 768, openClip: 1024, refiner: 1280, both: 2048 } as const;

/** diffusers' scheduler of consistency models. */
export const CONSISTENCY_SCHEDULER = 'CMStochasticIterativeScheduler';

/** Whether the UNet is conditioned on a pooled text and sizes. */
export function hasSizeInputs({ inputs }: DenoiserFacts): boolean {
  return SIZE_INPUTS.some((name) => inputs.includes(name));
}

/**
 * Whether a UNet without size conditioning is of one generation: by the width of its text, or where that is neither's,
 * by what enters its transformers.
 * @param own its text's width, and whether matrices enter its transformers
 */
export function recogniseGeneration(
  facts: DenoiserFacts,
  own: { textWidth: number; linearProjection: boolean },
): Recognition {
  if (facts.contextWidth === 0) return { is: false, because: said`its UNet reads no text` };
  if (facts.classes !== undefined) return { is: false, because: said`it is told a class` };
  if (hasSizeInputs(facts)) return { is: false, because: said`its UNet has size conditioning` };
  const { contextWidth, linearProjection = false } = facts;
  if (contextWidth === TEXT_WIDTH.openAi || contextWidth === TEXT_WIDTH.openClip)
    return { is: contextWidth === own.textWidth, because: said`its text is ${contextWidth} wide` };
  const entrance = linearProjection ? said`matrices` : said`convolutions`;
  return { is: linearProjection === own.linearProjection, because: said`${entrance} enter its transformers` };
}
