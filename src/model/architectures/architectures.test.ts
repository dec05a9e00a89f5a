import { describe, expect, it } from 'vitest';
import { trainedSigmas } from '../../core/diffusion/noise-schedules';
import { planSteps } from '../../core/diffusion/plan-steps';
import { tableLevels } from '../../core/diffusion/process/discrete';
import { spoken, toEaselError } from '../../core/errors';
import { FAMILY_WORDS } from '../../core/family-words';
import { parseRequest } from '../../core/request/request';
import type { Family } from '../fixtures/checkpoints';
import type { DenoiserFacts, PredictionType } from '../layouts/facts';
import { layerFromEnd } from '../running/clip-skip';
import { familyLabel, type SchedulerConfig, type TextReading } from './architecture';
import { architectureFor, architectureOf, predictionOf } from './index';

const FACTS: DenoiserFacts = { inChannels: 4, contextWidth: 64, inputs: [], markers: {} };

function defaultsOf(
  name: string,
  family: Family = 'sd1',
  predictionType: PredictionType = 'epsilon',
  scheduler: Partial<SchedulerConfig> = {},
) {
  const architecture = architectureOf(family);
  const config = {
    denoiser: FACTS,
    predictionType,
    textLayers: [12],
    scheduler: { ...architecture.scheduler, ...scheduler },
  };
  return architecture.defaults(config, name);
}

it.each([
  // Widths and projections of the models' own config.json.
  ['sd1', 'SD 1.5', { contextWidth: 768, linearProjection: false }],
  ['sd2', 'SD 2.1', { contextWidth: 1024, linearProjection: true }],
  ['sdxl', 'SDXL', { contextWidth: 2048, linearProjection: true, inputs: ['text_embeds', 'time_ids'] }],
  ['sd1', 'an ONNX pack of SD 1.5', { contextWidth: 768 }],
  ['sd2', 'an ONNX pack of SD 2.1', { contextWidth: 1024 }],
  ['sd1', 'a small one with convolutions', { linearProjection: false }],
  ['sd2', 'a small one with matrices', { linearProjection: true }],
] as const)('%s is the architecture of %s', (id, _, facts) => {
  expect(architectureFor({ ...FACTS, ...facts }, 'x').id).toBe(id);
});

it.each([
  ["SDXL's refiner", 1280, /no SDXL, for its text is 1280 wide: it is SDXL's refiner/],
  ['an unCLIP model', 1024, /no SDXL, for .* unCLIP model/],
])('%s has none, and the reasons say why', (_, contextWidth, message) => {
  const facts = { ...FACTS, contextWidth, linearProjection: true, inputs: ['text_embeds', 'time_ids'] };
  expect(() => architectureFor(facts, 'x.safetensors')).toThrow(message);
});

it.each([
  // A1111: hidden_states[-n] of SD 1.x; the other families ignore it, and read hidden_states[-2] of their whole towers.
  ['sd1', [1, 2, 3, 12], 12],
  ['sd2', [1, 1, 2, 11], 13],
  ['sdxl', [2, 2, 3, 12], 12],
] as const)('%s: which layer clip skip 1, 2, 3 and 12 stand for', (id, layers, most) => {
  const { textReading, conditioning } = architectureOf(id);
  expect([1, 2, 3, 12].map((skip) => layerFromEnd(textReading as TextReading, skip))).toEqual(layers);
  expect(conditioning({ denoiser: FACTS, textLayers: [12, 32] }).maxClipSkip).toBe(most);
});

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
    ['sd_turbo', 'sd2', { sampler: 'euler_a', schedule: 'trailing', steps: 4, cfgScale: 1, width: 512 }],
    ['someXL_v21TurboDPMSDE', 'sdxl', { sampler: 'dpmpp_sde', schedule: 'karras', steps: 6, cfgScale: 2, width: 1024 }],
    ['juggernautXL_v9Lightning4Step', 'sdxl', { sampler: 'euler', schedule: 'sgm_uniform', steps: 4, width: 1024 }],
    ['SDXLLightning8Steps', 'sdxl', { sampler: 'euler', steps: 8 }],
    ['realvisLCM', 'sd1', { sampler: 'lcm', steps: 4, cfgScale: 1 }],
    ['sdxs-512-0.9', 'sd2', { sampler: 'euler', schedule: 'trailing', steps: 1, cfgScale: 1 }],
    ['dreamshaper_8LCM', 'sd1', { sampler: 'lcm', steps: 4, cfgScale: 1 }],
  ] as const)('%s paints in a few steps (wild 29)', (name, family, expected) => {
    const defaults = defaultsOf(name, family);
    expect(defaults).toMatchObject(expected);
    expect(parseRequest({ ...defaults, prompt: 'x' })).toMatchObject(expected);
  });

  it('an LCM scheduler does too, and ordinary names with such letters in them do not', () => {
    expect(defaultsOf('x', 'sd1', 'epsilon', { _class_name: 'LCMScheduler' })).toMatchObject({
      sampler: 'lcm',
      steps: 4,
    });
    const turbo = { _class_name: 'EulerAncestralDiscreteScheduler', timestep_spacing: 'trailing' } as const;
    expect(defaultsOf('x', 'sdxl', 'epsilon', turbo)).toMatchObject({ sampler: 'euler_a', steps: 4, cfgScale: 1 });
    for (const name of ['hyperrealism', 'volcmountain', 'turbocharged', 'v1-5-pruned', 'step_100'])
      expect(defaultsOf(name)).toMatchObject({ sampler: 'dpmpp_2m', steps: 20, cfgScale: 7 });
  });
});

it('a model that takes the guidance scale as an input starts with some', () => {
  const { defaults, scheduler } = architectureOf('sd1');
  const denoiser = { ...FACTS, inputs: ['timestep_cond'] };
  const config = { denoiser, scheduler, predictionType: 'epsilon', textLayers: [12] } as const;
  expect(defaults(config, 'x')).toMatchObject({ sampler: 'lcm', steps: 4, cfgScale: 8 });
});

it('SD-Turbo predicts the noise, of other SD 2.x it is asked, and of SDXL nobody is (ux 57)', () => {
  expect(predictionOf(architectureOf('sd2'), FACTS, undefined, 'sd_turbo')).toEqual({ type: 'epsilon', isKnown: true });
  expect(predictionOf(architectureOf('sd2'), FACTS, undefined, 'x')).toMatchObject({
    type: 'v_prediction',
    differs: true,
  });
  expect(predictionOf(architectureOf('sdxl'), FACTS, undefined, 'x')).toEqual({ type: 'epsilon', isKnown: false });
});

it.each([
  ['sd1', 2.697],
  ['sd2', 2.697],
  ['sdxl', 2.181],
] as const)('Align Your Steps takes the table of %s: its fourth level is %d', (family, fourth) => {
  const architecture = architectureOf(family);
  const scheduler = { ...architecture.scheduler, ...architecture.stepTraits(architecture) };
  const levels = tableLevels(trainedSigmas(scheduler));
  const request = { sampler: 'euler', schedule: 'align_your_steps', steps: 11, levels, config: scheduler } as const;
  expect(planSteps(request).sigmas[3]).toBe(fourth);
});

it('is called as the page has it where it is called in words, in sentences by its place there', () => {
  for (const [id, label] of Object.entries(FAMILY_WORDS)) {
    expect(familyLabel(architectureOf(id))).toEqual({ label, at: ['families', id] });
  }
  const facts = { ...FACTS, contextWidth: 1280, linearProjection: true, inputs: ['text_embeds', 'time_ids'] };
  let refused: unknown;
  try {
    architectureFor(facts, 'x');
  } catch (thrown) {
    refused = thrown;
  }
  const german = ([, id]: readonly string[]) => (id === 'adm' ? 'geführte Diffusion' : undefined);
  const shown = spoken(toEaselError(refused).said, { label: german });
  expect(shown).toContain('no geführte Diffusion, for');
  expect(shown).toContain('no SDXL, for');
});
