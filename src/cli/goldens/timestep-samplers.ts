import { outputFor, type Prediction } from '../../core/diffusion/denoisers';
import { guided, rescaled } from '../../core/diffusion/guidance';
import { inCoordinates } from '../../core/diffusion/latent-format';
import { type NoiseScheduleConfig, trainedSigmas } from '../../core/diffusion/noise-schedules';
import type { StepTraits } from '../../core/diffusion/plan-steps';
import { withClipping } from '../../core/diffusion/process/clipping';
import { discrete } from '../../core/diffusion/process/discrete';
import type { SamplerId, SamplerTuning } from '../../core/diffusion/samplers/index';
import { integrateSde, sdeTimes, veSde, vpSde } from '../../core/diffusion/samplers/sde';
import {
  type GoldenDenoiser,
  goldenDenoiser,
  type Mixture,
  mixtureScore,
  posteriorExpectation,
} from '../../core/diffusion/theory/mixture';
import type { Denoiser, Latent, StepInfo } from '../../core/diffusion/types';
import { type AppRequest, type AppRun, appRun } from './app-run';
import {
  type Checker,
  type Comparison,
  type GoldenCase,
  type GoldenFile,
  NotOffered,
  numbers,
  TRAJECTORY_TOLERANCE,
} from './golden';
import { kept, type RecordedNoise, recorded } from './recorded';

const tolerance = TRAJECTORY_TOLERANCE;

interface SchedulerConfig extends StepTraits {
  clip_sample?: boolean;
  clip_sample_range?: number;
  variance_type?: string;
  prediction_type?: Prediction;
  solver_order?: number;
  solver_type?: 'bh1' | 'bh2';
  use_karras_sigmas?: boolean;
  /** Of A1111's UniPC. */
  variant?: string;
  order?: number;
  skip_type?: string;
}

interface TimestepCase extends GoldenCase {
  impl: 'diffusers' | 'a1111' | 'compvis';
  denoiser: GoldenDenoiser;
  beta: NoiseScheduleConfig;
  config?: SchedulerConfig;
  params?: { s_churn?: number; s_noise?: number };
  n: number;
  eta?: number;
  timesteps?: number[];
  timesteps_ascending?: number[];
  sigmas?: number[];
  log_alpha?: number[];
  noises: RecordedNoise[];
  steps: { x: number[]; denoised?: number[]; lcm_denoised?: number[]; alphas_cumprod?: number }[];
  calls?: { alphas_cumprod: number; x: number[] }[];
  model_calls?: { t: number }[];
}

/** Wraps a case's denoiser. */
type Wrap = (denoise: Denoiser) => Denoiser;

/** How the app is asked for what a reference program ran. */
function requestOf(
  { impl, n, beta, config = {} }: TimestepCase,
  sampler: SamplerId,
  tuning: SamplerTuning,
): AppRequest {
  const { timestep_spacing: spacing = 'leading', use_karras_sigmas: karras, prediction_type: prediction } = config;
  const request = { sampler, beta, prediction, tuning };
  switch (impl) {
    case 'a1111':
      return { ...request, plan: { schedule: 'uniform', steps: n } };
    case 'compvis':
      // Its timesteps, counted from 1, and its end at the first level are these settings of diffusers.
      return {
        ...request,
        plan: { schedule: 'leading', steps: n, config: { steps_offset: 1, set_alpha_to_one: false } },
      };
    case 'diffusers':
      // Its Euler alone leaves the timesteps of Karras sigmas fractional.
      return {
        ...request,
        plan: { schedule: karras ? 'karras' : spacing, steps: n, config, quantise: karras && sampler !== 'euler' },
      };
    default:
      impl satisfies never;
      throw new RangeError(`Nothing is known of the program "${impl}".`);
  }
}

/** The noise levels and timesteps that the app plans against those of the case. */
function planComparisons(golden: TimestepCase, { plan, options }: AppRun): Comparison[] {
  const { impl, sigmas, log_alpha, timesteps, timesteps_ascending } = golden;
  const comparisons: Comparison[] = [];
  // log_alpha is the log of the signal's coefficient, sqrt(abar).
  const levels = log_alpha?.map((l) => Math.sqrt(Math.expm1(-2 * l))) ?? (sigmas && numbers(sigmas));
  if (levels) comparisons.push({ field: 'sigmas', actual: plan.sigmas, expected: levels, tolerance });
  const descending = timesteps ?? timesteps_ascending?.toReversed();
  if (descending && options.timesteps) {
    // PNDM's list repeats its second timestep; a run here has each once. A1111's stops at its last.
    const told = descending.filter((t, i) => t !== descending[i - 1]);
    const expected = impl === 'a1111' ? told.slice(0, -1) : told;
    comparisons.push({ field: 'timesteps', actual: options.timesteps, expected, tolerance });
  }
  return comparisons;
}

/** Runs a case as the app does; x comes in and goes out in the coordinates of its scheduler. */
async function run(golden: TimestepCase, { mixtures = {} }: GoldenFile, request: AppRequest, wrap: Wrap = (d) => d) {
  const app = appRun(request);
  const { plan, sample, options, coordinates } = app;
  const { sigmas } = plan;
  const scale = coordinates === 'variance-preserving' ? Math.sqrt(1 + sigmas[0] ** 2) : 1;
  const called: { x: Latent; alphaCumprod: number }[] = [];
  const shown: StepInfo[] = [];
  const noise = recorded(golden.noises);
  const denoise = wrap(goldenDenoiser(golden.denoiser, mixtures));
  const listening: Denoiser = (x, sigma, at) => {
    called.push({ x: inCoordinates(coordinates, x.slice(), sigma), alphaCumprod: 1 / (1 + sigma ** 2) });
    return denoise(x, sigma, at);
  };
  const start = Float64Array.from(numbers(golden.x_init), (v) => v * scale);
  const end = await sample(listening, start, sigmas, {
    ...options,
    noise: noise.draw,
    onStep: (info) => {
      shown.push(kept(info));
    },
  });
  const final = inCoordinates(coordinates, end, sigmas[sigmas.length - 1]);
  const comparisons: Comparison[] = [
    ...planComparisons(golden, app),
    { field: 'x_final', actual: final, expected: numbers(golden.x_final), tolerance },
    ...noise.comparisons(tolerance),
  ];
  const compare = (field: string, actual: number[], expected: number[]) => {
    if (expected.length > 0) comparisons.push({ field, actual, expected, tolerance });
  };
  if (golden.calls) {
    compare('calls.x', called.flatMap(({ x }) => [...x]), golden.calls.flatMap(({ x }) => x)); // biome-ignore format: pairs
    compare('calls.alphas_cumprod', called.map((c) => c.alphaCumprod), golden.calls.map((c) => c.alphas_cumprod)); // biome-ignore format: pairs
  } else if (golden.sampler !== 'plms') {
    // diffusers' PLMS lists its first step twice.
    compare(
      'steps.x',
      shown.flatMap(({ x, sigma }) => [...inCoordinates(coordinates, x, sigma)]),
      golden.steps.flatMap(({ x }) => x),
    );
    // A churned Euler scheduler reports the noisier latent minus its noise instead of the model's prediction.
    if (!golden.params?.s_churn)
      compare(
        'steps.denoised',
        shown.flatMap(({ denoised }) => [...denoised]),
        golden.steps.flatMap((s) => s.lcm_denoised ?? s.denoised ?? []),
      );
  }
  return comparisons;
}

/** diffusers' `clip_sample`. */
function clipping({ beta, config = {} }: TimestepCase): Wrap {
  if (!config.clip_sample) return (denoise) => denoise;
  const process = withClipping(discrete(trainedSigmas(beta), 'sample'), config.clip_sample_range);
  return (denoise) => async (x, sigma, at) => process.denoised(x, sigma, (await denoise(x, sigma, at)).x0);
}

export const checkDdim: Checker = (c, file) => {
  const golden = c as TimestepCase;
  return run(golden, file, requestOf(golden, 'ddim', { eta: golden.eta ?? 0 }), clipping(golden));
};

export const checkPlms: Checker = (c, file) => {
  const golden = c as TimestepCase;
  return run(golden, file, requestOf(golden, 'plms', {}));
};

export const checkDdpm: Checker = (c, file) => {
  const golden = c as TimestepCase;
  const { variance_type = 'fixed_small' } = golden.config ?? {};
  const varianceType = variance_type.replace(/_log$/, '') as SamplerTuning['varianceType'];
  const { timesteps = [] } = golden;
  const clip = clipping(golden);
  // The goldens' second output channel.
  const learned: Wrap = (denoise) => async (x, sigma, at) => ({
    ...(await denoise(x, sigma, at)),
    variance: inCoordinates('variance-preserving', x, sigma).map((v) => Math.sin(3 * v + 0.01 * timesteps[at.step])),
  });
  const wrap: Wrap = varianceType === 'learned_range' ? (denoise) => learned(clip(denoise)) : clip;
  return run(golden, file, requestOf(golden, 'ddpm', { varianceType }), wrap);
};

export const checkEulerDiscrete: Checker = (c, file) => {
  const golden = c as TimestepCase;
  if (golden.params?.s_churn) throw new NotOffered('Easel adds churn before the model’s call, as k-diffusion does.');
  return run(golden, file, requestOf(golden, 'euler', {}));
};

export const checkUnipc: Checker = (c, file) => {
  const golden = c as TimestepCase;
  const { config = {} } = golden;
  const variant = config.solver_type ?? config.variant;
  if (variant !== 'bh1' && variant !== 'bh2') throw new NotOffered(`Easel offers UniPC’s bh1 and bh2, not ${variant}.`);
  if ((config.skip_type ?? 'time_uniform') !== 'time_uniform')
    throw new NotOffered(`Easel spaces UniPC’s steps evenly in time, not by ${config.skip_type}.`);
  if (config.use_karras_sigmas && config.final_sigmas_type === 'sigma_min')
    throw new NotOffered('Easel ends the Karras schedule at 0.');
  return run(golden, file, requestOf(golden, 'unipc', { order: config.solver_order ?? config.order, unipcVariant: variant })); // biome-ignore format: one call
};

export const checkLcm: Checker = (c, file) => {
  const golden = c as TimestepCase;
  if (golden.impl === 'a1111')
    throw new NotOffered('Easel takes LCM’s boundary condition on the network’s input, as diffusers does.');
  return run(golden, file, requestOf(golden, 'lcm', {}));
};

interface GuidedCase extends TimestepCase {
  cond: string;
  uncond: string;
  guidance_scale: number;
  guidance_rescale: number;
  prediction_type: Prediction;
  sampler: 'ddim' | 'euler_discrete';
}

/** CFG and its rescaling on the raw outputs, inside a sampler's loop. */
export const checkGuidedTrajectory: Checker = async (c, { mixtures = {} }) => {
  const golden = c as GuidedCase;
  const config = { ...golden.config, set_alpha_to_one: false, prediction_type: golden.prediction_type };
  const app = appRun(requestOf({ ...golden, config }, golden.sampler === 'ddim' ? 'ddim' : 'euler', {}));
  const { process, plan, sample, options, coordinates } = app;
  const { sigmas } = plan;
  const shown: StepInfo[] = [];
  const denoise: Denoiser = async (x, sigma) => {
    const [fed, level] = [process.input(x, sigma), process.level(sigma)];
    const output = (name: string) =>
      outputFor(golden.prediction_type, fed, level, posteriorExpectation(fed, level, mixtures[name]));
    const cond = output(golden.cond);
    const both = guided(cond, output(golden.uncond), golden.guidance_scale);
    return process.denoised(x, sigma, rescaled(both, cond, golden.guidance_rescale));
  };
  const scale = coordinates === 'variance-preserving' ? Math.sqrt(1 + sigmas[0] ** 2) : 1;
  const start = Float64Array.from(numbers(golden.x_init), (v) => v * scale);
  const end = await sample(denoise, start, sigmas, {
    ...options,
    noise: recorded().draw,
    onStep: (info) => {
      shown.push(kept(info));
    },
  });
  return [
    ...planComparisons(golden, app),
    {
      field: 'x_final',
      actual: inCoordinates(coordinates, end, sigmas[sigmas.length - 1]),
      expected: numbers(golden.x_final),
      tolerance,
    },
    {
      field: 'steps.denoised',
      actual: shown.flatMap((s) => [...s.denoised]),
      expected: golden.steps.flatMap((s) => s.denoised ?? []),
      tolerance,
    },
  ];
};

interface SdeCase extends GoldenCase {
  denoiser: { kind: 'mixture'; mixture: string };
  sde: 'vp' | 've';
  params: { beta_min: number; beta_max: number; sigma_min: number; sigma_max: number };
  grid: 'uniform' | 'score_sde';
  N: number;
  T: number;
  eps: number;
  noises: RecordedNoise[];
  steps: { t: number; x: number[]; score: number[] }[];
}

export const checkSde: Checker = async (c, { mixtures = {} }) => {
  const golden = c as SdeCase;
  const { params, denoiser } = golden;
  const sde = golden.sde === 'vp' ? vpSde(params.beta_min, params.beta_max) : veSde(params.sigma_min, params.sigma_max);
  const mixture = mixtures[denoiser.mixture] as Mixture;
  const [xs, scores, ts]: [number[], number[], number[]] = [[], [], []];
  const score = async (x: Latent, t: number) => {
    const out = mixtureScore(x, { signal: sde.mean(t), noise: sde.deviation(t) }, mixture);
    ts.push(t);
    xs.push(...x);
    scores.push(...out);
    return out;
  };
  const noise = recorded(golden.noises);
  const flow = golden.sampler === 'probability_flow_euler';
  const times = sdeTimes(golden.grid, golden.N, golden.T, golden.eps);
  const start = Float64Array.from(numbers(golden.x_init));
  const end = await integrateSde(sde, score, start, times, flow ? 'probability-flow' : noise.draw);
  return [
    { field: 'x_final', actual: end.x, expected: numbers(golden.x_final), tolerance },
    { field: 'x_mean_final', actual: end.mean, expected: numbers(golden.x_mean_final), tolerance },
    { field: 'steps.t', actual: ts, expected: golden.steps.map(({ t }) => t), tolerance },
    { field: 'steps.x', actual: xs, expected: golden.steps.flatMap(({ x }) => x), tolerance },
    { field: 'steps.score', actual: scores, expected: golden.steps.flatMap((s) => s.score), tolerance },
    ...noise.comparisons(tolerance),
  ];
};
