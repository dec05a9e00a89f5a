import type { ModelDefaults } from '../../core/request/request';
import type { ModelConfig, SchedulerConfig } from './architecture';

/**
 * What a model starts with: its training size, the sampler that its scheduler stands for, and for one that was
 * distilled the few steps that it paints in.
 * @param side of the pictures its family was trained on, in pixels, for files that do not say
 */
export function defaultsOf({ scheduler, trainedSide }: ModelConfig, name: string, side: number): ModelDefaults {
  return { ...ownDefaults(scheduler, trainedSide ?? side), ...distilledDefaults(scheduler, name) };
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
    default:
      return { ...size, sampler: 'dpmpp_2m', schedule: scheduler.use_karras_sigmas === false ? 'automatic' : 'karras' };
  }
}

/** Steps that a name states, `..._8step`; what distilled models are trained for otherwise. */
const FEW_STEPS = 4;
/** The Turbo models were distilled at this side, whatever their family's. */
const TURBO_SIDE = 512;

/**
 * Distilled models paint in a few steps without guidance, and badly otherwise. Nothing in their weights tells them from
 * the models they were made of: their scheduler does, or the name that people keep.
 */
function distilledDefaults(scheduler: SchedulerConfig, name: string): ModelDefaults {
  const stated = Number(/(?:^|\D)(\d{1,2})[ _-]?steps?(?![a-z])/i.exec(name)?.[1] ?? FEW_STEPS);
  const quick = { steps: Math.max(1, stated), cfgScale: 1 };
  const isNamed = (word: string) => new RegExp(`(^|[^a-z])${word}([^a-z]|$)`, 'i').test(name);
  if (scheduler._class_name === 'LCMScheduler' || isNamed('lcm'))
    return { ...quick, sampler: 'lcm', schedule: 'automatic' };
  if (isNamed('lightning') || isNamed('hyper')) return { ...quick, sampler: 'euler', schedule: 'sgm_uniform' };
  if (!isNamed('turbo')) return {};
  return { ...quick, sampler: 'euler_a', schedule: 'trailing', width: TURBO_SIDE, height: TURBO_SIDE };
}
