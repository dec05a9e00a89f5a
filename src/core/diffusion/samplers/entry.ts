import type { StepScheduleId } from '../step-schedules/index';
import type { Sampler } from '../types';

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
  /**
   * What "Uniform" is where A1111 runs it on a list of its own: whole timesteps (DDIM, PLMS) or continuous times
   * (UniPC).
   */
  uniformList?: 'timesteps' | 'continuous-time';
  /** Coordinates that its reference pipeline keeps the latent in (and hands to the autoencoder). */
  coordinates: 'variance-exploding' | 'variance-preserving';
  /** Model calls a step, for the time left; roughly, for an adaptive one. */
  callsPerStep: number;
  /**
   * Only the ends of the list of noise levels count, so that no schedule can be chosen; it stops at the smallest sigma,
   * or goes on to 0. `adaptive` ones choose the number of steps, too.
   */
  ends?: { at: 'smallest' | 'zero'; adaptive: boolean };
  /** A1111 leaves out the last sigma but one for these, having planned a step more. */
  discardPenultimate?: true;
  /**
   * The noise it draws with its own options: none, so that one seed's pictures converge as steps grow; fresh at each
   * step; or along one Brownian path, which is the same for any number of steps.
   */
  noise: 'none' | 'fresh' | 'brownian';
  /**
   * Keeps its precision when a zero-terminal-SNR model's last sigma is astronomical, so that it need not be replaced by
   * a smaller one.
   */
  exactTerminal?: true;
  /** The fewest steps it works with. */
  minSteps?: number;
  /** Renoises with the unconditional prediction; its guidance scale is 1/12.5 of what is shown. */
  cfgpp?: true;
  sample: Sampler;
}
