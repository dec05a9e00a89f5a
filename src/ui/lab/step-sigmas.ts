import type { NoiseScheduleConfig } from '../../core/diffusion/noise-schedules';
import { trainedSigmas } from '../../core/diffusion/noise-schedules';
import { type PlanRequest, planSteps } from '../../core/diffusion/plan-steps';
import { tableLevels } from '../../core/diffusion/process/discrete';
import type { SamplerId } from '../../core/diffusion/samplers/index';
import { EaselError } from '../../core/errors';
import { schedulesOf } from '../../core/request/request';
import { errorText } from '../../texts/errors';
import { labelOfChoice } from '../../texts/fields';
import type { Series } from './plotted';

export interface StepSigmas {
  /** Noise level against step, one line a schedule. */
  series: Series[];
  /** Schedules that do not go with the sampler and number of steps, with the reason. */
  refused: { name: string; reason: string }[];
}

/**
 * The noise levels of every step schedule that the sampler takes; "Automatic", which stands for one of them, left out
 * where there are others.
 */
export function stepSigmas(
  config: NoiseScheduleConfig & PlanRequest['config'],
  sampler: SamplerId,
  steps: number,
): StepSigmas {
  const levels = tableLevels(trainedSigmas(config));
  const out: StepSigmas = { series: [], refused: [] };
  const schedules = schedulesOf(sampler);
  for (const schedule of schedules) {
    if (schedule === 'automatic' && schedules.length > 1) continue;
    const name = labelOfChoice('schedule', schedule);
    try {
      const { sigmas } = planSteps({ sampler, schedule, steps, levels, config });
      out.series.push({ name, points: sigmas.map((sigma, step) => [step, sigma] as const) });
    } catch (thrown) {
      if (!(thrown instanceof EaselError)) throw thrown;
      out.refused.push({ name, reason: errorText(thrown) });
    }
  }
  return out;
}
