import type { NoiseScheduleConfig } from '../../core/diffusion/noise-schedules';
import type { SamplerId, SamplerTuning } from '../../core/diffusion/samplers/index';
import { ABSOLUTE_SHARE } from '../../core/diffusion/samplers/tuning';
import { type GoldenDenoiser, goldenDenoiser } from '../../core/diffusion/theory/mixture';
import type { StepInfo } from '../../core/diffusion/types';
import { type AppRequest, appRun } from './app-run';
import { type Checker, type Comparison, type GoldenCase, NotOffered, numbers, TRAJECTORY_TOLERANCE } from './golden';
import { kept, type RecordedNoise, recorded } from './recorded';

/** Our samplers by the name that a golden gives k-diffusion's. */
const SAMPLER_IDS: Readonly<Record<string, SamplerId>> = {
  euler: 'euler',
  euler_ancestral: 'euler_a',
  heun: 'heun',
  lms: 'lms',
  dpm_2: 'dpm2',
  dpm_2_ancestral: 'dpm2_a',
  dpm_fast: 'dpm_fast',
  dpm_adaptive: 'dpm_adaptive',
  dpmpp_2s_ancestral: 'dpmpp_2s_a',
  dpmpp_2m: 'dpmpp_2m',
  dpmpp_sde: 'dpmpp_sde',
  dpmpp_2m_sde: 'dpmpp_2m_sde',
  dpmpp_3m_sde: 'dpmpp_3m_sde',
  restart: 'restart',
};

interface Params {
  eta?: number;
  s_noise?: number;
  s_churn?: number;
  s_tmin?: number;
  s_tmax?: number;
  order?: number;
  solver_type?: 'midpoint' | 'heun';
  rtol?: number;
  atol?: number;
}

/** Keyword arguments of k-diffusion that the app leaves at their defaults. */
const UNSET = ['r', 'restart_list', 'h_init', 'pcoeff', 'icoeff', 'dcoeff', 'accept_safety'];

/** k-diffusion's keyword arguments as our settings; one that we do not know is an error, not a silent pass. */
function tuningOf(sampler: SamplerId, params: Params): SamplerTuning {
  const { eta, s_noise, s_churn, s_tmin, s_tmax, order, solver_type, rtol = 0.05, atol = 0.0078, ...other } = params;
  for (const name of Object.keys(other)) {
    if (UNSET.includes(name)) throw new NotOffered(`Easel leaves ${name} at its default.`);
    throw new RangeError(`Unknown parameter ${name}.`);
  }
  // Easel sets one tolerance and keeps A1111's ratio of the two.
  if (Math.abs(atol / (rtol * ABSOLUTE_SHARE) - 1) > 1e-9)
    throw new NotOffered('Easel sets the absolute tolerance by the relative one.');
  const quiet = sampler === 'dpm_fast' || sampler === 'dpm_adaptive';
  return {
    eta: quiet ? (eta ?? 0) : eta,
    sNoise: s_noise,
    sChurn: s_churn,
    sTmin: s_tmin,
    sTmax: s_tmax,
    order,
    tolerance: sampler === 'dpm_adaptive' ? rtol : undefined,
  };
}

interface ScheduleSpec {
  name: 'karras' | 'normal';
  n: number;
  discrete?: NoiseScheduleConfig;
  sigma_min?: number;
  sigma_max?: number;
  rho?: number;
  discard_penultimate?: boolean;
}

/** The list a case gives; DPM fast and adaptive take only its ends and a number of model calls. */
function planOf({ schedule, n, sigma_min, sigma_max }: GoldenCase): Pick<AppRequest, 'plan' | 'beta'> {
  if (!schedule) {
    const [sigmaMin, sigmaMax] = [Number(sigma_min), Number(sigma_max)];
    return { plan: { schedule: 'automatic', steps: (n as number | undefined) ?? 1, sigmaMin, sigmaMax } };
  }
  const { name, discrete: beta, discard_penultimate: discardPenultimate = false, ...spec } = schedule as ScheduleSpec;
  const plan = { steps: spec.n, discardPenultimate, sigmaMin: spec.sigma_min, sigmaMax: spec.sigma_max, rho: spec.rho };
  switch (name) {
    case 'karras':
      return { beta, plan: { ...plan, schedule: 'karras' } };
    case 'normal':
      return { beta, plan: { ...plan, schedule: 'uniform' } };
    default:
      name satisfies never;
      throw new RangeError(`The schedule "${name}" is not known.`);
  }
}

/** A k-diffusion sampler's trajectory: every model call's noise level, every step's x and prediction, the end. */
export const checkSigmaList: Checker = async (golden, { mixtures = {} }) => {
  const named = SAMPLER_IDS[String(golden.sampler)];
  if (!named) throw new RangeError(`No sampler "${golden.sampler}" is known.`);
  const params = (golden.params ?? {}) as Params;
  const sampler = params.solver_type === 'heun' ? 'dpmpp_2m_sde_heun' : named;
  const { plan, sample, options } = appRun({ sampler, tuning: tuningOf(sampler, params), ...planOf(golden) });
  const called: number[] = [];
  const shown: StepInfo[] = [];
  const model = goldenDenoiser(golden.denoiser as GoldenDenoiser, mixtures);
  const noise = recorded(golden.noises as RecordedNoise[]);
  const end = await sample(
    async (x, sigma, at) => {
      called.push(sigma);
      return model(x, sigma, at);
    },
    Float64Array.from(numbers(golden.x_init)),
    plan.sigmas,
    {
      ...options,
      noise: noise.draw,
      onStep: (info) => {
        shown.push(kept(info));
      },
    },
  );
  const steps = golden.steps as { x: number[]; denoised: number[] }[];
  const tolerance = TRAJECTORY_TOLERANCE;
  const comparisons: Comparison[] = [
    { field: 'x_final', actual: end, expected: numbers(golden.x_final), tolerance },
    { field: 'call_sigmas', actual: called, expected: numbers(golden.call_sigmas), tolerance },
    {
      field: 'steps.denoised',
      actual: shown.flatMap(({ denoised }) => [...denoised]),
      expected: steps.flatMap((s) => s.denoised),
      tolerance,
    },
    ...noise.comparisons(tolerance),
  ];
  if (golden.sigmas)
    comparisons.push({ field: 'sigmas', actual: plan.sigmas, expected: numbers(golden.sigmas), tolerance });
  // DPM adaptive reports x after its steps.
  const xs = golden.sampler === 'dpm_adaptive' ? [...shown.slice(1).map((s) => s.x), end] : shown.map((s) => s.x);
  comparisons.push({
    field: 'steps.x',
    actual: xs.flatMap((x) => [...x]),
    expected: steps.flatMap((s) => s.x),
    tolerance,
  });
  return comparisons;
};
