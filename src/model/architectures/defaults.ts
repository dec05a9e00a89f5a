import type { ModelDefaults } from '../../core/request/request';
import { GUIDANCE_INPUT } from '../layouts/facts';
import type { ModelConfig, SchedulerConfig } from './architecture';

/**
 * What a model starts with: its training size, the sampler that its scheduler stands for, and for one that was
 * distilled the few steps that it paints in.
 * @param side of the pictures its family was trained on, in pixels, for files that do not say
 */
export function defaultsOf(config: ModelConfig, name: string, side: number): ModelDefaults {
  const { scheduler, trainedSide } = config;
  return { ...ownDefaults(scheduler, trainedSide ?? side), ...distilledDefaults(config, name) };
}

function ownDefaults(scheduler: SchedulerConfig, side: number): ModelDefaults {
  const size = { width: side, height: side, steps: 20, cfgScale: 7 };
  switch (scheduler._class_name) {
    case 'DDIMScheduler':
      return { ...size, sampler: 'ddim', schedule: 'automatic' };
    case 'EulerDiscreteScheduler':
      return { ...size, sampler: 'euler', schedule: 'automatic' };
    case 'EulerAncestralDiscreteScheduler':
      return { ...size, sampler: 'euler_a', schedule: 'automatic' };
    case 'EDMEulerScheduler':
      return { ...size, sampler: 'euler', schedule: 'exponential' };
    case 'EDMDPMSolverMultistepScheduler':
      // Playground v2.5's card asks for a scale of 3.
      return { ...size, sampler: 'dpmpp_2m', schedule: 'karras', cfgScale: 3 };
    default:
      return { ...size, sampler: 'dpmpp_2m', schedule: scheduler.use_karras_sigmas === false ? 'automatic' : 'karras' };
  }
}

/** Steps that a name states, `..._8step`; what distilled models are trained for otherwise. */
const FEW_STEPS = 4;
/** Stability's Turbo models were distilled at this side, whatever their family's. */
const TURBO_SIDE = 512;
/** What merges of Turbo that name DPM++ SDE are published with: their own side, a little guidance, a few more steps. */
const TURBO_MERGE = { sampler: 'dpmpp_sde', schedule: 'karras', cfgScale: 2 } as const;
const MERGE_STEPS = 6;
/** Of a model that takes the guidance scale as an input (LCM_Dreamshaper_v7's card). */
const TAKEN_GUIDANCE = 8;

/** `someXL_v21TurboDPMSDE` -> `some XL v21 Turbo DPMSDE`: words as people run them together. */
const wordsOf = (name: string) =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replace(/_/g, ' ');

/** Whether a name has a word that says how a model was distilled. */
export const isDistilledBy = (word: 'lcm' | 'lightning' | 'hyper' | 'turbo' | 'sdxs', name: string): boolean =>
  new RegExp(`(^|[^a-z])${word}([^a-z]|$)`, 'i').test(wordsOf(name));

/**
 * Distilled models paint in a few steps without guidance, and badly otherwise. Nothing in their weights tells them from
 * the models they were made of: their scheduler does, or the name that people keep.
 */
function distilledDefaults({ scheduler, denoiser }: ModelConfig, name: string): Partial<ModelDefaults> {
  const stated = /(?:^|\D)(\d{1,2})[ _-]?steps?(?![a-z])/i.exec(wordsOf(name))?.[1];
  const quick = { steps: Math.max(1, Number(stated ?? FEW_STEPS)), cfgScale: 1 };
  if (denoiser.inputs.includes(GUIDANCE_INPUT))
    return { ...quick, cfgScale: TAKEN_GUIDANCE, sampler: 'lcm', schedule: 'automatic' };
  if (scheduler._class_name === 'LCMScheduler' || isDistilledBy('lcm', name))
    return { ...quick, sampler: 'lcm', schedule: 'automatic' };
  if (isDistilledBy('lightning', name) || isDistilledBy('hyper', name))
    return { ...quick, sampler: 'euler', schedule: 'sgm_uniform' };
  if (isDistilledBy('sdxs', name)) return { steps: 1, cfgScale: 1, sampler: 'euler', schedule: 'trailing' };
  if (isDistilledBy('turbo', name)) {
    if (/dpm.*sde/i.test(name)) return { ...TURBO_MERGE, steps: Number(stated ?? MERGE_STEPS) };
    return { ...quick, sampler: 'euler_a', schedule: 'trailing', width: TURBO_SIDE, height: TURBO_SIDE };
  }
  return isTurboScheduler(scheduler) ? { ...quick, sampler: 'euler_a', schedule: 'trailing' } : {};
}

/** sd-turbo's and sdxl-turbo's folders keep their names in no file, but space their timesteps as none of others do. */
const isTurboScheduler = ({ _class_name, timestep_spacing }: SchedulerConfig) =>
  _class_name === 'EulerAncestralDiscreteScheduler' && timestep_spacing === 'trailing';
