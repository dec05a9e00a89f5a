import { describe, expect, it } from 'vitest';
import { trainedSigmas } from '../../core/diffusion/noise-schedules';
import { planSteps } from '../../core/diffusion/plan-steps';
import { tableLevels } from '../../core/diffusion/process/discrete';
import { parseRequest } from '../../core/request';
import type { Family, PredictionType, SchedulerConfig } from '../types';
import { describe as describeModel } from './model-info';

const FACTS = {
  inputChannels: 4,
  hasSizeConditioning: false,
  hasVae: true,
  latentChannels: 4,
  latentScale: 8,
  maxClipSkip: 12,
  contextWidth: 768,
};
const SCHEDULER: SchedulerConfig = {
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
};

function infoOf(family: Family) {
  const model = { name: 'x', family, predictionType: 'epsilon', predictionKnown: true, scheduler: SCHEDULER } as const;
  return describeModel(model, FACTS, []);
}

function defaultsOf(
  name: string,
  family: Family = 'sd1',
  predictionType: PredictionType = 'epsilon',
  scheduler: Partial<SchedulerConfig> = {},
) {
  const model = { name, family, predictionType, predictionKnown: true, scheduler: { ...SCHEDULER, ...scheduler } };
  return describeModel(model, FACTS, []).defaults;
}

describe('defaults', () => {
  it.each([
    ['sd1', 'epsilon', 512],
    ['sd2', 'epsilon', 512],
    ['sd2', 'v_prediction', 768],
    ['sdxl', 'epsilon', 1024],
  ] as const)('%s that predicts %s was trained at %i', (family, prediction, side) => {
    expect(defaultsOf('x', family, prediction)).toMatchObject({ width: side, height: side, steps: 20, cfgScale: 7 });
  });

  it.each([
    ['sdxl_lightning_4step', 'sdxl', { sampler: 'euler', schedule: 'sgm_uniform', steps: 4, cfgScale: 1, width: 1024 }],
    ['Juggernaut XL Lightning-8steps', 'sdxl', { sampler: 'euler', steps: 8 }],
    ['Hyper-SDXL-1step', 'sdxl', { sampler: 'euler', steps: 1 }],
    ['sd_xl_turbo_1.0_fp16', 'sdxl', { sampler: 'euler_a', schedule: 'trailing', steps: 4, cfgScale: 1, width: 512 }],
    ['dreamshaper_8LCM', 'sd1', { sampler: 'lcm', steps: 4, cfgScale: 1 }],
  ] as const)('%s paints in a few steps', (name, family, expected) => {
    const defaults = defaultsOf(name, family);
    expect(defaults).toMatchObject(expected);
    expect(parseRequest({ ...defaults, prompt: 'x' })).toMatchObject(expected);
  });

  it('an LCM scheduler does too, and ordinary names with such letters in them do not', () => {
    expect(defaultsOf('x', 'sd1', 'epsilon', { _class_name: 'LCMScheduler' })).toMatchObject({
      sampler: 'lcm',
      steps: 4,
    });
    for (const name of ['hyperrealism', 'volcmountain', 'turbocharged', 'v1-5-pruned', 'step_100'])
      expect(defaultsOf(name)).toMatchObject({ sampler: 'dpmpp_2m', steps: 20, cfgScale: 7 });
  });
});

it.each([
  ['sd1', 2.697],
  ['sd2', 2.697],
  ['sdxl', 2.181],
] as const)('Align Your Steps takes the table of %s: its fourth level is %d', (family, fourth) => {
  const { scheduler } = infoOf(family);
  const levels = tableLevels(trainedSigmas(scheduler));
  const request = { sampler: 'euler', schedule: 'align_your_steps', steps: 11, levels, config: scheduler } as const;
  expect(planSteps(request).sigmas[3]).toBe(fourth);
});
