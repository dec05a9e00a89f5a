import { describe, expect, it } from 'vitest';
import { version } from '../../../package.json';
import { readParameters, writeParameters } from './parameters';
import { DEFAULT_REQUEST, type GenerationRequest, settleConflicts } from './request';

/** What the picture's model is taken to resolve schedules to; A1111 writes what ran. */
type Facts = Omit<Parameters<typeof writeParameters>[1], 'model'>;
const KARRAS: Facts = { schedule: 'karras' };

const START =
  'Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 965400086, Size: 512x512, Model: m';
const END = 'RNG: CPU, Version: v1.10.1';
const PROMPTS = 'a fox, (snow:1.2)\nNegative prompt: blurry';

/**
 * Texts as A1111 1.10's `create_infotext` composes them: the order of its dictionary, its quoting, and what it leaves
 * out. Each with what of it is not a default.
 */
const TEXTS: Readonly<
  Record<string, { middle: string; extra?: string; read: Partial<GenerationRequest>; facts?: Facts }>
> = {
  'latent, by a factor': {
    middle: 'Denoising strength: 0.7',
    extra: 'Hires upscale: 2, Hires upscaler: Latent',
    read: { hires: true, hiresStrength: 0.7, hiresScale: 2, hiresUpscaler: 'latent' },
  },
  'another factor, and steps': {
    middle: 'Denoising strength: 0.55',
    extra: 'Hires upscale: 1.5, Hires steps: 12, Hires upscaler: Latent (antialiased)',
    read: { hires: true, hiresStrength: 0.55, hiresScale: 1.5, hiresSteps: 12, hiresUpscaler: 'latent-antialiased' },
  },
  bicubic: {
    middle: 'Denoising strength: 0.6',
    extra: 'Hires upscale: 1.85, Hires upscaler: Latent (bicubic)',
    read: { hiresScale: 1.85, hiresUpscaler: 'latent-bicubic' },
  },
  'bicubic antialiased': {
    middle: 'Denoising strength: 0.6',
    extra: 'Hires upscale: 2, Hires upscaler: Latent (bicubic antialiased)',
    read: { hiresUpscaler: 'latent-bicubic-antialiased' },
  },
  nearest: {
    middle: 'Denoising strength: 0.7',
    extra: 'Hires upscale: 2, Hires upscaler: Latent (nearest)',
    read: { hiresUpscaler: 'latent-nearest' },
  },
  'nearest-exact': {
    middle: 'Denoising strength: 0.7',
    extra: 'Hires upscale: 2, Hires upscaler: Latent (nearest-exact)',
    read: { hiresUpscaler: 'latent-nearest-exact' },
  },
  'pixels by Lanczos': {
    middle: 'Denoising strength: 0.3',
    extra: 'Hires upscale: 2, Hires upscaler: Lanczos',
    read: { hiresStrength: 0.3, hiresUpscaler: 'lanczos' },
  },
  'pixels by nearest': {
    middle: 'Denoising strength: 0',
    extra: 'Hires upscale: 4, Hires upscaler: Nearest',
    read: { hiresStrength: 0, hiresScale: 4, hiresUpscaler: 'nearest' },
  },
  'pixels by a network': {
    middle: 'Denoising strength: 0.3',
    extra: 'Hires upscale: 2, Hires upscaler: R-ESRGAN 4x+',
    read: { hires: true, hiresStrength: 0.3, hiresUpscaler: 'file:R-ESRGAN 4x+' },
  },
  'to a size': {
    middle: 'Denoising strength: 0.7',
    extra: 'Hires resize: 1024x768, Hires upscaler: Latent',
    read: { hiresWidth: 1024, hiresHeight: 768, hiresScale: undefined },
  },
  'to a width': {
    middle: 'Denoising strength: 0.7',
    extra: 'Hires resize: 1024x0, Hires steps: 5, Hires upscaler: Latent',
    read: { hiresWidth: 1024, hiresHeight: 0, hiresSteps: 5 },
  },
  'to a height': {
    middle: 'Denoising strength: 0.7',
    extra: 'Hires resize: 0x1536, Hires upscaler: Latent',
    read: { hiresWidth: 0, hiresHeight: 1536 },
  },
  'another sampler': {
    middle: 'Denoising strength: 0.5',
    extra: 'Hires sampler: Euler a, Hires upscale: 2, Hires upscaler: Latent',
    read: { hiresSampler: 'euler_a', hiresSchedule: undefined },
  },
  'another schedule': {
    middle: 'Denoising strength: 0.5',
    extra: 'Hires schedule type: Exponential, Hires upscale: 2, Hires upscaler: Latent',
    read: { hiresSampler: undefined, hiresSchedule: 'exponential' },
    facts: { schedule: 'karras', hiresSchedule: 'exponential' },
  },
  'a prompt of its own, quoted': {
    middle: 'Denoising strength: 0.5',
    extra: 'Hires prompt: "a fox, (fur:1.3)", Hires upscale: 2, Hires upscaler: Latent',
    read: { hiresPrompt: 'a fox, (fur:1.3)', hiresNegativePrompt: undefined },
  },
  'both prompts, sampler, schedule and steps': {
    middle: 'Denoising strength: 0.45, Clip skip: 2, ENSD: 31337',
    extra:
      'Hires sampler: DDIM, Hires prompt: fur, Hires negative prompt: "a, b\\nc", Hires schedule type: SGM Uniform, Hires upscale: 2, Hires steps: 30, Hires upscaler: Lanczos',
    read: { hiresSampler: 'ddim', hiresPrompt: 'fur', hiresNegativePrompt: 'a, b\nc', hiresSchedule: 'sgm_uniform', clipSkip: 2 }, // biome-ignore format: one line
    facts: { schedule: 'karras', hiresSchedule: 'sgm_uniform' },
  },
  'painted larger in tiles': {
    middle: 'Denoising strength: 0.35',
    extra: 'SD upscale overlap: 64, SD upscale upscaler: Lanczos',
    read: {
      sdUpscale: true,
      sdUpscaleOverlap: 64,
      sdUpscaleUpscaler: 'lanczos',
      sdUpscaleStrength: 0.35,
      denoisingStrength: undefined,
      hires: undefined,
    },
    facts: { schedule: 'karras', given: 'picture' },
  },
  'the same by a network, without overlap': {
    middle: 'Denoising strength: 0.2',
    extra: 'SD upscale overlap: 0, SD upscale upscaler: R-ESRGAN 4x+',
    read: { sdUpscaleOverlap: 0, sdUpscaleUpscaler: 'file:R-ESRGAN 4x+', sdUpscaleFactor: undefined },
    facts: { schedule: 'karras', given: 'picture' },
  },
  'a variation': {
    middle: 'Variation seed: 1234, Variation seed strength: 0.1',
    read: { hires: undefined, variationSeed: 1234, variationStrength: 0.1, denoisingStrength: undefined },
  },
  'a variation at full strength': {
    middle: 'Variation seed: 4294967295, Variation seed strength: 1',
    read: { variationSeed: 4294967295, variationStrength: 1 },
  },
  'a seed of another size': {
    middle: 'Seed resize from: 512x768',
    read: { seedResizeWidth: 512, seedResizeHeight: 768, variationSeed: undefined },
  },
  'a variation of a seed of another size': {
    middle: 'Variation seed: 7, Variation seed strength: 0.25, Seed resize from: 640x448',
    read: { variationSeed: 7, variationStrength: 0.25, seedResizeWidth: 640, seedResizeHeight: 448 },
  },
  'all of it': {
    middle: 'Variation seed: 7, Variation seed strength: 0.25, Seed resize from: 512x768, Denoising strength: 0.7',
    extra: 'Hires sampler: Euler a, Hires upscale: 2, Hires steps: 10, Hires upscaler: Latent',
    read: { hires: true, variationSeed: 7, seedResizeWidth: 512, hiresStrength: 0.7, hiresSampler: 'euler_a' },
  },
};

/** In A1111's order: what comes before its extra parameters, those, and the rest. */
function textOf({ middle, extra }: { middle: string; extra?: string }): string {
  const [rng, rest] = END.split(', ');
  return `${PROMPTS}\n${[START, middle, rng, extra, rest].filter(Boolean).join(', ')}`;
}

describe('a text of A1111 1.10', () => {
  it('stands here in 23 shapes', () => expect(Object.keys(TEXTS)).toHaveLength(23));

  it.each(Object.entries(TEXTS))('%s: is read, and written to the letter', (_, { read, facts = KARRAS, ...shape }) => {
    const text = textOf(shape);
    const { request, ignored, notes } = readParameters(text);
    expect([ignored, notes]).toEqual([[], undefined]);
    for (const [name, value] of Object.entries(read)) expect(request[name as keyof typeof read], name).toEqual(value);
    expect(settleConflicts(request)).toEqual([]);
    const written = writeParameters({ ...DEFAULT_REQUEST, ...request }, { model: 'm', ...facts });
    expect(written).toBe(text.replace('v1.10.1', `Easel ${version}`));
  });
});

it('says how many tiles are painted where cancelling has left some, which is nothing to take', () => {
  const request = { ...DEFAULT_REQUEST, prompt: 'a', seed: 1, sdUpscale: true, sdUpscaleFactor: 3 };
  const text = writeParameters(request, { model: 'm', ...KARRAS, given: 'picture', tiles: { done: 2, of: 9 } });
  expect(text).toContain('SD upscale factor: 3, SD upscale tiles: 2 of 9, Version');
  const { request: read, ignored } = readParameters(text);
  expect([read.sdUpscaleFactor, ignored]).toEqual([3, []]);
});

describe('a second pass', () => {
  const request = { ...DEFAULT_REQUEST, prompt: 'a', seed: 1 };

  it('says nothing where there was none, and nothing that is as in the first', () => {
    const off = { ...request, hiresScale: 3, hiresPrompt: 'b', hiresSampler: 'euler' } as const;
    expect(writeParameters(off, { model: 'm', ...KARRAS })).toBe(writeParameters(request, { model: 'm', ...KARRAS }));
    const same = {
      ...request,
      hires: true,
      hiresPrompt: 'a',
      hiresSampler: 'dpmpp_2m',
      hiresSchedule: 'karras',
    } as const;
    const text = writeParameters(same, { model: 'm', schedule: 'karras', hiresSchedule: 'karras' });
    expect(text).toContain('Denoising strength: 0.7, RNG: CPU, Hires upscale: 2, Hires upscaler: Latent, Version');
  });

  it('of a picture that was painted from another one is not said', () => {
    const text = writeParameters({ ...request, hires: true }, { model: 'm', ...KARRAS, given: 'picture' });
    expect(text).toContain('Denoising strength: 0.75, RNG');
    expect(text).not.toContain('Hires');
  });

  const read = (rest: string) => readParameters(`a\nSteps: 20, Sampler: Euler a, Seed: 1, ${rest}`);

  it('by another upscaler is by a network of that name', () => {
    expect(read('Denoising strength: 0.3, Hires upscaler: "x, y"').request.hiresUpscaler).toBe('file:x, y');
    // A1111's "None" is Lanczos.
    expect(read('Denoising strength: 0.3, Hires upscaler: None')).toMatchObject({ request: { hiresUpscaler: 'lanczos' }, ignored: [] }); // biome-ignore format: one line
  });

  it('of before A1111 1.9 has its schedule in its sampler’s name', () => {
    expect(read('Denoising strength: 0.3, Hires sampler: DPM++ 2M Karras, Hires upscale: 2').request).toMatchObject({
      hiresSampler: 'dpmpp_2m',
      hiresSchedule: 'karras',
    });
  });

  it('of before A1111 1.0 says the first pass’s size apart', () => {
    const old = read('Size: 1024x768, Denoising strength: 0.7, First pass size: 512x384');
    expect(old.request).toMatchObject({ hires: true, width: 512, height: 384, hiresWidth: 1024, hiresHeight: 768 });
    expect(old.ignored).toEqual([]);
    // 0x0 was A1111's to choose: about 512 x 512 pixels in steps of 64.
    expect(read('Size: 1024x1024, Denoising strength: 0.7, First pass size: 0x0').request).toMatchObject({ width: 512, height: 512 }); // biome-ignore format: one line
  });

  it('with a checkpoint of its own, or a size beyond Easel’s, has that named', () => {
    expect(read('Denoising strength: 0.3, Hires checkpoint: x, Hires resize: 8192x0, Hires upscaler: Latent').ignored).toEqual(['Hires checkpoint: x', 'Hires resize: 8192x0']); // biome-ignore format: one line
  });
});
