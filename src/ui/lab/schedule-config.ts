import type { NoiseScheduleConfig } from '../../core/diffusion/noise-schedules';
import type { PlanRequest } from '../../core/diffusion/plan-steps';
import { useEngine } from '../../store/engine';

/** Stable Diffusion 1.x's schedule, for as long as no model says its own. */
const STABLE_DIFFUSION = {
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
} as const;

/** How the loaded model was trained; the same object until another model comes. */
export function useScheduleConfig(): NoiseScheduleConfig & PlanRequest['config'] {
  return useEngine(({ model }) => model?.info.scheduler ?? STABLE_DIFFUSION);
}
