/**
 * The shapes that hold the diffusion maths together. Everything works in k-diffusion's variance-exploding
 * coordinates, x = x0 + sigma * noise; the wrappers around a model scale in and out of its own coordinates.
 */

import type { Latent } from '../array';

export type { Latent };

/** What a denoiser predicts for x at sigma. */
export interface Denoised {
  /** E[x0 | x]. A fresh array that the sampler may keep but not change. */
  x0: Latent;
  /** The unconditional prediction, for samplers that need it (CFG++). */
  uncond?: Latent;
  /** Second half of the output channels of a learned-range model (improved DDPM), -1..1. */
  variance?: Latent;
  /** The predicted noise, where it is not (x - x0) / sigma because x0 was clipped. */
  eps?: Latent;
}

/** Where in the run a call stands: `step` counts from 0, `of` is the number of steps. */
export interface StepPosition {
  step: number;
  of: number;
}

/** @param x the sampler's own, which it may write over after the call: who keeps it makes a copy. */
export type Denoiser = (x: Latent, sigma: number, at: StepPosition) => Promise<Denoised>;

/** Standard normal noise of the latent's size; Brownian samplers name the interval they need it for. */
export type NoiseSource = (sigma?: number, sigmaNext?: number) => Latent;

/** Its latents hold while `onStep` runs. */
export interface StepInfo extends StepPosition {
  sigma: number;
  /** The latent given to the step's first model call. */
  x: Latent;
  denoised: Latent;
}

export interface SamplerOptions {
  noise: NoiseSource;
  /** Called once a step, after its (first) model call; may throw to stop the run. */
  onStep?(info: StepInfo): void | Promise<void>;
  /** Diffusers-style inpainting: replaces x after each step; `last` marks the final one. */
  afterStep?(x: Latent, sigmaNext: number, last: boolean): Latent;
  /** Where each step lands, for schedules whose steps do not meet (`StepPlan.targets`). */
  targets?: readonly number[];
  /** The plan's timesteps, for the samplers that read them (LCM, DDPM). */
  timesteps?: readonly number[];
  /** Share of fresh noise: 0 is deterministic, 1 fully ancestral. */
  eta?: number;
  /** Scale of all noise that a sampler adds; 1 is exact. */
  sNoise?: number;
  /** Stochasticity of Karras et al. 2022, algorithm 2: noise added before a step, spread over the run's steps ... */
  sChurn?: number;
  /** ... while sigma is at least sTmin and at most sTmax. */
  sTmin?: number;
  sTmax?: number;
  /** How many past predictions a multistep method uses. */
  order?: number;
  /** How DPM++ 2M SDE extrapolates. */
  solver?: 'midpoint' | 'heun';
  /** UniPC's B(h): h, or e^h - 1. */
  variant?: 'bh1' | 'bh2';
  /** What PLMS extrapolates: the noise, or v as diffusers does for models that predict it. */
  blend?: 'epsilon' | 'v_prediction';
  /** Which variance DDPM's steps have; `learned_range` needs a model that predicts it. */
  varianceType?: 'fixed_small' | 'fixed_large' | 'learned_range';
  /** Error control of the adaptive methods. */
  tolerance?: { relative: number; absolute: number };
  /** Predictor-corrector's signal-to-noise ratio, and Langevin's step as a share of sigma^2. */
  langevin?: number;
  /** How many Langevin steps annealed Langevin dynamics takes at each noise level. */
  corrections?: number;
}

export type Sampler = (
  denoise: Denoiser,
  x: Latent,
  sigmas: readonly number[],
  options: SamplerOptions,
) => Promise<Latent>;

/** A trained model's noise levels, one per training timestep, ascending. */
export interface SigmaTable {
  /** sigma of training timestep t = sqrt((1 - abar_t) / abar_t). */
  readonly sigmas: Float64Array;
  readonly alphasCumprod: Float64Array;
}

/**
 * The noise levels of a run; `timesteps` where the schedule names its own (diffusers' spacings), one per model call.
 */
export interface StepPlan {
  /** Descending; one more than there are steps. Ends where the method stops (0, or the table's first sigma). */
  sigmas: number[];
  timesteps?: number[];
  /** The noise level each step lands on, where that is not the next entry of `sigmas` (diffusers' DDIM). */
  targets?: number[];
  /** It follows diffusers' "leading" spacing, which begins below the model's highest level. */
  leading?: true;
}
