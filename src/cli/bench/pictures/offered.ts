import { trainedSigmas } from '../../../core/diffusion/noise-schedules';
import { planSteps } from '../../../core/diffusion/plan-steps';
import { tableLevels } from '../../../core/diffusion/process/discrete';
import { SAMPLERS, type SamplerId, samplerEntry } from '../../../core/diffusion/samplers/index';
import { STEP_SCHEDULES, type StepScheduleId } from '../../../core/diffusion/step-schedules/index';
import { schedulesOf } from '../../../core/request/request';
import type { SchedulerConfig } from '../../../model/architectures/architecture';

/** What the sheet of every sampler with every step schedule paints. */
export const SHEET = { prompt: 'a red apple', seed: 7, steps: 25 } as const;

/** The sheet's rows and columns. */
export const SAMPLER_IDS = Object.keys(SAMPLERS) as SamplerId[];
export const SCHEDULE_IDS = Object.keys(STEP_SCHEDULES) as StepScheduleId[];

/**
 * For each schedule that the page offers with a sampler, the first one that gives the same plan of noise levels and
 * timesteps ("Automatic" is always another's): those need painting once.
 */
export function paintedAs(sampler: SamplerId, config: SchedulerConfig): ReadonlyMap<StepScheduleId, StepScheduleId> {
  const { exactTerminal } = samplerEntry(sampler);
  const levels = tableLevels(trainedSigmas(config, exactTerminal ? 'almostExact' : 'diffusers'));
  const firsts = new Map<string, StepScheduleId>();
  return new Map(
    schedulesOf(sampler).map((schedule) => {
      const plan = JSON.stringify(planSteps({ sampler, schedule, steps: SHEET.steps, levels, config }));
      const first = firsts.get(plan) ?? schedule;
      firsts.set(plan, first);
      return [schedule, first];
    }),
  );
}
