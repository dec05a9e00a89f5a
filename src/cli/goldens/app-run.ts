import type { Prediction } from '../../core/diffusion/denoisers';
import { type NoiseScheduleConfig, type TerminalSnr, trainedSigmas } from '../../core/diffusion/noise-schedules';
import { type PlanRequest, planSteps } from '../../core/diffusion/plan-steps';
import { discrete } from '../../core/diffusion/process/discrete';
import type { NoiseProcess } from '../../core/diffusion/process/noise-process';
import { type SamplerId, type SamplerTuning, samplerEntry } from '../../core/diffusion/samplers/index';
import { runOptions } from '../../core/diffusion/samplers/tuning';
import type { Sampler, SamplerOptions, StepPlan } from '../../core/diffusion/types';
import { NotOffered } from './golden';

/** Stable Diffusion's table, which the goldens mean where they say nothing. */
export const SD: NoiseScheduleConfig = {
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  beta_end: 0.012,
  num_train_timesteps: 1000,
};

/** A case in the app's own words: what a person chooses, and what the model's files say. */
export interface AppRequest {
  sampler: SamplerId;
  plan: Omit<PlanRequest, 'sampler' | 'levels' | 'config'> & { config?: PlanRequest['config'] };
  /** How the model was trained; Stable Diffusion where left out. */
  beta?: NoiseScheduleConfig;
  prediction?: Prediction;
  tuning?: SamplerTuning;
}

/** What the app makes of it. */
export interface AppRun {
  process: NoiseProcess;
  plan: StepPlan;
  sample: Sampler;
  options: Omit<SamplerOptions, 'noise'>;
  coordinates: 'variance-exploding' | 'variance-preserving';
}

/**
 * Plans a run and sets its sampler up as the pipeline does.
 * @throws NotOffered for a setting that the sampler does not offer.
 */
export function appRun({ sampler, plan: request, beta = SD, prediction = 'epsilon', tuning = {} }: AppRequest): AppRun {
  const { sample, coordinates, exactTerminal, options: offered, label } = samplerEntry(sampler);
  const set = Object.entries(tuning).filter(([, value]) => value !== undefined);
  const missing = set.find(([name]) => !(name in offered));
  if (missing) throw new NotOffered(`${label} is not offered with ${missing.join(' ')}.`);
  const terminal: TerminalSnr = exactTerminal ? 'almostExact' : 'diffusers';
  const process = discrete(trainedSigmas(beta, terminal), prediction);
  const plan = planSteps({ config: {}, ...request, sampler, levels: process });
  const options = runOptions(sampler, Object.fromEntries(set), plan, process);
  return { process, plan, sample, options, coordinates };
}
