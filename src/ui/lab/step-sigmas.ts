import type { NoiseScheduleConfig } from '../../core/diffusion/noise-schedules';
import { trainedSigmas } from '../../core/diffusion/noise-schedules';
import type { SamplerId } from '../../core/diffusion/samplers/index';
import { type PlanRequest, planSteps, STEP_SCHEDULES, type StepScheduleId } from '../../core/diffusion/step-schedules';
import { EaselError } from '../../core/errors';
import type { Series } from './plotted';

export interface StepSigmas {
  /** Noise level against step, one line a schedule. */
  series: Series[];
  /** Schedules that do not go with the sampler and number of steps, with the reason. */
  refused: { name: string; reason: string }[];
}

/** The noise levels of every step schedule there is; "Automatic", which stands for one of them, left out. */
export function stepSigmas(
  config: NoiseScheduleConfig & PlanRequest['config'],
  sampler: SamplerId,
  steps: number,
): StepSigmas {
  const table = trainedSigmas(config);
  const out: StepSigmas = { series: [], refused: [] };
  for (const schedule of Object.keys(STEP_SCHEDULES) as StepScheduleId[]) {
    if (schedule === 'automatic') continue;
    const name = STEP_SCHEDULES[schedule].label;
    try {
      const { sigmas } = planSteps({ sampler, schedule, steps, table, config });
      out.series.push({ name, points: sigmas.map((sigma, step) => [step, sigma] as const) });
    } catch (thrown) {
      if (!(thrown instanceof EaselError)) throw thrown;
      out.refused.push({ name, reason: thrown.message });
    }
  }
  return out;
}
