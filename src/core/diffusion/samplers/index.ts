import type { StepScheduleId } from '../step-schedules/index';
import type { Sampler } from '../types';
import { ddim } from './ddim';
import { dpmpp2m } from './dpmpp';
import { euler, eulerAncestral } from './euler';

/** What the page, the command line and the planner know of a sampler. */
export interface SamplerEntry {
  /** A1111's name, also in PNG text. */
  label: string;
  description: string;
  group: 'Deterministic' | 'Adds noise';
  /** Which of the request's optional fields it reads, with its own default. */
  options: { eta?: number };
  /** What "Automatic" stands for: a schedule, or the model's own timestep spacing. */
  automaticSchedule: Exclude<StepScheduleId, 'automatic'> | 'model';
  /** Whose timestep spacing it follows: diffusers' DDIM, DDPM, Euler family, DPM-Solver or LCM. */
  spacingStyle: 'ddim' | 'ddpm' | 'euler' | 'solver' | 'lcm';
  /** What "Uniform" is where A1111 runs it on a list of its own: whole timesteps (DDIM, PLMS) or continuous times (UniPC). */
  uniformList?: 'timesteps' | 'continuous-time';
  /** Coordinates that its reference pipeline keeps the latent in (and hands to the autoencoder). */
  coordinates: 'variance-exploding' | 'variance-preserving';
  /**
   * Only the ends of the list of noise levels count, so that no schedule can be chosen; it stops at the smallest sigma, or goes
   * on to 0. `adaptive` ones choose the number of steps, too.
   */
  ends?: { at: 'smallest' | 'zero'; adaptive: boolean };
  /** A1111 leaves out the last sigma but one for these, having planned a step more. */
  discardPenultimate?: true;
  /** The fewest steps it works with. */
  minSteps?: number;
  sample: Sampler;
}

export const SAMPLERS = {
  dpmpp_2m: {
    label: 'DPM++ 2M',
    description: 'Second order, one model call a step. A good first choice at 20 steps.',
    group: 'Deterministic',
    options: {},
    automaticSchedule: 'karras',
    spacingStyle: 'solver',
    coordinates: 'variance-preserving',
    sample: dpmpp2m,
  },
  euler: {
    label: 'Euler',
    description: 'The simplest method; steady, soft results.',
    group: 'Deterministic',
    options: {},
    automaticSchedule: 'uniform',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    sample: euler,
  },
  ddim: {
    label: 'DDIM',
    description: 'Stable Diffusion’s first sampler; eta adds noise. Follows the timesteps the model was made for.',
    group: 'Deterministic',
    options: { eta: 0 },
    automaticSchedule: 'model',
    spacingStyle: 'ddim',
    coordinates: 'variance-preserving',
    sample: ddim,
  },
  euler_a: {
    label: 'Euler a',
    description: 'Euler with fresh noise each step: lively, and never settles on one picture.',
    group: 'Adds noise',
    options: { eta: 1 },
    automaticSchedule: 'uniform',
    spacingStyle: 'euler',
    coordinates: 'variance-exploding',
    sample: eulerAncestral,
  },
} as const satisfies Record<string, SamplerEntry>;

export type SamplerId = keyof typeof SAMPLERS;
