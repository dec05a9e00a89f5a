import { type SamplerId, type SamplerTuning, samplerEntry } from './index';

/**
 * How many calls of the model a run is counted in, which is how A1111 counts the steps of prompt editing: twice the
 * steps for samplers of second order, though their last step may take one call less.
 * @returns undefined for adaptive samplers, whose calls have no fixed number.
 */
export function modelCalls(
  sampler: SamplerId,
  steps: number,
  { corrections }: Pick<SamplerTuning, 'corrections'> = {},
): number | undefined {
  const { callsPerStep, ends, options } = samplerEntry(sampler);
  if (ends?.adaptive) return undefined;
  return steps * (options.corrections === undefined ? callsPerStep : (corrections ?? options.corrections));
}
