import { describe, expect, it } from 'vitest';
import { SAMPLERS, type SamplerId } from '../diffusion/samplers/index';
import { spoken } from '../errors';
import { applies, dropInapplicable, fieldDefault, modelDefaultsWith, shownFields } from './applicable';
import { type Field, fileChoice } from './field';
import { FIELDS, type FieldName, fieldError, fieldNames, RANDOM_SEED, SAME } from './fields';
import { readParameters, writeParameters } from './parameters';
import { DEFAULT_REQUEST, type GenerationRequest, parseFields, parseRequest } from './request';

/** Values that a field may have, and one that it may not. */
function examplesOf(field: Field): { right: readonly unknown[]; wrong: unknown } {
  switch (field.kind) {
    case 'number':
      return { right: [Math.max(field.min, 0), field.max], wrong: field.max + field.step };
    case 'choice':
      return {
        right: [...field.choices.map(({ value }) => value), ...(field.files ? [fileChoice('4x-UltraSharp, v2')] : [])],
        wrong: 'none of them',
      };
    case 'flag':
      return { right: [true, false], wrong: 'yes' };
    case 'text':
      return { right: ['a fox'], wrong: 7 };
    default:
      return field satisfies never;
  }
}

/** A sampler that has a field among its options, where it is one. */
const samplerWith = (name: FieldName): SamplerId =>
  (Object.keys(SAMPLERS) as SamplerId[]).find((id) => name in SAMPLERS[id].options) ?? DEFAULT_REQUEST.sampler;

/** A request in which a field means something, with that field as given. */
const requestWith = (name: FieldName, value: unknown): GenerationRequest => {
  const base = {
    ...DEFAULT_REQUEST,
    seed: 1,
    steps: 4,
    sampler: samplerWith(name),
    inpaintArea: 'only-masked',
    hires: true,
    sdUpscale: FIELDS[name].group === 'sd-upscale',
    sdUpscaleOverlap: 16,
    variationStrength: 0.5,
  } as const;
  return { ...base, [name]: value };
};

/** A second pass comes of words alone; it says only what is otherwise than in the first. */
const ofHires = ({ appliesTo }: Field) => appliesTo === 'words' || (appliesTo?.startsWith('hires') ?? false);

const ofTiles = ({ appliesTo }: Field) => appliesTo === 'sd-upscale';

describe.each(fieldNames().map((name) => ({ name, field: FIELDS[name] as Field })))('$name', ({ name, field }) => {
  const { right, wrong } = examplesOf(field);

  it('may be its default, and what is right; what is wrong is refused by its label', () => {
    for (const value of right) expect(fieldError(name, value)).toBeUndefined();
    if (field.default !== undefined) expect(fieldError(name, field.default)).toBeUndefined();
    expect(spoken(fieldError(name, wrong)!)).toMatch(field.label);
    expect(() => parseRequest({ [name]: wrong })).toThrow(field.label);
    expect(parseRequest({})[name]).toBe(field.required ? field.default : undefined);
  });

  it('has a place in the form, unless it is a prompt, what one was chosen from, or stands in its place', () => {
    const apart = ['prompt', 'negativePrompt', 'template', 'negativeTemplate', 'classLabel'];
    expect(field.group === undefined).toBe(apart.includes(name));
  });

  it('means something to one request at least', () => {
    const from = ofHires(field) ? 'words' : ofTiles(field) ? 'picture' : 'mask';
    expect(applies(name, requestWith(name, right[0]), { from, fastLora: true, classifier: true })).toBe(true);
  });

  it.runIf(field.text !== false)('comes back from the text as it was written', () => {
    for (const value of right) {
      const request = requestWith(name, value);
      // What was resolved is written, never that it was automatic; the schedule is among the facts.
      const schedule = request.schedule === 'automatic' ? 'karras' : request.schedule;
      const { hiresSchedule } = request;
      const second = hiresSchedule === undefined || hiresSchedule === SAME || hiresSchedule === 'automatic' ? schedule : hiresSchedule; // biome-ignore format: one line
      const given = ofHires(field) ? undefined : ofTiles(field) ? 'picture' : 'picture-and-mask';
      const { request: read, ignored } = readParameters(
        writeParameters(request, { model: 'm', schedule, hiresSchedule: second, given }),
      );
      expect(ignored).toEqual([]);
      const isSame = (name === 'hiresSampler' && value === request.sampler) || (name === 'hiresSchedule' && second === schedule); // biome-ignore format: one line
      const expected = name === 'schedule' ? schedule : isSame ? SAME : request[name];
      expect(read[name] ?? fieldDefault(name, request) ?? false).toBe(expected);
    }
  });
});

it('knows every option that a sampler has', () => {
  for (const [sampler, { options }] of Object.entries(SAMPLERS))
    for (const name of Object.keys(options)) {
      const { appliesTo }: Field = FIELDS[name as FieldName];
      expect(appliesTo, `${sampler}, ${name}`).toBe('sampler-option');
      expect(fieldError(name as FieldName, options[name as keyof typeof options])).toBeUndefined();
    }
});

describe('the text', () => {
  it('has a key of its own for each field', () => {
    // A1111's denoising strength is that of a second pass, or of tiles, where there are any.
    const keys = fieldNames(({ text }) => text !== false)
      .filter((name) => name !== 'hiresStrength' && name !== 'sdUpscaleStrength')
      .map((name) => {
        const { text, label }: Field = FIELDS[name];
        const { key = label, part = '' } = text || {};
        // As A1111's pattern finds keys.
        expect(key).toMatch(/^\w[\w \-/]+$/);
        return `${key}${part}`;
      });
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('what means nothing', () => {
  const request: GenerationRequest = {
    ...DEFAULT_REQUEST,
    eta: 0.5,
    order: 2,
    fast: true,
    classifierScale: 3,
    denoisingStrength: 0.5,
    maskBlur: 9,
    inpaintPadding: 8,
    clipSkip: 2,
  };
  const kept = (change: Partial<GenerationRequest>, circumstances: Parameters<typeof dropInapplicable>[1]) =>
    Object.keys(dropInapplicable({ ...request, ...change }, circumstances)).filter(
      (name) => !(name in DEFAULT_REQUEST),
    );

  it('is left out, by sampler, picture, mask and model', () => {
    expect(kept({}, { from: 'words', fastLora: false, classifier: false })).toEqual(['clipSkip']);
    expect(kept({ sampler: 'ddim' }, { from: 'words', fastLora: true, classifier: false })).toEqual([
      'eta',
      'fast',
      'clipSkip',
    ]);
    const picture = kept({ sampler: 'lms' }, { from: 'picture', fastLora: false, classifier: true });
    expect(picture).toEqual(['order', 'classifierScale', 'denoisingStrength', 'clipSkip']);
    const masked = { from: 'mask', fastLora: false, classifier: false } as const;
    expect(kept({}, masked)).toEqual(['denoisingStrength', 'maskBlur', 'clipSkip']);
    expect(kept({ inpaintArea: 'only-masked' }, masked)).toEqual([
      'denoisingStrength',
      'maskBlur',
      'inpaintPadding',
      'clipSkip',
      'inpaintArea',
    ]);
  });

  it('stays where the circumstances are not known', () => {
    expect(kept({}, {})).toEqual(['fast', 'classifierScale', 'denoisingStrength', 'maskBlur', 'clipSkip']);
  });
});

describe('the form', () => {
  const shown = (group: Parameters<typeof shownFields>[0], change: Partial<GenerationRequest>) =>
    shownFields(group, { ...DEFAULT_REQUEST, ...change }, { from: 'words', fastLora: false, classifier: false }, {});

  it('asks for what the sampler leaves to be chosen', () => {
    expect(shown('sampler', {})).toEqual(['sampler', 'schedule', 'steps', 'cfgScale']);
    expect(shown('sampler', { sampler: 'dpm_fast' })).toEqual(['sampler', 'steps', 'cfgScale']);
    expect(shown('sampler', { sampler: 'rk45' })).toEqual(['sampler', 'cfgScale']);
    expect(shown('sampler-options', { sampler: 'unipc' })).toEqual(['order', 'unipcVariant']);
  });

  it('asks four things of an inpainting, the rest is folded away (ux 47)', () => {
    const circumstances = { from: 'mask', fastLora: false, classifier: false } as const;
    const rows = shownFields('picture', DEFAULT_REQUEST, circumstances, {});
    expect(rows).toEqual(['denoisingStrength', 'maskBlur', 'maskedContent', 'inpaintArea']);
    expect(shownFields('picture-details', DEFAULT_REQUEST, circumstances, {}).length).toBeGreaterThan(4);
  });

  it('ask nothing of a start from the picture where a model is shown it beside its noise', () => {
    const from = { from: 'picture', starts: false } as const;
    expect(shownFields('picture', DEFAULT_REQUEST, from, {})).toEqual([]);
    expect(shownFields('picture-details', DEFAULT_REQUEST, from, {})).toEqual(['resizeMode']);
  });

  it('asks for what the schedule reads', () => {
    expect(shown('schedule', { schedule: 'karras' })).toEqual(['sigmaMin', 'sigmaMax', 'rho', 'discardPenultimate', 'quantise']); // biome-ignore format: one line
    expect(shown('schedule', { schedule: 'beta' })).toContain('betaAlpha');
    expect(shown('schedule', { schedule: 'leading' })).toEqual(['quantise']);
    expect(shown('schedule', { sampler: 'dpm_fast' })).toEqual(['sigmaMin', 'sigmaMax', 'quantise']);
  });
});

describe('some fields alone', () => {
  it('are checked and taken without the defaults of the others', () => {
    expect(parseFields({ steps: 9, seed: 7, other: 1 }, ['steps', 'eta'])).toEqual({ steps: 9 });
    expect(() => parseFields({ seed: 'x' }, ['seed'])).toThrow('Seed must be a number.');
    expect(() => parseFields({ sampler: 'plms', steps: 1 }, ['steps'])).toThrow('PLMS needs at least 2 steps.');
    expect(() => parseFields(undefined, ['steps'])).toThrow('not an object');
  });
});

describe('a model’s defaults', () => {
  it('bring sampler options only with the model’s own sampler', () => {
    const defaults = { sampler: 'ddim', eta: 0, steps: 25 } as const;
    expect(modelDefaultsWith({ sampler: 'ddim' }, defaults)).toEqual(defaults);
    expect(modelDefaultsWith({ sampler: 'euler_a' }, defaults)).toEqual({ sampler: 'ddim', steps: 25 });
    expect(fieldDefault('eta', { sampler: 'euler_a' })).toBe(1);
    expect(DEFAULT_REQUEST.seed).toBe(RANDOM_SEED);
  });
});
