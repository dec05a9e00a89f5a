import { dpm2, dpm2Ancestral } from '../../core/diffusion/samplers/dpm-2';
import { dpmAdaptive, dpmFast } from '../../core/diffusion/samplers/dpm-solver';
import { dpmpp2m } from '../../core/diffusion/samplers/dpmpp';
import { dpmpp2mSde, dpmpp2sAncestral, dpmpp3mSde, dpmppSde } from '../../core/diffusion/samplers/dpmpp-sde';
import { euler, eulerAncestral, heun } from '../../core/diffusion/samplers/euler';
import { lms } from '../../core/diffusion/samplers/lms';
import { restart } from '../../core/diffusion/samplers/restart';
import { type GoldenDenoiser, goldenDenoiser } from '../../core/diffusion/theory/mixture';
import type { Sampler, SamplerOptions, StepInfo } from '../../core/diffusion/types';
import { type Checker, type Comparison, type GoldenCase, numbers, TRAJECTORY_TOLERANCE } from './golden';
import { kept, type RecordedNoise, recorded } from './recorded';

/** k-diffusion's samplers by the name a golden gives them. */
const SAMPLERS_BY_NAME: Readonly<Record<string, Sampler>> = {
  euler,
  euler_ancestral: eulerAncestral,
  heun,
  lms,
  dpm_2: dpm2,
  dpm_2_ancestral: dpm2Ancestral,
  dpm_fast: dpmFast,
  dpm_adaptive: dpmAdaptive,
  dpmpp_2s_ancestral: dpmpp2sAncestral,
  dpmpp_2m: dpmpp2m,
  dpmpp_sde: dpmppSde,
  dpmpp_2m_sde: dpmpp2mSde,
  dpmpp_3m_sde: dpmpp3mSde,
  restart,
};

interface Params {
  eta?: number;
  s_noise?: number;
  s_churn?: number;
  s_tmin?: number;
  s_tmax?: number;
  order?: number;
  r?: number;
  solver_type?: 'midpoint' | 'heun';
  rtol?: number;
  atol?: number;
  h_init?: number;
  pcoeff?: number;
  icoeff?: number;
  dcoeff?: number;
  accept_safety?: number;
  restart_list?: Record<string, [steps: number, times: number, upTo: number]>;
}

/** k-diffusion's keyword arguments as our options; one that we do not know is an error, not a silent pass. */
function optionsOf(params: Params): Partial<SamplerOptions> {
  const { eta, s_noise, s_churn, s_tmin, s_tmax, order, r, solver_type, restart_list, ...adaptive } = params;
  const { rtol = 0.05, atol = 0.0078, h_init, pcoeff, icoeff, dcoeff, accept_safety, ...unknown } = adaptive;
  if (Object.keys(unknown).length > 0) throw new RangeError(`Unknown parameters ${Object.keys(unknown).join(', ')}.`);
  const all: SamplerOptions = {
    noise: () => new Float64Array(),
    eta,
    sNoise: s_noise,
    sChurn: s_churn,
    sTmin: s_tmin,
    sTmax: s_tmax,
    order,
    r,
    solver: solver_type,
    tolerance: { relative: rtol, absolute: atol },
    stepControl: { first: h_init, p: pcoeff, i: icoeff, d: dcoeff, safety: accept_safety },
    restarts:
      restart_list &&
      Object.entries(restart_list).map(([low, [steps, times, upTo]]) => [Number(low), steps, times, upTo]),
  };
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => name !== 'noise' && value !== undefined));
}

/** The list a case gives; DPM fast and adaptive take only its ends and a number of model calls. */
function sigmasOf({ sigmas, sigma_min, sigma_max, n }: GoldenCase): number[] {
  if (sigmas) return numbers(sigmas);
  const calls = (n as number | undefined) ?? 1;
  return Array.from({ length: calls + 1 }, (_, i) => Number(i === calls ? sigma_min : sigma_max));
}

/** A k-diffusion sampler's trajectory: every model call's noise level, every step's x and prediction, the end. */
export const checkSigmaList: Checker = async (golden, { mixtures = {} }) => {
  const sample = SAMPLERS_BY_NAME[String(golden.sampler)];
  if (!sample) return { declined: `no sampler "${golden.sampler}"` };
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
    sigmasOf(golden),
    {
      noise: noise.draw,
      onStep: (info) => {
        shown.push(kept(info));
      },
      ...optionsOf((golden.params ?? {}) as Params),
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
