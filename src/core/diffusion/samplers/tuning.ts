import type { Prediction } from '../denoisers';
import type { KnownLevels } from '../process/noise-process';
import type { SamplerOptions, StepPlan } from '../types';
import { type SamplerId, type SamplerTuning, samplerEntry } from './index';

/** A1111's ratio of DPM adaptive's tolerances, 0.05 relative and 0.0078 absolute. */
export const ABSOLUTE_SHARE = 0.0078 / 0.05;

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

/**
 * All of a run's options but its noise: what was set, what its plan says of its steps, and what the model makes of
 * them.
 */
export function runOptions(
  sampler: SamplerId,
  tuning: SamplerTuning,
  { sigmas, timesteps, targets }: StepPlan,
  { timestepAt, prediction }: Pick<KnownLevels, 'timestepAt'> & { prediction?: Prediction },
): Omit<SamplerOptions, 'noise'> {
  return {
    ...tunedOptions(sampler, tuning),
    targets,
    timesteps: timesteps ?? sigmas.slice(0, -1).map(timestepAt),
    // On diffusers' steps PLMS is its PNDM, which extrapolates v where the model predicts it; A1111's makes noise of it
    // first.
    blend: targets && prediction === 'v_prediction' ? 'v_prediction' : 'epsilon',
  };
}
