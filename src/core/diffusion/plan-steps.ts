import { roundHalfEven } from '../array';
import { EaselError, type SaidValue, said } from '../errors';
import { continuousPlan } from './continuous-time';
import { LCM_TIMESTEPS, lcmSigmas, lcmTimestepAt, lcmTimesteps } from './lcm-levels';
import { type KnownLevels, trainedTable } from './process/noise-process';
import { SAMPLERS, type SamplerEntry, type SamplerId, samplerLabel } from './samplers/index';
import {
  type LevelOptions,
  type LevelScheduleId,
  noiseLevels,
  STEP_SCHEDULES,
  type StepScheduleId,
  scheduleLabel,
} from './step-schedules/index';
import { withoutPenultimate } from './step-schedules/noise-levels';
import { a1111Timesteps, ddimTargets, type Spacing, solverTimesteps, spacedTimesteps } from './timestep-spacing';
import { sigmaAtLinear } from './timesteps';
import type { SigmaTable, StepPlan } from './types';

/** What the planner needs to know of a sampler. */
export type SamplerTraits = Pick<
  SamplerEntry,
  'automaticSchedule' | 'spacingStyle' | 'uniformList' | 'ends' | 'discardPenultimate' | 'minSteps'
> & { label: SaidValue };

/** What a model's scheduler_config.json, and its family, say of the steps to take. */
export interface StepTraits {
  timestep_spacing?: Spacing;
  steps_offset?: number;
  set_alpha_to_one?: boolean;
  /** Where diffusers' DPM-Solver and UniPC end on its timestep spacings: 0, or the first trained level. */
  final_sigmas_type?: 'zero' | 'sigma_min';
  /** How many timesteps a latent consistency model was distilled on. */
  original_inference_steps?: number;
  /** How many noise levels a model was trained on. */
  num_train_timesteps?: number;
  /** No file says it: the table of Align Your Steps for this family. */
  align_your_steps?: readonly number[];
}

/** What is asked for, whoever samples it. */
export interface StepRequest extends LevelOptions {
  schedule: StepScheduleId;
  steps: number;
  /** What the model knows: a `NoiseProcess`, or a part of one. */
  levels: KnownLevels;
  /** The model's own preferences. */
  config: StepTraits;
  /** diffusers rounds the timesteps of Karras sigmas; A1111 and k-diffusion interpolate. */
  quantise?: boolean;
  /**
   * A1111's "discard penultimate sigma": plans one step more and leaves out the last level before the end. Left out,
   * the sampler's own.
   */
  discardPenultimate?: boolean;
}

export interface PlanRequest extends StepRequest {
  sampler: SamplerId;
}

type ResolvedSchedule = Exclude<StepScheduleId, 'automatic'>;

/** Which schedule "Automatic" stands for: the sampler's own as A1111 has it; for DDIM the model's timestep spacing. */
export function resolveSchedule(sampler: SamplerId, schedule: StepScheduleId, config: StepTraits): ResolvedSchedule {
  return resolved(SAMPLERS[sampler], schedule, config);
}

function resolved(
  { automaticSchedule }: SamplerTraits,
  schedule: StepScheduleId,
  config: StepTraits,
): ResolvedSchedule {
  if (schedule !== 'automatic') return schedule;
  return automaticSchedule === 'model' ? (config.timestep_spacing ?? 'leading') : automaticSchedule;
}

/**
 * The noise levels of a run, and the timesteps to give the model where the schedule names them itself. A plan may have
 * a few steps more or fewer than were asked for, where the schedule is known for that.
 * @throws EaselError `bad-request` for a number of steps that the schedule cannot give on this model, for options out
 *   of range, and for a schedule or sampler that picks trained timesteps where the model has no table of them.
 */
export function planSteps(request: PlanRequest): StepPlan {
  return planFor({ ...SAMPLERS[request.sampler], label: samplerLabel(request.sampler) }, request);
}

/** As `planSteps`, for a sampler that need not be in the registry. */
export function planFor(sampler: SamplerTraits, request: StepRequest): StepPlan {
  const { steps, levels, config } = request;
  const schedule = resolved(sampler, request.schedule, config);
  checkSteps(schedule, sampler, request);
  const plan = sampler.ends ? endsPlan(sampler.ends, request) : planned(schedule, sampler, request);
  const starts = plan.sigmas.slice(0, -1);
  if (
    starts.length === 0 ||
    !starts.every((sigma, i) => Number.isFinite(sigma) && (i === 0 || sigma < starts[i - 1]))
  ) {
    throw new EaselError(
      'bad-request',
      said`${scheduleLabel(schedule)} cannot give ${steps} different noise levels on this model${trainedOn(levels)}. Take fewer steps, other schedule options or another schedule.`,
    );
  }
  return plan;
}

function trainedOn({ trained }: KnownLevels): SaidValue {
  return trained ? said`, which was trained on ${trained.sigmas.length} timesteps` : '';
}

function planned(schedule: ResolvedSchedule, sampler: SamplerTraits, request: StepRequest): StepPlan {
  switch (schedule) {
    case 'leading':
      return { ...spacedPlan(schedule, sampler, request), leading: true };
    case 'trailing':
    case 'linspace':
      return spacedPlan(schedule, sampler, request);
    case 'uniform':
      return uniformPlan(sampler, request);
    default:
      return levelPlan(schedule, sampler, request);
  }
}

/** For samplers that place their own noise levels: those of an exponential schedule, whose ends they keep. */
function endsPlan({ at }: NonNullable<SamplerEntry['ends']>, { steps, levels, ...options }: StepRequest): StepPlan {
  const sigmas = noiseLevels('exponential', at === 'smallest' ? steps + 1 : steps, levels, options);
  return { sigmas: at === 'smallest' ? sigmas.slice(0, -1) : sigmas };
}

/**
 * "Uniform" is k-diffusion's list, but for the samplers that A1111 runs on a list of their own, of trained timesteps.
 */
function uniformPlan(sampler: SamplerTraits, request: StepRequest): StepPlan {
  const { steps, levels } = request;
  if (sampler.spacingStyle === 'lcm')
    return withTimesteps(lcmSigmas(steps, tableFor(sampler, request), distilledOf(sampler, request)), sampler, request);
  const { trained: table } = levels;
  const { uniformList } = sampler;
  if (!table || !uniformList) return levelPlan('uniform', sampler, request);
  switch (uniformList) {
    case 'timesteps': {
      const timesteps = a1111Timesteps(steps, table.sigmas.length);
      return { sigmas: timesteps.map((t) => table.sigmas[t]), timesteps: timesteps.slice(0, -1) };
    }
    case 'continuous-time':
      return continuousPlan(steps, table);
    default:
      uniformList satisfies never;
      throw new RangeError(`Unknown list "${String(uniformList)}".`);
  }
}

function levelPlan(schedule: LevelScheduleId, sampler: SamplerTraits, request: StepRequest): StepPlan {
  const { steps, levels, config } = request;
  const discard = request.discardPenultimate ?? sampler.discardPenultimate ?? false;
  const sigmas = noiseLevels(schedule, discard ? steps + 1 : steps, levels, {
    ...request,
    alignYourSteps: config.align_your_steps,
    points: config.num_train_timesteps,
  });
  return withTimesteps(discard ? withoutPenultimate(sigmas) : sigmas, sampler, request);
}

/** Names the timesteps of noise levels where they are not to be interpolated. */
function withTimesteps(sigmas: number[], sampler: SamplerTraits, request: StepRequest): StepPlan {
  const { levels, quantise } = request;
  const starts = sigmas.slice(0, -1);
  if (sampler.spacingStyle === 'lcm') {
    const [table, count] = [tableFor(sampler, request), distilledOf(sampler, request)];
    return { sigmas, timesteps: starts.map((sigma) => lcmTimestepAt(table, sigma, count)) };
  }
  if (!quantise || !levels.trained) return { sigmas };
  return { sigmas, timesteps: starts.map((sigma) => roundHalfEven(levels.timestepAt(sigma))) };
}

function spacedPlan(spacing: Spacing, sampler: SamplerTraits, request: StepRequest): StepPlan {
  const { steps, levels, config } = request;
  const { spacingStyle: style } = sampler;
  const table = trainedTable(levels, scheduleLabel(spacing));
  const trained = table.sigmas.length;
  const offset = config.steps_offset ?? 0;
  const within = (timesteps: number[]) => timesteps.map((t) => Math.min(t, trained - 1));
  const toLevel = (end: number, timesteps: number[]) => ({
    timesteps,
    sigmas: [...timesteps.map((t) => table.sigmas[t]), end],
  });
  switch (style) {
    case 'euler': {
      const timesteps = within(spacedTimesteps(spacing, steps, trained, offset, false));
      return { timesteps, sigmas: [...timesteps.map((t) => sigmaAtLinear(table, t)), 0] };
    }
    case 'solver':
      return toLevel(
        config.final_sigmas_type === 'sigma_min' ? table.sigmas[0] : 0,
        within(solverTimesteps(spacing, steps, trained, offset)),
      );
    case 'ddpm':
      return toLevel(0, within(spacedTimesteps(spacing, steps, trained, offset)));
    case 'ddim':
      return ddimPlan(within(spacedTimesteps(spacing, steps, trained, offset)), table, request);
    case 'lcm':
      return toLevel(0, lcmTimesteps(steps, trained, distilledOf(sampler, request)));
    default:
      style satisfies never;
      throw new RangeError(`Unknown spacing style "${String(style)}".`);
  }
}

/**
 * diffusers' DDIM steps from t to t - trained // n even where that is not the next timestep of the list, and ends at
 * the table's first noise level, or at none where `set_alpha_to_one`.
 */
function ddimPlan(timesteps: number[], table: SigmaTable, { steps, config }: StepRequest): StepPlan {
  const end = (config.set_alpha_to_one ?? true) ? 0 : table.sigmas[0];
  const targets = ddimTargets(timesteps, steps, table.sigmas.length).map((t) => (t < 0 ? end : table.sigmas[t]));
  return { timesteps, targets, sigmas: [...timesteps.map((t) => table.sigmas[t]), targets[targets.length - 1]] };
}

/** How many timesteps an LCM was distilled on; a model with fewer than the usual 50 is distilled on all of its own. */
function distilledOf(sampler: SamplerTraits, request: StepRequest): number {
  return Math.min(request.config.original_inference_steps ?? LCM_TIMESTEPS, tableFor(sampler, request).sigmas.length);
}

/** For a sampler that keeps to trained timesteps whatever the schedule. */
function tableFor({ label }: SamplerTraits, { levels }: StepRequest): SigmaTable {
  return trainedTable(levels, said`The sampler ${label}`);
}

function checkSteps(schedule: ResolvedSchedule, sampler: SamplerTraits, request: StepRequest): void {
  const { steps, levels } = request;
  const { minSteps = 1, label: name } = sampler;
  if (!Number.isInteger(steps) || steps < 1) {
    throw new EaselError('bad-request', said`Steps must be a whole number of at least 1.`);
  }
  if (steps < minSteps) {
    throw new EaselError('bad-request', said`Steps must be at least ${minSteps} with the sampler ${name}.`);
  }
  if (sampler.ends) return;
  const label = scheduleLabel(schedule);
  const min = minStepsOf(schedule, sampler, request);
  if (steps < min) {
    throw new EaselError('bad-request', said`Steps must be at least ${min} with the schedule ${label}.`);
  }
  const max = maxStepsOf(schedule, sampler, request);
  if (steps > max) {
    throw new EaselError(
      'bad-request',
      said`Steps must be at most ${max} with the schedule ${label} on this model${trainedOn(levels)}.`,
    );
  }
}

function minStepsOf(schedule: ResolvedSchedule, { uniformList }: SamplerTraits, { levels }: StepRequest): number {
  return schedule === 'uniform' && uniformList === 'timesteps' && levels.trained
    ? 2
    : STEP_SCHEDULES[schedule].minSteps;
}

/** Schedules that interpolate have no limit; those that pick from the trained timesteps cannot pick one twice. */
function maxStepsOf(schedule: ResolvedSchedule, sampler: SamplerTraits, request: StepRequest): number {
  const { spacingStyle, uniformList } = sampler;
  const trained = request.levels.trained?.sigmas.length ?? Number.POSITIVE_INFINITY;
  switch (schedule) {
    case 'leading':
    case 'linspace':
      if (spacingStyle === 'lcm') return distilledOf(sampler, request);
      return spacingStyle === 'solver' ? trained - 1 : trained;
    case 'trailing':
      return spacingStyle === 'lcm' ? distilledOf(sampler, request) : trained;
    case 'simple':
    case 'ddim_uniform':
      return trained;
    case 'uniform':
      return uniformList === 'timesteps' ? trained : Number.POSITIVE_INFINITY;
    default:
      return Number.POSITIVE_INFINITY;
  }
}
