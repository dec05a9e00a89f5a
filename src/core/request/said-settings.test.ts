import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spoken } from '../errors';
import { readParameters } from './parameters';
import type { ReadSettings } from './said-settings';

const others: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('./fixtures/others.json', import.meta.url), 'utf8'),
);

type Expected = { request: ReadSettings['request']; ignored?: string[] };

/**
 * What A1111's `parse_generation_parameters` makes of texts of A1111, Forge, SD.Next, Civitai and others, as far as
 * Easel has it; everything else is named.
 */
const EXPECTED: Readonly<Record<string, Expected>> = {
  'A1111 1.10': {
    request: { prompt: 'a fox, (snow:1.2)', negativePrompt: 'blurry,\nlow quality', steps: 25, sampler: 'dpmpp_2m', schedule: 'karras', cfgScale: 6.5, seed: 12345, width: 512, height: 768, clipSkip: 2, etaNoiseSeedDelta: 31337, noiseSource: 'nv' }, // biome-ignore format: a line a text
  },
  'combined Exponential': { request: { sampler: 'dpmpp_2m_sde_heun', schedule: 'exponential' } },
  'old names': { request: { sampler: 'dpm2_a', schedule: 'karras' } },
  'DPM adaptive with a schedule (A1111 1.9 writes the chosen one)': { request: { sampler: 'dpm_adaptive' } },
  'Hires fix, ADetailer, refiner, ControlNet': {
    request: { sampler: 'euler_a', schedule: 'automatic', denoisingStrength: undefined, hires: true, hiresStrength: 0.4, hiresScale: 2, hiresSteps: 15, hiresUpscaler: 'latent' }, // biome-ignore format: a line a text
    ignored: [
      'ADetailer model: face_yolov8n.pt',
      'ControlNet 0: Module: canny, Model: x [0123], Weight: 1.0',
      'Refiner: x [0123]',
      'Refiner switch at: 0.8',
      'Lora hashes: abc: 123, def: 456',
      'Emphasis: No norm',
    ],
  },
  'Civitai, Fooocus-like sampler': { request: { sampler: 'dpmpp_2m', schedule: 'karras', cfgScale: 5.5 } },
  'SD.Next': { request: { sampler: 'unipc', guidanceRescale: 0.7, negativePrompt: 'bad' } },
  Forge: { request: { schedule: 'sgm_uniform', betaAlpha: 0.6 }, ignored: ['Distilled CFG Scale: 3.5'] },
  'indented (copied from a forum)': { request: { prompt: 'a fox', negativePrompt: 'bad', steps: 20 } },
  'Windows line ends': { request: { prompt: 'a fox', negativePrompt: 'bad', width: 512 } },
  'no settings at all': { request: { prompt: 'a fox in the snow' } },
  'only negative': { request: { prompt: '', negativePrompt: 'bad' } },
  'prompt line that looks like settings': { request: { prompt: '' }, ignored: ['Title: a', 'Style: b', 'Mood: c'] },
  'large size': { request: { width: undefined, height: undefined }, ignored: ['Size: 2560x1440'] },
};

describe('a text of other programs (wild 26, ux 15)', () => {
  it.each(Object.entries(EXPECTED))('%s', (name, { request, ignored = [] }) => {
    const read = readParameters(others[name]);
    expect(read.ignored).toEqual(ignored);
    for (const [field, value] of Object.entries(request))
      expect(read.request[field as keyof typeof request], field).toEqual(value);
  });
});

it('keys that nobody knows are named once, whatever they are', () => {
  const key = fc.stringMatching(/^Zz[a-z][\w \-/]{0,12}\w$/);
  const value = fc.stringMatching(/^[\w.]{1,12}$/);
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 6 }), (unknown) => {
      const line = ['Steps: 5', 'Seed: 1', 'Sampler: Euler', ...unknown.map(([name, said]) => `${name}: ${said}`)];
      const { ignored, request } = readParameters(`a\n${line.join(', ')}`);
      expect(ignored).toEqual(unknown.map(([name, said]) => `${name}: ${said}`));
      expect(request.steps).toBe(5);
    }),
  );
});

it('a seed of 64 bits is taken by its last 32, with a note (ux 27)', () => {
  const { request, notes } = readParameters(`a\nSteps: 5, Sampler: Euler, Seed: ${2n ** 64n - 1n}`);
  expect(request.seed).toBe(2 ** 32 - 1);
  expect(notes?.map((note) => spoken(note))).toEqual([
    'The seed 18446744073709551615 is larger than Easel’s: 4294967295, its last 32 bits, was taken.',
  ]);
});
