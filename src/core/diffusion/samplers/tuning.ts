import type { SamplerOptions } from '../types';
import { type SamplerId, type SamplerTuning, samplerEntry } from './index';

/** A1111's ratio of DPM adaptive's tolerances, 0.05 relative and 0.0078 absolute. */
const ABSOLUTE_SHARE = 0.0078 / 0.05;

/** What a person set, and the sampler's own for the rest, as the sampler takes it. */
export function tunedOptions(sampler: SamplerId, tuning: SamplerTuning): Omit<SamplerOptions, 'noise'> {
  const { options } = samplerEntry(sampler);
  const set = Object.fromEntries(
    (Object.keys(options) as (keyof SamplerTuning)[]).map((name) => [name, tuning[name] ?? options[name]]),
  ) as SamplerTuning;
  const { tolerance, sTmax = 0, unipcVariant, ...same } = set;
  return {
    ...same,
    sTmax: sTmax === 0 ? Number.POSITIVE_INFINITY : sTmax,
    variant: unipcVariant,
    tolerance: tolerance === undefined ? undefined : { relative: tolerance, absolute: tolerance * ABSOLUTE_SHARE },
  };
}
