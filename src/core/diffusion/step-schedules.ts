import { linspace, roundHalfEven } from '../array';
import { EaselError } from '../errors';
import { SAMPLERS, type SamplerId } from './samplers/index';
import { sigmaAt, sigmaAtLinear, timestepAt } from './timesteps';
import type { SigmaTable, StepPlan } from './types';

/** What the page shows of a step schedule; the labels are A1111's where it has the schedule. */
interface ScheduleEntry {
  label: string;
  description: string;
  group: 'Automatic' | 'Noise levels' | 'Timestep spacing';
}

/** How a run's noise levels are spread between pure noise and the picture. */
export const STEP_SCHEDULES = {
  automatic: { label: 'Automatic', group: 'Automatic', description: 'What the sampler, or the model, is best with.' },
  uniform: { label: 'Uniform', group: 'Noise levels', description: 'Evenly spaced timesteps, the classic.' },
  karras: {
    label: 'Karras',
    group: 'Noise levels',
    description: 'More steps at low noise, for finer detail with few steps.',
  },
  leading: {
    label: 'Leading',
    group: 'Timestep spacing',
    description: 'Spacing of Stable Diffusion 1.x in diffusers.',
  },
  trailing: {
    label: 'Trailing',
    group: 'Timestep spacing',
    description: 'Starts from the very last timestep; best for few steps.',
  },
  linspace: {
    label: 'Linspace',
    group: 'Timestep spacing',
    description: 'From the last timestep to the first, both included.',
  },
} as const satisfies Record<string, ScheduleEntry>;

export type StepScheduleId = keyof typeof STEP_SCHEDULES;
export type Spacing = 'leading' | 'trailing' | 'linspace';

/** n sigmas evenly spaced in timestep, from the last to the first, then 0 (k-diffusion's `get_sigmas`; A1111's "Uniform"). */
export function uniformSigmas(n: number, table: SigmaTable): number[] {
  return [...linspace(table.sigmas.length - 1, 0, n).map((t) => sigmaAt(table, t)), 0];
}

/** Karras et al. 2022, equation 5: evenly spaced in sigma^(1/rho), then 0. */
export function karrasSigmas(n: number, sigmaMin: number, sigmaMax: number, rho = 7): number[] {
  const [low, high] = [sigmaMin ** (1 / rho), sigmaMax ** (1 / rho)];
  return [...linspace(0, 1, n).map((u) => (high + u * (low - high)) ** rho), 0];
}

/**
 * Timesteps of diffusers' DDIM and Euler family, descending. Whole numbers, but for Euler's "linspace", which is not rounded.
 * @param rounded false for the Euler family.
 */
export function spacedTimesteps(
  spacing: Spacing,
  n: number,
  trained: number,
  offset: number,
  rounded = true,
): number[] {
  switch (spacing) {
    case 'leading': {
      const ratio = Math.floor(trained / n);
      return Array.from({ length: n }, (_, i) => (n - 1 - i) * ratio + offset);
    }
    case 'trailing':
      return Array.from({ length: n }, (_, i) => roundHalfEven(trained - (i * trained) / n) - 1);
    case 'linspace': {
      const times = linspace(0, trained - 1, n).reverse();
      return rounded ? times.map(roundHalfEven) : times;
    }
    default:
      spacing satisfies never;
      throw new RangeError(`Unknown spacing "${String(spacing)}".`);
  }
}

/** Timesteps of diffusers' DPM-Solver++: leading and linspace space n + 1 points and drop the smallest. */
export function solverTimesteps(spacing: Spacing, n: number, trained: number, offset: number): number[] {
  switch (spacing) {
    case 'leading': {
      const ratio = Math.floor(trained / (n + 1));
      return Array.from({ length: n }, (_, i) => (n - i) * ratio + offset);
    }
    case 'linspace':
      return linspace(0, trained - 1, n + 1)
        .slice(1)
        .reverse()
        .map(roundHalfEven);
    case 'trailing':
      return spacedTimesteps('trailing', n, trained, offset);
    default:
      spacing satisfies never;
      throw new RangeError(`Unknown spacing "${String(spacing)}".`);
  }
}

export interface PlanRequest {
  sampler: SamplerId;
  schedule: StepScheduleId;
  steps: number;
  table: SigmaTable;
  /** The model's own preferences, from its scheduler_config.json. */
  config: { timestep_spacing?: Spacing; steps_offset?: number; set_alpha_to_one?: boolean };
  /** diffusers rounds the timesteps of Karras sigmas; A1111 and k-diffusion interpolate. */
  quantise?: boolean;
}

/** Which schedule "Automatic" stands for: the sampler's own as A1111 has it; for DDIM the model's timestep spacing. */
export function resolveSchedule(
  sampler: SamplerId,
  schedule: StepScheduleId,
  config: PlanRequest['config'],
): Exclude<StepScheduleId, 'automatic'> {
  if (schedule !== 'automatic') return schedule;
  const own = SAMPLERS[sampler].automaticSchedule;
  return own === 'model' ? (config.timestep_spacing ?? 'leading') : own;
}

/**
 * The noise levels of a run, and the timesteps to give the model where the schedule names them itself.
 * @throws EaselError `bad-request` when the table has fewer levels than the run has steps.
 */
export function planSteps(request: PlanRequest): StepPlan {
  const { sampler, steps, table, config } = request;
  if (steps > table.sigmas.length) {
    throw new EaselError(
      'bad-request',
      `Steps must be at most ${table.sigmas.length}, the timesteps this model was trained on.`,
    );
  }
  const schedule = resolveSchedule(sampler, request.schedule, config);
  switch (schedule) {
    case 'uniform':
      return { sigmas: uniformSigmas(steps, table) };
    case 'karras': {
      const sigmas = karrasSigmas(steps, table.sigmas[0], table.sigmas[table.sigmas.length - 1]);
      if (!request.quantise) return { sigmas };
      return { sigmas, timesteps: sigmas.slice(0, -1).map((sigma) => roundHalfEven(timestepAt(table, sigma))) };
    }
    case 'leading':
    case 'trailing':
    case 'linspace':
      return spacedPlan(schedule, request);
    default:
      schedule satisfies never;
      throw new RangeError(`Unknown schedule "${String(schedule)}".`);
  }
}

function spacedPlan(spacing: Spacing, { sampler, steps, table, config }: PlanRequest): StepPlan {
  const trained = table.sigmas.length;
  const offset = config.steps_offset ?? 0;
  const style = SAMPLERS[sampler].spacingStyle;
  switch (style) {
    case 'euler': {
      const timesteps = spacedTimesteps(spacing, steps, trained, offset, false).map((t) => Math.min(t, trained - 1));
      return { timesteps, sigmas: [...timesteps.map((t) => sigmaAtLinear(table, t)), 0] };
    }
    case 'solver': {
      const timesteps = solverTimesteps(spacing, steps, trained, offset).map((t) => Math.min(t, trained - 1));
      return { timesteps, sigmas: [...timesteps.map((t) => table.sigmas[t]), 0] };
    }
    case 'ddim':
      return ddimPlan(spacedTimesteps(spacing, steps, trained, offset), steps, table, config.set_alpha_to_one ?? true);
    default:
      style satisfies never;
      throw new RangeError(`Unknown spacing style "${String(style)}".`);
  }
}

/**
 * diffusers' DDIM steps from t to t - trained // n even where that is not the next timestep of the list, and ends at the
 * table's first noise level, or at none where `set_alpha_to_one`.
 */
function ddimPlan(unclamped: readonly number[], steps: number, table: SigmaTable, endsClean: boolean): StepPlan {
  const trained = table.sigmas.length;
  const timesteps = unclamped.map((t) => Math.min(t, trained - 1));
  const end = endsClean ? 0 : table.sigmas[0];
  const stride = Math.floor(trained / steps);
  const targets = timesteps.map((t) => (t - stride < 0 ? end : table.sigmas[t - stride]));
  return { timesteps, targets, sigmas: [...timesteps.map((t) => table.sigmas[t]), targets[targets.length - 1]] };
}
