import { cleanLatent, outputFor, type Prediction } from '../../core/diffusion/denoisers';
import { guided, rescaled } from '../../core/diffusion/guidance';
import { inCoordinates } from '../../core/diffusion/latent-format';
import { varianceExploding } from '../../core/diffusion/noise-level';
import { type NoiseScheduleConfig, trainedSigmas } from '../../core/diffusion/noise-schedules';
import { withClipping } from '../../core/diffusion/process/clipping';
import { discrete } from '../../core/diffusion/process/discrete';
import { ddim } from '../../core/diffusion/samplers/ddim';
import { ddpm } from '../../core/diffusion/samplers/ddpm';
import { euler } from '../../core/diffusion/samplers/euler';
import { consistency, consistencySteps, lcm } from '../../core/diffusion/samplers/lcm';
import { plms } from '../../core/diffusion/samplers/plms';
import { integrateSde, sdeTimes, veSde, vpSde } from '../../core/diffusion/samplers/sde';
import { unipc } from '../../core/diffusion/samplers/unipc';
import {
  type GoldenDenoiser,
  goldenDenoiser,
  type Mixture,
  mixtureMean,
  mixtureScore,
} from '../../core/diffusion/theory/mixture';
import { sigmaAtLinear } from '../../core/diffusion/timesteps';
import type { Denoiser, Latent, Sampler, SamplerOptions, StepInfo } from '../../core/diffusion/types';
import {
  type Checker,
  type Comparison,
  type GoldenCase,
  type GoldenFile,
  numbers,
  TRAJECTORY_TOLERANCE,
} from './golden';
import { kept, type RecordedNoise, recorded } from './recorded';

const tolerance = TRAJECTORY_TOLERANCE;

interface SchedulerConfig {
  clip_sample?: boolean;
  clip_sample_range?: number;
  set_alpha_to_one?: boolean;
  variance_type?: string;
  prediction_type?: string;
  solver_order?: number;
  solver_type?: 'bh1' | 'bh2';
  variant?: string;
  order?: number;
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

interface Run {
  sample: Sampler;
  sigmas: readonly number[];
  options?: Partial<SamplerOptions>;
  /** Wraps the case's denoiser. */
  wrap?: (denoise: Denoiser) => Denoiser;
  coordinates?: 'variance-exploding' | 'variance-preserving';
}

/** Runs a case; x comes in and goes out in the coordinates of its scheduler. */
async function run(golden: TimestepCase, { mixtures = {} }: GoldenFile, given: Run): Promise<Comparison[]> {
  const { sample, sigmas, options, wrap = (d) => d, coordinates = 'variance-preserving' } = given;
  const scale = coordinates === 'variance-preserving' ? Math.sqrt(1 + sigmas[0] ** 2) : 1;
  const called: { x: Latent; alphaCumprod: number }[] = [];
  const shown: StepInfo[] = [];
  const noise = recorded(golden.noises);
  const denoise = wrap(goldenDenoiser(golden.denoiser, mixtures));
  const listening: Denoiser = (x, sigma, at) => {
    called.push({ x: inCoordinates(coordinates, x.slice(), sigma), alphaCumprod: 1 / (1 + sigma ** 2) });
    return denoise(x, sigma, at);
  };
  const end = await sample(
    listening,
    Float64Array.from(numbers(golden.x_init), (v) => v * scale),
    sigmas,
    {
      noise: noise.draw,
      onStep: (info) => {
        shown.push(kept(info));
      },
      ...options,
    },
  );
  const final = inCoordinates(coordinates, end, sigmas[sigmas.length - 1]);
  const comparisons: Comparison[] = [
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

/** The case's timesteps as a list of noise levels without its end, and the table they come from. */
function levels(golden: TimestepCase) {
  const table = trainedSigmas(golden.beta, 'almostExact');
  const descending = golden.timesteps ?? [...(golden.timesteps_ascending ?? [])].reverse();
  // PNDM's list repeats its second timestep; a run here has each once.
  const timesteps = descending.filter((t, i) => t !== descending[i - 1]);
  return { table, timesteps, sigmas: timesteps.map((t) => table.sigmas[t]) };
}

/** Where the steps of DDIM and PLMS land: t - T // n for diffusers, the next timestep for A1111, one further for CompVis. */
function implicitRun(golden: TimestepCase): Pick<Run, 'sigmas'> & { targets?: number[]; timesteps: number[] } {
  const { table, timesteps, sigmas } = levels(golden);
  if (golden.impl === 'a1111') return { sigmas, timesteps };
  if (golden.impl === 'compvis') return { sigmas: [...sigmas, table.sigmas[0]], timesteps };
  const end = golden.config?.set_alpha_to_one === false ? table.sigmas[0] : 0;
  const stride = Math.floor(table.sigmas.length / golden.n);
  const targets = timesteps.map((t) => (t - stride < 0 ? end : table.sigmas[t - stride]));
  return { sigmas: [...sigmas, targets[targets.length - 1]], targets, timesteps };
}

/** diffusers' `clip_sample`. */
function clipping({ beta, config = {} }: TimestepCase) {
  if (!config.clip_sample) return (denoise: Denoiser): Denoiser => denoise;
  const process = withClipping(discrete(trainedSigmas(beta), 'sample'), config.clip_sample_range);
  return (denoise: Denoiser): Denoiser =>
    async (x, sigma, at) =>
      process.denoised(x, sigma, (await denoise(x, sigma, at)).x0);
}

export const checkDdim: Checker = (c, file) => {
  const golden = c as TimestepCase;
  const { sigmas, targets } = implicitRun(golden);
  return run(golden, file, {
    sample: ddim,
    sigmas,
    wrap: clipping(golden),
    options: { eta: golden.eta ?? 0, targets },
  });
};

export const checkPlms: Checker = (c, file) => {
  const golden = c as TimestepCase;
  const { sigmas, targets } = implicitRun(golden);
  // A1111 and CompVis turn v into noise before they extrapolate.
  const blend = golden.config?.prediction_type === 'v_prediction' ? 'v_prediction' : 'epsilon';
  return run(golden, file, { sample: plms, sigmas, options: { targets, blend } });
};

export const checkDdpm: Checker = (c, file) => {
  const golden = c as TimestepCase;
  const { sigmas, timesteps } = levels(golden);
  const { variance_type = 'fixed_small' } = golden.config ?? {};
  const clip = clipping(golden);
  // The goldens' second output channel.
  const learned =
    (denoise: Denoiser): Denoiser =>
    async (x, sigma, at) => ({
      ...(await denoise(x, sigma, at)),
      variance: inCoordinates('variance-preserving', x, sigma).map((v) => Math.sin(3 * v + 0.01 * timesteps[at.step])),
    });
  return run(golden, file, {
    sample: ddpm,
    sigmas: [...sigmas, 0],
    wrap: variance_type === 'learned_range' ? (d) => learned(clip(d)) : clip,
    options: { timesteps, varianceType: variance_type.replace(/_log$/, '') as SamplerOptions['varianceType'] },
  });
};

export const checkEulerDiscrete: Checker = (c, file) => {
  const golden = c as TimestepCase;
  const { s_churn, s_noise } = golden.params ?? {};
  return run(golden, file, {
    sample: euler,
    sigmas: numbers(golden.sigmas),
    coordinates: 'variance-exploding',
    options: { sChurn: s_churn, sNoise: s_noise, churnAfterModel: true },
  });
};

export const checkUnipc: Checker = (c, file) => {
  const golden = c as TimestepCase;
  const { config = {}, log_alpha } = golden;
  const variant = config.solver_type ?? config.variant;
  if (variant !== 'bh1' && variant !== 'bh2') return { declined: `Easel offers UniPC's bh1 and bh2, not ${variant}` };
  // log_alpha is the log of the signal's coefficient, sqrt(abar).
  const sigmas = log_alpha ? log_alpha.map((l) => Math.sqrt(Math.expm1(-2 * l))) : numbers(golden.sigmas);
  return run(golden, file, {
    sample: unipc,
    sigmas,
    options: { order: config.solver_order ?? config.order, variant },
  });
};

/** A1111's LCM wrapper asks the network at the nearest timestep of its own grid, and takes the noise for the actual sigma. */
function quantised(denoise: Denoiser, calls: readonly { t: number }[], beta: NoiseScheduleConfig): Denoiser {
  const { sigmas } = trainedSigmas(beta);
  return async (x, sigma, at) => {
    const there = sigmas[calls[at.step].t];
    const seen = x.map((v) => v * Math.sqrt((1 + there ** 2) / (1 + sigma ** 2))) as Latent;
    const { x0 } = await denoise(seen, there, at);
    return { x0: x.map((v, i) => v - (sigma * (seen[i] - x0[i])) / there) as Latent };
  };
}

export const checkLcm: Checker = (c, file) => {
  const golden = c as TimestepCase;
  const { model_calls } = golden;
  if (!model_calls) {
    const { sigmas, timesteps } = levels(golden);
    const sample: Sampler = (denoise, x, list, options) => lcm(denoise, x, list, { ...options, timesteps });
    return run(golden, file, { sample, sigmas: [...sigmas, 0] });
  }
  const timestepOf = (_: number, step: number) => model_calls[step].t;
  return run(golden, file, {
    sample: consistencySteps,
    sigmas: numbers(golden.sigmas),
    coordinates: 'variance-exploding',
    wrap: (denoise) => consistency(quantised(denoise, model_calls, golden.beta), timestepOf, () => 1),
  });
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
  const { prediction_type: prediction } = golden;
  const { table, timesteps } = levels(golden);
  const { sigmas, targets } =
    golden.sampler === 'ddim'
      ? implicitRun({ ...golden, config: { set_alpha_to_one: false } })
      : { sigmas: [...timesteps.map((t) => sigmaAtLinear(table, t)), 0], targets: undefined };
  const coordinates = golden.sampler === 'ddim' ? 'variance-preserving' : 'variance-exploding';
  const shown: StepInfo[] = [];
  const denoise: Denoiser = async (x, sigma) => {
    const output = (name: string) =>
      outputFor(prediction, x, varianceExploding(sigma), mixtureMean(x, sigma, mixtures[name]));
    const cond = output(golden.cond);
    const both = guided(cond, output(golden.uncond), golden.guidance_scale);
    return { x0: cleanLatent(prediction, x, sigma, rescaled(both, cond, golden.guidance_rescale)) };
  };
  const scale = coordinates === 'variance-preserving' ? Math.sqrt(1 + sigmas[0] ** 2) : 1;
  const end = await (golden.sampler === 'ddim' ? ddim : euler)(
    denoise,
    Float64Array.from(numbers(golden.x_init), (v) => v * scale),
    sigmas,
    {
      noise: recorded().draw,
      targets,
      onStep: (info) => {
        shown.push(kept(info));
      },
    },
  );
  return [
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
