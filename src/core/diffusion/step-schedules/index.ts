import { choiceLabel, EaselError, type Label, said, settingLabel } from '../../errors';
import { type KnownLevels, trainedTable } from '../process/noise-process';
import type { Spacing } from '../timestep-spacing';
import { alignYourStepsSigmas } from './align-your-steps';
import { normalSigmas, sgmUniformSigmas, uniformSigmas } from './even-levels';
import {
  betaSigmas,
  consistencySigmas,
  exponentialSigmas,
  fittedVpSigmas,
  karrasSigmas,
  klOptimalSigmas,
  polyexponentialSigmas,
} from './noise-levels';
import { betaTimestepSigmas, ddimUniformSigmas, simpleSigmas } from './table-levels';

/** What a schedule lets a person change. Left out, each is the model's or the schedule's own. */
export interface LevelOptions {
  /** Lowest noise level before the end, above 0. */
  sigmaMin?: number;
  /** Highest noise level, where the run starts. */
  sigmaMax?: number;
  /** Curvature of Karras and Polyexponential, above 0. */
  rho?: number;
  /** Parameters of the beta distribution, above 0. */
  alpha?: number;
  beta?: number;
}

/** What a schedule takes from the model, beside its levels. */
export interface ModelTables {
  /** The table that was published for Align Your Steps: noise levels, descending. */
  alignYourSteps?: readonly number[];
  /** How many noise levels a model was trained on. */
  points?: number;
}

/** What the page shows of a step schedule; the labels are A1111's where it has the schedule. */
export interface ScheduleEntry {
  label: string;
  description: string;
  group: 'Automatic' | 'Noise levels' | 'Timestep spacing';
  /** Which of `LevelOptions` it reads, with its own default. */
  options: { sigmaMin?: 'model'; sigmaMax?: 'model'; rho?: number; alpha?: number; beta?: number };
  /** Fewest steps that it makes sense with. */
  minSteps: number;
}

const RANGE = { sigmaMin: 'model', sigmaMax: 'model' } as const;

/** How a run's noise levels are spread between pure noise and the picture. */
export const STEP_SCHEDULES = {
  automatic: {
    label: 'Automatic',
    group: 'Automatic',
    description: 'The best choice for this sampler and model.',
    options: {},
    minSteps: 1,
  },
  uniform: {
    label: 'Uniform',
    group: 'Noise levels',
    description: 'Evenly spaced timesteps, the classic.',
    options: {},
    minSteps: 1,
  },
  karras: {
    label: 'Karras',
    group: 'Noise levels',
    description: 'More steps at low noise, for finer detail with few steps.',
    options: { ...RANGE, rho: 7 },
    minSteps: 1,
  },
  exponential: {
    label: 'Exponential',
    group: 'Noise levels',
    description: 'Each step removes the same share of the noise.',
    options: RANGE,
    minSteps: 1,
  },
  polyexponential: {
    label: 'Polyexponential',
    group: 'Noise levels',
    description: 'Exponential with a curve: a higher rho spends more steps at low noise.',
    options: { ...RANGE, rho: 1 },
    minSteps: 1,
  },
  sgm_uniform: {
    label: 'SGM Uniform',
    group: 'Noise levels',
    description: 'Uniform without the lowest level; good for few steps, turbo and lightning models.',
    options: RANGE,
    minSteps: 1,
  },
  kl_optimal: {
    label: 'KL Optimal',
    group: 'Noise levels',
    description: 'Smallest error in theory; leaves a trace of noise.',
    options: RANGE,
    minSteps: 1,
  },
  align_your_steps: {
    label: 'Align Your Steps',
    group: 'Noise levels',
    description: 'Levels that were optimised for Stable Diffusion at 10 steps.',
    options: {},
    minSteps: 2,
  },
  simple: {
    label: 'Simple',
    group: 'Noise levels',
    description: 'Trained levels at even distances, counted from the noisiest.',
    options: {},
    minSteps: 1,
  },
  normal: {
    label: 'Normal',
    group: 'Noise levels',
    description: 'Uniform between the noise levels you set.',
    options: RANGE,
    minSteps: 1,
  },
  ddim_uniform: {
    label: 'DDIM',
    group: 'Noise levels',
    description: 'The levels of the first DDIM: begins a little below full noise, may take a few steps more.',
    options: {},
    minSteps: 2,
  },
  beta: {
    label: 'Beta',
    group: 'Noise levels',
    description: 'More steps at the very start and the very end.',
    options: { ...RANGE, alpha: 0.6, beta: 0.6 },
    minSteps: 1,
  },
  beta_timesteps: {
    label: 'Beta (ComfyUI)',
    group: 'Noise levels',
    description: 'Beta over timesteps instead of noise levels, as ComfyUI has it.',
    options: { alpha: 0.6, beta: 0.6 },
    minSteps: 1,
  },
  consistency: {
    label: 'Consistency',
    group: 'Noise levels',
    description: 'Those of the levels that a consistency model was trained between.',
    options: RANGE,
    minSteps: 1,
  },
  vp: {
    label: 'VP',
    group: 'Noise levels',
    description: 'Even in the time of the continuous process that passes through the model’s noise levels.',
    options: RANGE,
    minSteps: 1,
  },
  leading: {
    label: 'Leading',
    group: 'Timestep spacing',
    description: 'Spacing of Stable Diffusion 1.x in diffusers.',
    options: {},
    minSteps: 1,
  },
  trailing: {
    label: 'Trailing',
    group: 'Timestep spacing',
    description: 'Starts from the very last timestep; best for few steps.',
    options: {},
    minSteps: 1,
  },
  linspace: {
    label: 'Linspace',
    group: 'Timestep spacing',
    description: 'From the last timestep to the first, both included.',
    options: {},
    minSteps: 1,
  },
} as const satisfies Record<string, ScheduleEntry>;

export type StepScheduleId = keyof typeof STEP_SCHEDULES;

/** What a schedule is called, in a sentence. */
export const scheduleLabel = (id: StepScheduleId): Label => choiceLabel('schedule', id, STEP_SCHEDULES[id].label);

/** The schedules that are a list of noise levels; the others name timesteps, which depend on the sampler. */
export type LevelScheduleId = Exclude<StepScheduleId, 'automatic' | Spacing>;

/**
 * The noise levels of n steps on a model: descending, ending at 0, but KL Optimal and Consistency at the lowest level.
 * One more than there are steps; `ddim_uniform` may take more than n and `beta_timesteps` fewer.
 * @throws EaselError `bad-request` for options that are no noise levels or out of range, and for a schedule that needs
 *   a table, of trained levels or of Align Your Steps, which the model does not have.
 */
export function noiseLevels(
  schedule: LevelScheduleId,
  n: number,
  levels: KnownLevels,
  options: LevelOptions & ModelTables = {},
): number[] {
  checkOptions(schedule, options, levels);
  const { sigmaMin = levels.sigmaMin, sigmaMax = levels.sigmaMax, rho, alpha, beta } = options;
  const table = () => trainedTable(levels, scheduleLabel(schedule));
  switch (schedule) {
    case 'uniform':
      return uniformSigmas(n, levels);
    case 'karras':
      return karrasSigmas(n, sigmaMin, sigmaMax, rho);
    case 'exponential':
      return exponentialSigmas(n, sigmaMin, sigmaMax);
    case 'polyexponential':
      return polyexponentialSigmas(n, sigmaMin, sigmaMax, rho);
    case 'sgm_uniform':
      return sgmUniformSigmas(n, levels, sigmaMin, sigmaMax);
    case 'kl_optimal':
      return klOptimalSigmas(n, sigmaMin, sigmaMax);
    case 'align_your_steps':
      return alignYourStepsSigmas(n, alignedTable(options));
    case 'simple':
      return simpleSigmas(n, table());
    case 'normal':
      return normalSigmas(n, levels, sigmaMin, sigmaMax);
    case 'ddim_uniform':
      return ddimUniformSigmas(n, table());
    case 'beta':
      return betaSigmas(n, sigmaMin, sigmaMax, alpha, beta);
    case 'beta_timesteps':
      return betaTimestepSigmas(n, table(), alpha, beta);
    case 'consistency':
      return consistencySigmas(n, sigmaMin, sigmaMax, Math.max(n + 1, options.points ?? CONSISTENCY_POINTS));
    case 'vp':
      return fittedVpSigmas(n, table(), sigmaMin, sigmaMax);
    default:
      schedule satisfies never;
      throw new RangeError(`Unknown schedule "${String(schedule)}".`);
  }
}

/** Song et al. 2023's, where a model does not say. */
const CONSISTENCY_POINTS = 40;

function alignedTable({ alignYourSteps }: ModelTables): readonly number[] {
  if (alignYourSteps) return alignYourSteps;
  throw new EaselError(
    'bad-request',
    said`No Align Your Steps levels were published for this model. Choose another schedule, such as Karras.`,
  );
}

const OPTION_LABELS = {
  sigmaMin: settingLabel('sigmaMin', 'Schedule min sigma'),
  sigmaMax: settingLabel('sigmaMax', 'Schedule max sigma'),
  rho: settingLabel('rho', 'Schedule rho'),
  alpha: settingLabel('betaAlpha', 'Beta schedule alpha'),
  beta: settingLabel('betaBeta', 'Beta schedule beta'),
} as const;

/** Only what the schedule reads can be wrong. */
function checkOptions(schedule: LevelScheduleId, options: LevelOptions, levels: KnownLevels): void {
  const read = Object.keys(STEP_SCHEDULES[schedule].options) as (keyof typeof OPTION_LABELS)[];
  for (const name of read) {
    const value = options[name];
    if (value !== undefined && !(value > 0 && Number.isFinite(value))) {
      throw new EaselError('bad-request', said`${OPTION_LABELS[name]} must be a number above 0.`);
    }
  }
  const { sigmaMin = levels.sigmaMin, sigmaMax = levels.sigmaMax } = options;
  const single = levels.trained?.sigmas.length === 1;
  if (read.includes('sigmaMin') && !single && sigmaMin >= sigmaMax) {
    const [low, high] = [sigmaMin, sigmaMax].map((sigma) => sigma.toPrecision(4));
    throw new EaselError(
      'bad-request',
      said`${OPTION_LABELS.sigmaMin} (${low}) must be below ${OPTION_LABELS.sigmaMax} (${high}).`,
    );
  }
}
