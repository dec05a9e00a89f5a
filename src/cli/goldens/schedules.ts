import { startingNoise } from '../../core/diffusion/latent-format';
import { type NoiseScheduleConfig, sigmaTable, trainedSigmas } from '../../core/diffusion/noise-schedules';
import { planSteps } from '../../core/diffusion/plan-steps';
import { tableLevels } from '../../core/diffusion/process/discrete';
import { stepControl } from '../../core/diffusion/samplers/dpm-solver';
import type { SamplerId } from '../../core/diffusion/samplers/index';
import { lcmScalings } from '../../core/diffusion/samplers/lcm';
import { lmsCoefficient } from '../../core/diffusion/samplers/lms';
import { ancestralSplit } from '../../core/diffusion/samplers/run-steps';
import { betaQuantile } from '../../core/diffusion/step-schedules/incomplete-beta';
import {
  type LevelScheduleId,
  noiseLevels,
  STEP_SCHEDULES,
  type StepScheduleId,
} from '../../core/diffusion/step-schedules/index';
import { a1111Timesteps, compvisTimesteps, ddimTargets, type Spacing } from '../../core/diffusion/timestep-spacing';
import { nearestTimestep, sigmaAt, timestepAt } from '../../core/diffusion/timesteps';
import type { SigmaTable } from '../../core/diffusion/types';
import { architectureOf } from '../../model/architectures/index';
import { appRun, SD } from './app-run';
import { formula } from './formula';
import {
  type Checker,
  type Comparison,
  FORMULA_TOLERANCE,
  type GoldenCase,
  type GoldenFile,
  NotOffered,
  numbers,
} from './golden';

interface ScheduleParams {
  discrete?: NoiseScheduleConfig;
  sigma_min?: number;
  sigma_max?: number;
  rho?: number;
  alpha?: number;
  beta?: number;
  beta_d?: number;
  beta_min?: number;
  eps_s?: number;
  model?: string;
  table?: number[];
}

interface ScheduleCase {
  id: string;
  schedule: string;
  n: number;
  params: ScheduleParams;
  sigmas: unknown[];
  timesteps?: unknown[];
  timesteps_quantized?: (number | null)[];
  /** Entries that stand on an exact half, where rounding noise decides. */
  tie_sensitive_indices?: number[];
}

/** Our schedules by the name that a golden gives them. */
const SCHEDULE_IDS: Readonly<Record<string, LevelScheduleId>> = {
  karras: 'karras',
  exponential: 'exponential',
  polyexponential: 'polyexponential',
  kl_optimal: 'kl_optimal',
  vp: 'vp',
  normal: 'uniform',
  normal_a1111: 'normal',
  sgm_uniform: 'sgm_uniform',
  simple: 'simple',
  ddim_uniform: 'ddim_uniform',
  beta: 'beta',
  beta_comfy: 'beta_timesteps',
  align_your_steps: 'align_your_steps',
};

/** Easel has the published tables; another of the same kind is resampled as it is given. */
function alignedTable({ model, table }: ScheduleParams): readonly number[] | undefined {
  if (model === 'sd15') return publishedTable('sd1');
  return model === 'sdxl' ? publishedTable('sdxl') : table;
}

/** The table that an architecture hands to the planner. */
function publishedTable(id: string): readonly number[] | undefined {
  const { stepTraits, scheduler } = architectureOf(id);
  return stepTraits({ scheduler }).align_your_steps;
}

/** A model trained on the constants of a variance-preserving SDE, in steps of epsilon. */
function vpTable({ beta_d = 19.9, beta_min = 0.1, eps_s = 1e-3 }: ScheduleParams): SigmaTable {
  return sigmaTable(
    Float64Array.from({ length: Math.round(1 / eps_s) }, (_, i) => {
      const t = (i + 1) * eps_s;
      return Math.exp(-((beta_d / 2) * t ** 2 + beta_min * t));
    }),
  );
}

/** The noise levels that the app plans for a case. */
function planned({ id, n, schedule: name, params }: ScheduleCase): number[] {
  const schedule = SCHEDULE_IDS[name];
  if (!schedule) throw new RangeError(`The schedule "${name}" is not known.`);
  const table = schedule === 'vp' ? vpTable(params) : trainedSigmas(params.discrete ?? SD);
  const { sigma_min: sigmaMin, sigma_max: sigmaMax, rho, alpha, beta } = params;
  const [levels, options] = [tableLevels(table), { sigmaMin, sigmaMax, rho, alpha, beta }];
  const alignYourSteps = alignedTable(params);
  // The planner refuses what is of no use, such as one step of some; the list is a list nevertheless.
  if (n < STEP_SCHEDULES[schedule].minSteps) return noiseLevels(schedule, n, levels, { ...options, alignYourSteps });
  const discardPenultimate = id.includes('discard-penultimate');
  const config = { align_your_steps: alignYourSteps };
  return planSteps({ sampler: 'euler', schedule, steps: n, levels, config, discardPenultimate, ...options }).sigmas;
}

function trainedOf({ discrete }: ScheduleParams): SigmaTable {
  if (!discrete) throw new RangeError('params.discrete, the trained schedule, is missing.');
  return trainedSigmas(discrete);
}

/**
 * The trained table that a case's sigmas lie on: its own, or the one of the file, or Stable Diffusion's, with the same
 * ends.
 */
function tableOf({ params }: ScheduleCase, file: GoldenFile): SigmaTable | undefined {
  if (params.discrete) return trainedSigmas(params.discrete);
  const configs = [SD, ...file.cases.map((golden) => (golden.params as ScheduleParams).discrete)];
  const near = (a: number, b: number | undefined) => b !== undefined && Math.abs(a / b - 1) < FORMULA_TOLERANCE;
  return [...new Set(configs.map((config) => JSON.stringify(config ?? SD)))]
    .map((config) => trainedSigmas(JSON.parse(config)))
    .find(({ sigmas }) => near(sigmas[0], params.sigma_min) && near(sigmas[sigmas.length - 1], params.sigma_max));
}

/** `b_step_schedules`: lists of noise levels, and the timesteps that they stand for on a trained table. */
export const checkStepSchedule: Checker = (golden, file): Comparison[] => {
  const wanted = golden as unknown as ScheduleCase;
  const { params, tie_sensitive_indices: ties = [] } = wanted;
  const levels = planned(wanted);
  const sure = <T>(values: readonly T[]) => values.filter((_, i) => !ties.includes(i));
  const checks = [
    formula('length', levels.length, wanted.sigmas.length),
    formula('sigmas', sure(levels), sure(wanted.sigmas)),
  ];
  if (params.table && wanted.schedule === 'align_your_steps')
    checks.push(formula('table', alignedTable(params) ?? [], params.table));
  const table = tableOf(wanted, file);
  if (!wanted.timesteps || !table) return checks;
  const at = levels.filter((sigma) => sigma > 0);
  const whole = (wanted.timesteps_quantized ?? [])
    .map((t, i) => ({ t, i }))
    .filter(({ t, i }) => t !== null && !ties.includes(i));
  return [
    ...checks,
    formula('timesteps', sure(at.map((sigma) => timestepAt(table, sigma))), sure(wanted.timesteps)),
    formula(
      'timesteps_quantized',
      whole.map(({ i }) => nearestTimestep(table, at[i])),
      whole.map(({ t }) => t),
    ),
  ];
};

interface SpacingCase {
  scheduler: string;
  n: number;
  beta?: NoiseScheduleConfig;
  timestep_spacing: Spacing;
  steps_offset: number;
  original_inference_steps?: number;
  timesteps?: number[];
  timesteps_ascending?: number[];
  prev_timesteps?: number[];
  n_model_updates?: number;
  sigmas?: number[];
  init_noise_sigma?: number;
}

function ddimSpacing(wanted: SpacingCase, { plan, process }: ReturnType<typeof appRun>): Comparison[] {
  const { timesteps = [], targets = [] } = plan;
  const { num_train_timesteps } = wanted.beta ?? SD;
  // Where it steps to is a noise level in our plans; before the first timestep stands the clean picture.
  const before = numbers(wanted.prev_timesteps).map((t) => (t < 0 ? 0 : (process.trained?.sigmas[t] ?? Number.NaN)));
  return [
    formula('timesteps', timesteps, wanted.timesteps),
    formula('prev_timesteps', ddimTargets(timesteps, wanted.n, num_train_timesteps), wanted.prev_timesteps),
    formula('targets', targets, before),
  ];
}

/** `b_timestep_spacing`: which timesteps the programs choose, against what the app plans. */
export const checkTimestepSpacing: Checker = (golden): Comparison[] => {
  const wanted = golden as unknown as SpacingCase;
  const { n: steps, timestep_spacing: spacing, original_inference_steps } = wanted;
  const beta = wanted.beta ?? SD;
  const config = { steps_offset: wanted.steps_offset, original_inference_steps };
  const planned = (sampler: SamplerId, schedule: StepScheduleId) =>
    appRun({ sampler, beta, plan: { schedule, steps, config } });
  switch (wanted.scheduler) {
    case 'DDIM':
      return ddimSpacing(wanted, planned('ddim', spacing));
    case 'EulerDiscrete': {
      const { plan, process, coordinates } = planned('euler', spacing);
      const start = startingNoise(Float64Array.of(1), plan, coordinates, process);
      return [
        formula('timesteps', plan.timesteps ?? [], wanted.timesteps),
        formula('sigmas', plan.sigmas, wanted.sigmas),
        formula('init_noise_sigma', start[0], wanted.init_noise_sigma),
      ];
    }
    case 'UniPCMultistep': {
      const { timesteps = [], sigmas } = planned('unipc', spacing).plan;
      return [formula('timesteps', timesteps, wanted.timesteps), formula('sigmas', sigmas, wanted.sigmas)];
    }
    case 'PNDM(skip_prk_steps)': {
      const { timesteps = [] } = planned('plms', spacing).plan;
      // Its first step takes two calls, the second of them where the next step begins.
      return [formula('timesteps', [...timesteps.slice(0, 2), ...timesteps.slice(1)], wanted.timesteps)];
    }
    case 'LCM':
      return [formula('timesteps', planned('lcm', 'trailing').plan.timesteps ?? [], wanted.timesteps)];
    case 'A1111 LCM get_sigmas': {
      const { timesteps = [], sigmas } = planned('lcm', 'uniform').plan;
      return [formula('sigmas', sigmas, wanted.sigmas), formula('timesteps', timesteps, wanted.timesteps)];
    }
    case 'A1111 DDIM/PLMS get_timesteps': {
      const timesteps = a1111Timesteps(steps, beta.num_train_timesteps);
      const listed = formula('timesteps_ascending', timesteps.toReversed(), wanted.timesteps_ascending);
      // With one timestep nothing is left to update, which the planner refuses.
      const updates = steps === 1 ? timesteps.length - 1 : planned('ddim', 'uniform').plan.sigmas.length - 1;
      return [listed, formula('n_model_updates', updates, wanted.n_model_updates)];
    }
    case 'CompVis make_ddim_timesteps(uniform)':
    case 'CompVis make_ddim_timesteps(quad)': {
      const kind = wanted.scheduler.includes('quad') ? 'quad' : 'uniform';
      const timesteps = compvisTimesteps(kind, steps, beta.num_train_timesteps);
      return [formula('timesteps_ascending', timesteps.toReversed(), wanted.timesteps_ascending)];
    }
    default:
      throw new RangeError(`The timesteps of "${wanted.scheduler}" are not known.`);
  }
};

interface AncestralCase {
  sigma_from: number;
  sigma_to: number;
  eta: number;
  sigma_down: number;
  sigma_up: number;
}

interface PidCase {
  h: number;
  pcoeff: number;
  icoeff: number;
  dcoeff: number;
  order: number;
  eps: number;
  sequence: { error: number; accept: boolean; h_after: number }[];
}

/** What stepControl adds to an error before it divides by it. */
const PID_EPS = 1e-8;

function checkPid({ h, pcoeff, icoeff, dcoeff, order, eps, sequence }: PidCase): Comparison[] {
  if (pcoeff !== 0 || icoeff !== 1 || dcoeff !== 0)
    throw new NotOffered('Easel controls its steps by the integral part alone.');
  let length = h;
  const got = sequence.map(({ error }) => {
    const { accept, factor } = stepControl(error + eps - PID_EPS, order);
    length *= factor;
    return { accept, h: length };
  });
  return [
    formula(
      'accept',
      got.map(({ accept }) => Number(accept)),
      sequence.map(({ accept }) => accept),
    ),
    formula(
      'h_after',
      got.map(({ h }) => h),
      sequence.map(({ h_after }) => h_after),
    ),
  ];
}

function checkSigmaToTimestep(golden: GoldenCase): Comparison[] {
  const table = trainedOf(golden as ScheduleParams);
  const sigmas = numbers(golden.sigmas);
  return [
    formula(
      't',
      sigmas.map((sigma) => timestepAt(table, sigma)),
      golden.t,
    ),
    formula(
      't_quantized',
      sigmas.map((sigma) => nearestTimestep(table, sigma)),
      golden.t_quantized,
    ),
  ];
}

/** `c_helpers`: small formulas that the samplers share. */
export const checkHelper: Checker = (golden): Comparison[] => {
  switch (golden.fn) {
    case 'ancestral_step': {
      const { sigma_from, sigma_to, eta, sigma_down, sigma_up } = golden as unknown as AncestralCase;
      const { down, up } = ancestralSplit(sigma_from, sigma_to, eta);
      return [formula('sigma_down', down, sigma_down), formula('sigma_up', up, sigma_up)];
    }
    case 'linear_multistep_coeff': {
      const { sigmas, order, i, coeffs } = golden as unknown as Record<'sigmas' | 'coeffs', number[]> & Record<'order' | 'i', number>; // biome-ignore format: one type
      return [
        formula(
          'coeffs',
          coeffs.map((_, j) => lmsCoefficient(sigmas, order, i, j)),
          coeffs,
        ),
      ];
    }
    case 'sigma_to_t':
      return checkSigmaToTimestep(golden);
    case 't_to_sigma': {
      const table = trainedOf(golden as ScheduleParams);
      return [
        formula(
          'sigma',
          numbers(golden.t).map((t) => sigmaAt(table, t)),
          golden.sigma,
        ),
      ];
    }
    case 'beta_ppf': {
      const { alpha, beta } = golden as unknown as { alpha: number; beta: number };
      return [
        formula(
          'x',
          numbers(golden.q).map((q) => betaQuantile(q, alpha, beta)),
          golden.x,
        ),
      ];
    }
    case 'lcm_boundary': {
      const { t, sigma_data, timestep_scaling } = golden as unknown as Record<'t' | 'sigma_data' | 'timestep_scaling', number>; // biome-ignore format: one type
      // lcmScalings itself counts a timestep ten times.
      const { skip, out } = lcmScalings((t * timestep_scaling) / 10, sigma_data);
      return [formula('c_skip', skip, golden.c_skip), formula('c_out', out, golden.c_out)];
    }
    case 'pid':
      return checkPid(golden as unknown as PidCase);
    default:
      throw new RangeError(`The helper "${golden.fn}" is not known.`);
  }
};
