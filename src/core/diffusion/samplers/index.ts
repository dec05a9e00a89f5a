import { choiceLabel, type Label } from '../../errors';
import { consistency } from './consistency';
import { ddim, ddimCfgpp } from './ddim';
import { ddpm } from './ddpm';
import { dpm2, dpm2Ancestral } from './dpm-2';
import { dpmAdaptive, dpmFast } from './dpm-solver';
import { dpmpp2m } from './dpmpp';
import { dpmpp2mSde, dpmpp2sAncestral, dpmpp3mSde, dpmppSde } from './dpmpp-sde';
import type { SamplerEntry } from './entry';
import { euler, eulerAncestral, heun } from './euler';
import { lcm } from './lcm';
import { lms } from './lms';
import { plms } from './plms';
import { restart } from './restart';
import { rk45 } from './rk45';
import { annealedLangevin, eulerMaruyama, predictorCorrector } from './sde';
import { unipc } from './unipc';

export type { SamplerEntry, SamplerTuning } from './entry';

const CHURN = { sChurn: 0, sTmin: 0, sTmax: 0, sNoise: 1 };
const ANCESTRAL = { eta: 1, sNoise: 1 };

// What the samplers of a family share; an entry says what is its own.

/** Solvers of the probability-flow ODE over sigma. */
const ODE = {
  group: 'Deterministic',
  automaticSchedule: 'uniform',
  spacingStyle: 'euler',
  coordinates: 'variance-exploding',
  callsPerStep: 1,
  noise: 'none',
} as const;

/** Those that walk over the timesteps a model was trained on. */
const TIMESTEPS = {
  ...ODE,
  automaticSchedule: 'model',
  spacingStyle: 'ddim',
  uniformList: 'timesteps',
  coordinates: 'variance-preserving',
} as const;

/** Those that add noise in each step. */
const STOCHASTIC = {
  ...ODE,
  group: 'Adds noise',
  options: ANCESTRAL,
  automaticSchedule: 'karras',
  noise: 'fresh',
} as const;

/** DPM-Solver++ on the reverse SDE, along a Brownian path. */
const SDE_SOLVER = {
  ...STOCHASTIC,
  automaticSchedule: 'exponential',
  spacingStyle: 'solver',
  noise: 'brownian',
} as const;

/** What the papers on diffusion began with. */
const FROM_PAPERS = { ...STOCHASTIC, group: 'From the papers', options: { sNoise: 1 } } as const;

/**
 * The samplers by id, in the order they are offered in: what the page, the command line and the planner know of each.
 */
export const SAMPLERS = {
  dpmpp_2m: {
    label: 'DPM++ 2M',
    description: 'Second order, one model call a step. A good first choice at 20 steps.',
    ...ODE,
    options: {},
    automaticSchedule: 'karras',
    spacingStyle: 'solver',
    coordinates: 'variance-preserving',
    sample: dpmpp2m,
  },
  euler: {
    label: 'Euler',
    description: 'The simplest method; steady, soft results.',
    ...ODE,
    options: CHURN,
    sample: euler,
  },
  heun: {
    label: 'Heun',
    description: 'Euler with a second look at each step: more exact, two model calls.',
    ...ODE,
    options: CHURN,
    callsPerStep: 2,
    sample: heun,
  },
  lms: {
    label: 'LMS',
    description: 'Multistep: extrapolates from up to four past predictions.',
    ...ODE,
    options: { order: 4 },
    sample: lms,
  },
  dpm2: {
    label: 'DPM2',
    description: 'Midpoint method in log sigma; two model calls a step.',
    ...ODE,
    options: CHURN,
    automaticSchedule: 'karras',
    callsPerStep: 2,
    discardPenultimate: true,
    sample: dpm2,
  },
  ddim: {
    label: 'DDIM',
    description: 'Stable Diffusion’s first sampler; eta adds noise. Follows the timesteps the model was made for.',
    ...TIMESTEPS,
    options: { eta: 0, sNoise: 1 },
    exactTerminal: true,
    sample: ddim,
  },
  ddim_cfgpp: {
    label: 'DDIM CFG++',
    description: 'DDIM whose guidance stays near real pictures: natural colours at any CFG scale.',
    ...TIMESTEPS,
    options: { eta: 0, sNoise: 1 },
    cfgpp: true,
    exactTerminal: true,
    sample: ddimCfgpp,
  },
  plms: {
    label: 'PLMS',
    description: 'DDIM sped up by extrapolating the noise; the default of the first Stable Diffusion.',
    ...TIMESTEPS,
    options: {},
    minSteps: 2,
    sample: plms,
  },
  unipc: {
    label: 'UniPC',
    description: 'Predicts, then corrects each step for free. Good with 10 steps or fewer.',
    ...TIMESTEPS,
    group: 'Few steps',
    options: { unipcVariant: 'bh2', order: 3 },
    spacingStyle: 'solver',
    uniformList: 'continuous-time',
    sample: unipc,
  },
  lcm: {
    label: 'LCM',
    description: 'For latent consistency models and their LoRAs: 4 to 8 steps, CFG scale 1 to 2.',
    group: 'Few steps',
    options: {},
    automaticSchedule: 'model',
    spacingStyle: 'lcm',
    coordinates: 'variance-preserving',
    callsPerStep: 1,
    noise: 'fresh',
    sample: lcm,
  },
  consistency: {
    label: 'Consistency',
    description: 'For consistency models: a picture in one step, a better one in two or more.',
    ...STOCHASTIC,
    group: 'Few steps',
    options: { sNoise: 1 },
    automaticSchedule: 'consistency',
    sample: consistency,
  },
  euler_a: {
    label: 'Euler a',
    description: 'Euler with fresh noise each step: lively, and never settles on one picture.',
    ...STOCHASTIC,
    automaticSchedule: 'uniform',
    sample: eulerAncestral,
  },
  dpm2_a: {
    label: 'DPM2 a',
    description: 'DPM2 with fresh noise each step.',
    ...STOCHASTIC,
    callsPerStep: 2,
    discardPenultimate: true,
    sample: dpm2Ancestral,
  },
  dpmpp_2s_a: {
    label: 'DPM++ 2S a',
    description: 'Second order in one step, with fresh noise; two model calls.',
    ...STOCHASTIC,
    spacingStyle: 'solver',
    callsPerStep: 2,
    sample: dpmpp2sAncestral,
  },
  dpmpp_sde: {
    label: 'DPM++ SDE',
    description: 'Rich detail from noise that follows one path; two model calls a step.',
    ...SDE_SOLVER,
    automaticSchedule: 'karras',
    callsPerStep: 2,
    sample: dpmppSde,
  },
  dpmpp_2m_sde: {
    label: 'DPM++ 2M SDE',
    description: 'DPM++ 2M with noise: detailed, one model call a step.',
    ...SDE_SOLVER,
    sample: dpmpp2mSde,
  },
  dpmpp_2m_sde_heun: {
    label: 'DPM++ 2M SDE Heun',
    description: 'DPM++ 2M SDE with Heun’s extrapolation instead of the midpoint’s.',
    ...SDE_SOLVER,
    sample: (denoise, x, sigmas, options) => dpmpp2mSde(denoise, x, sigmas, { ...options, solver: 'heun' }),
  },
  dpmpp_3m_sde: {
    label: 'DPM++ 3M SDE',
    description: 'Third order with noise; needs 30 steps or more.',
    ...SDE_SOLVER,
    discardPenultimate: true,
    sample: dpmpp3mSde,
  },
  restart: {
    label: 'Restart',
    description: 'Heun that adds noise back now and then, to repair early mistakes.',
    ...STOCHASTIC,
    options: { sNoise: 1 },
    callsPerStep: 2,
    minSteps: 2,
    sample: restart,
  },
  dpm_fast: {
    label: 'DPM fast',
    description: 'DPM-Solver of third order; places its own noise levels. For few steps.',
    ...STOCHASTIC,
    group: 'Chooses its own steps',
    automaticSchedule: 'uniform',
    ends: { at: 'smallest', adaptive: false },
    sample: dpmFast,
  },
  dpm_adaptive: {
    label: 'DPM adaptive',
    description: 'DPM-Solver that goes on until it is exact enough; the number of steps is its own.',
    ...STOCHASTIC,
    group: 'Chooses its own steps',
    options: { ...ANCESTRAL, order: 3, tolerance: 0.05 },
    automaticSchedule: 'uniform',
    callsPerStep: 3,
    ends: { at: 'smallest', adaptive: true },
    sample: dpmAdaptive,
  },
  rk45: {
    label: 'RK45',
    description: 'The probability-flow ODE by an adaptive Runge-Kutta solver: exact and slow, for reference.',
    ...ODE,
    group: 'Chooses its own steps',
    options: { tolerance: 0.001 },
    callsPerStep: 6,
    ends: { at: 'zero', adaptive: true },
    sample: rk45,
  },
  ddpm: {
    label: 'DDPM',
    description: 'Ancestral sampling of the first diffusion models; needs 50 steps or more.',
    ...FROM_PAPERS,
    options: { varianceType: 'fixed_small', sNoise: 1 },
    automaticSchedule: 'model',
    spacingStyle: 'ddpm',
    coordinates: 'variance-preserving',
    exactTerminal: true,
    sample: ddpm,
  },
  euler_maruyama: {
    label: 'Euler-Maruyama',
    description: 'The reverse-time SDE, step by step; needs 50 steps or more.',
    ...FROM_PAPERS,
    sample: eulerMaruyama,
  },
  predictor_corrector: {
    label: 'Predictor-corrector',
    description: 'Euler-Maruyama with a Langevin step after each; two model calls.',
    ...FROM_PAPERS,
    options: { langevin: 0.16, sNoise: 1 },
    callsPerStep: 2,
    sample: predictorCorrector,
  },
  langevin: {
    label: 'Annealed Langevin',
    description: 'Wanders at each noise level, then goes to the next (NCSN); many model calls a step.',
    ...FROM_PAPERS,
    options: { langevin: 0.3, corrections: 8, sNoise: 1 },
    callsPerStep: 8,
    sample: annealedLangevin,
  },
} as const satisfies Record<string, SamplerEntry>;

export type SamplerId = keyof typeof SAMPLERS;

/** A sampler's entry with the fields that only some have. */
export function samplerEntry(id: SamplerId): SamplerEntry {
  return SAMPLERS[id];
}

/** What a sampler is called, in a sentence. */
export const samplerLabel = (id: SamplerId): Label => choiceLabel('sampler', id, SAMPLERS[id].label);
