import type { StepScheduleId } from '../step-schedules/index';
import type { Sampler } from '../types';
import { ddim, ddimCfgpp } from './ddim';
import { ddpm } from './ddpm';
import { dpm2, dpm2Ancestral } from './dpm-2';
import { dpmAdaptive, dpmFast } from './dpm-solver';
import { dpmpp2m } from './dpmpp';
import { dpmpp2mSde, dpmpp2sAncestral, dpmpp3mSde, dpmppSde } from './dpmpp-sde';
import { euler, eulerAncestral, heun } from './euler';
import { lcm } from './lcm';
import { lms } from './lms';
import { plms } from './plms';
import { restart } from './restart';
import { rk45 } from './rk45';
import { annealedLangevin, eulerMaruyama, predictorCorrector } from './sde';
import { unipc } from './unipc';

/** The fields of a request that some samplers read. */
export interface SamplerTuning {
  /** Share of fresh noise. */
  eta?: number;
  /** Scale of the noise that is added. */
  sNoise?: number;
  /** Churn (Karras et al. 2022): how much noise is added before steps, over the whole run, and between which sigmas. */
  sChurn?: number;
  sTmin?: number;
  /** 0 is no limit, as in A1111. */
  sTmax?: number;
  /** How many predictions a multistep method looks back on. */
  order?: number;
  /** UniPC's B(h). */
  unipcVariant?: 'bh1' | 'bh2';
  /** DDPM's variance; `learned_range` needs a model that predicts it. */
  varianceType?: 'fixed_small' | 'fixed_large' | 'learned_range';
  /** Tolerated error of an adaptive method, relative and absolute. */
  tolerance?: number;
  /** Langevin steps: signal-to-noise ratio, or step length as a share of sigma^2; and how many at a noise level. */
  langevin?: number;
  corrections?: number;
}

/** What the page, the command line and the planner know of a sampler. */
export interface SamplerEntry {
  /** A1111's name, also in PNG text. */
  label: string;
  description: string;
  group: 'Deterministic' | 'Adds noise' | 'Few steps' | 'Chooses its own steps' | 'From the papers';
  /** Which of the request's optional fields it reads, with its own defaults. */
  options: SamplerTuning;
  /** What "Automatic" stands for (A1111's choice where it has the sampler), or the model's own timestep spacing. */
  automaticSchedule: Exclude<StepScheduleId, 'automatic'> | 'model';
  /** Whose timestep spacing it follows: diffusers' DDIM, DDPM, Euler family, DPM-Solver or LCM. */
  spacingStyle: 'ddim' | 'ddpm' | 'euler' | 'solver' | 'lcm';
  /** What "Uniform" is where A1111 runs it on a list of its own: whole timesteps (DDIM, PLMS) or continuous times (UniPC). */
  uniformList?: 'timesteps' | 'continuous-time';
  /** Coordinates that its reference pipeline keeps the latent in (and hands to the autoencoder). */
  coordinates: 'variance-exploding' | 'variance-preserving';
  /** Model calls a step, for the time left; roughly, for an adaptive one. */
  callsPerStep: number;
  /**
   * Only the ends of the list of noise levels count, so that no schedule can be chosen; it stops at the smallest sigma, or goes
   * on to 0. `adaptive` ones choose the number of steps, too.
   */
  ends?: { at: 'smallest' | 'zero'; adaptive: boolean };
  /** A1111 leaves out the last sigma but one for these, having planned a step more. */
  discardPenultimate?: true;
  /**
   * The noise it draws with its own options: none, so that one seed's pictures converge as steps grow; fresh at each step; or along one
   * Brownian path, which is the same for any number of steps.
   */
  noise: 'none' | 'fresh' | 'brownian';
  /** Keeps its precision when a zero-terminal-SNR model's last sigma is astronomical, so that it need not be replaced by a smaller one. */
  exactTerminal?: true;
  /** The fewest steps it works with. */
  minSteps?: number;
  /** Renoises with the unconditional prediction; its guidance scale is a twelfth and a half of what is shown. */
  cfgpp?: true;
  sample: Sampler;
}

const CHURN = { sChurn: 0, sTmin: 0, sTmax: 0, sNoise: 1 };
const ANCESTRAL = { eta: 1, sNoise: 1 };

export const SAMPLERS = {
  dpmpp_2m: {
    label: 'DPM++ 2M',
    description: 'Second order, one model call a step. A good first choice at 20 steps.',
    group: 'Deterministic',
    options: {},
    automaticSchedule: 'karras',
    spacingStyle: 'solver',
    coordinates: 'variance-preserving',
    callsPerStep: 1,
    noise: 'none',
    sample: dpmpp2m,
  },
  euler: {
    label: 'Euler',
    description: 'The simplest method; steady, soft results.',
    group: 'Deterministic',
    options: CHURN,
    automaticSchedule: 'uniform',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    callsPerStep: 1,
    noise: 'none',
    sample: euler,
  },
  heun: {
    label: 'Heun',
    description: 'Euler with a second look at each step: more exact, two model calls.',
    group: 'Deterministic',
    options: CHURN,
    automaticSchedule: 'uniform',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    callsPerStep: 2,
    noise: 'none',
    sample: heun,
  },
  lms: {
    label: 'LMS',
    description: 'Multistep: extrapolates from up to four past predictions.',
    group: 'Deterministic',
    options: { order: 4 },
    automaticSchedule: 'uniform',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    callsPerStep: 1,
    noise: 'none',
    sample: lms,
  },
  dpm2: {
    label: 'DPM2',
    description: 'Midpoint method in log sigma; two model calls a step.',
    group: 'Deterministic',
    options: CHURN,
    automaticSchedule: 'karras',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    callsPerStep: 2,
    discardPenultimate: true,
    noise: 'none',
    sample: dpm2,
  },
  ddim: {
    label: 'DDIM',
    description: 'Stable Diffusion’s first sampler; eta adds noise. Follows the timesteps the model was made for.',
    group: 'Deterministic',
    options: { eta: 0, sNoise: 1 },
    automaticSchedule: 'model',
    spacingStyle: 'ddim',
    uniformList: 'timesteps',
    coordinates: 'variance-preserving',
    callsPerStep: 1,
    exactTerminal: true,
    noise: 'none',
    sample: ddim,
  },
  ddim_cfgpp: {
    label: 'DDIM CFG++',
    description: 'DDIM whose guidance stays near real pictures: natural colours at any CFG scale.',
    group: 'Deterministic',
    options: { eta: 0, sNoise: 1 },
    automaticSchedule: 'model',
    spacingStyle: 'ddim',
    uniformList: 'timesteps',
    coordinates: 'variance-preserving',
    callsPerStep: 1,
    cfgpp: true,
    exactTerminal: true,
    noise: 'none',
    sample: ddimCfgpp,
  },
  plms: {
    label: 'PLMS',
    description: 'DDIM sped up by extrapolating the noise; the default of the first Stable Diffusion.',
    group: 'Deterministic',
    options: {},
    automaticSchedule: 'model',
    spacingStyle: 'ddim',
    uniformList: 'timesteps',
    coordinates: 'variance-preserving',
    callsPerStep: 1,
    minSteps: 2,
    noise: 'none',
    sample: plms,
  },
  unipc: {
    label: 'UniPC',
    description: 'Predicts, then corrects each step for free. Good with 10 steps or fewer.',
    group: 'Few steps',
    options: { unipcVariant: 'bh2', order: 3 },
    automaticSchedule: 'model',
    spacingStyle: 'solver',
    uniformList: 'continuous-time',
    coordinates: 'variance-preserving',
    callsPerStep: 1,
    noise: 'none',
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
  euler_a: {
    label: 'Euler a',
    description: 'Euler with fresh noise each step: lively, and never settles on one picture.',
    group: 'Adds noise',
    options: ANCESTRAL,
    automaticSchedule: 'uniform',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    callsPerStep: 1,
    noise: 'fresh',
    sample: eulerAncestral,
  },
  dpm2_a: {
    label: 'DPM2 a',
    description: 'DPM2 with fresh noise each step.',
    group: 'Adds noise',
    options: ANCESTRAL,
    automaticSchedule: 'karras',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    callsPerStep: 2,
    discardPenultimate: true,
    noise: 'fresh',
    sample: dpm2Ancestral,
  },
  dpmpp_2s_a: {
    label: 'DPM++ 2S a',
    description: 'Second order in one step, with fresh noise; two model calls.',
    group: 'Adds noise',
    options: ANCESTRAL,
    automaticSchedule: 'karras',
    spacingStyle: 'solver',
    coordinates: 'variance-exploding',
    callsPerStep: 2,
    noise: 'fresh',
    sample: dpmpp2sAncestral,
  },
  dpmpp_sde: {
    label: 'DPM++ SDE',
    description: 'Rich detail from noise that follows one path; two model calls a step.',
    group: 'Adds noise',
    options: ANCESTRAL,
    automaticSchedule: 'karras',
    spacingStyle: 'solver',
    coordinates: 'variance-exploding',
    callsPerStep: 2,
    noise: 'brownian',
    sample: dpmppSde,
  },
  dpmpp_2m_sde: {
    label: 'DPM++ 2M SDE',
    description: 'DPM++ 2M with noise: detailed, one model call a step.',
    group: 'Adds noise',
    options: ANCESTRAL,
    automaticSchedule: 'exponential',
    spacingStyle: 'solver',
    coordinates: 'variance-exploding',
    callsPerStep: 1,
    noise: 'brownian',
    sample: dpmpp2mSde,
  },
  dpmpp_2m_sde_heun: {
    label: 'DPM++ 2M SDE Heun',
    description: 'DPM++ 2M SDE with Heun’s extrapolation instead of the midpoint’s.',
    group: 'Adds noise',
    options: ANCESTRAL,
    automaticSchedule: 'exponential',
    spacingStyle: 'solver',
    coordinates: 'variance-exploding',
    callsPerStep: 1,
    noise: 'brownian',
    sample: (denoise, x, sigmas, options) => dpmpp2mSde(denoise, x, sigmas, { ...options, solver: 'heun' }),
  },
  dpmpp_3m_sde: {
    label: 'DPM++ 3M SDE',
    description: 'Third order with noise; wants 30 steps and more.',
    group: 'Adds noise',
    options: ANCESTRAL,
    automaticSchedule: 'exponential',
    spacingStyle: 'solver',
    coordinates: 'variance-exploding',
    callsPerStep: 1,
    discardPenultimate: true,
    noise: 'brownian',
    sample: dpmpp3mSde,
  },
  restart: {
    label: 'Restart',
    description: 'Heun that goes back into noise and down again, which mends early mistakes.',
    group: 'Adds noise',
    options: { sNoise: 1 },
    automaticSchedule: 'karras',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    callsPerStep: 2,
    minSteps: 2,
    noise: 'fresh',
    sample: restart,
  },
  dpm_fast: {
    label: 'DPM fast',
    description: 'DPM-Solver of third order; places its own noise levels. For few steps.',
    group: 'Chooses its own steps',
    options: ANCESTRAL,
    automaticSchedule: 'uniform',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    callsPerStep: 1,
    ends: { at: 'smallest', adaptive: false },
    noise: 'fresh',
    sample: dpmFast,
  },
  dpm_adaptive: {
    label: 'DPM adaptive',
    description: 'DPM-Solver that goes on until it is exact enough; the number of steps is its own.',
    group: 'Chooses its own steps',
    options: { ...ANCESTRAL, order: 3, tolerance: 0.05 },
    automaticSchedule: 'uniform',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    callsPerStep: 3,
    ends: { at: 'smallest', adaptive: true },
    noise: 'fresh',
    sample: dpmAdaptive,
  },
  rk45: {
    label: 'RK45',
    description: 'The probability-flow ODE by an adaptive Runge-Kutta solver: exact and slow, for reference.',
    group: 'Chooses its own steps',
    options: { tolerance: 0.001 },
    automaticSchedule: 'uniform',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    callsPerStep: 6,
    ends: { at: 'zero', adaptive: true },
    noise: 'none',
    sample: rk45,
  },
  ddpm: {
    label: 'DDPM',
    description: 'Ancestral sampling of the first diffusion models; wants 50 steps and more.',
    group: 'From the papers',
    options: { varianceType: 'fixed_small', sNoise: 1 },
    automaticSchedule: 'model',
    spacingStyle: 'ddpm',
    coordinates: 'variance-preserving',
    callsPerStep: 1,
    exactTerminal: true,
    noise: 'fresh',
    sample: ddpm,
  },
  euler_maruyama: {
    label: 'Euler-Maruyama',
    description: 'The reverse-time SDE, step by step; wants 50 steps and more.',
    group: 'From the papers',
    options: { sNoise: 1 },
    automaticSchedule: 'karras',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    callsPerStep: 1,
    noise: 'fresh',
    sample: eulerMaruyama,
  },
  predictor_corrector: {
    label: 'Predictor-corrector',
    description: 'Euler-Maruyama with a Langevin step after each; two model calls.',
    group: 'From the papers',
    options: { langevin: 0.16, sNoise: 1 },
    automaticSchedule: 'karras',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    callsPerStep: 2,
    noise: 'fresh',
    sample: predictorCorrector,
  },
  langevin: {
    label: 'Annealed Langevin',
    description: 'Wanders at each noise level, then goes to the next (NCSN); many model calls a step.',
    group: 'From the papers',
    options: { langevin: 0.3, corrections: 8, sNoise: 1 },
    automaticSchedule: 'karras',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    callsPerStep: 8,
    noise: 'fresh',
    sample: annealedLangevin,
  },
} as const satisfies Record<string, SamplerEntry>;

export type SamplerId = keyof typeof SAMPLERS;

/** A sampler's entry with the fields that only some have. */
export function samplerEntry(id: SamplerId): SamplerEntry {
  return SAMPLERS[id];
}
