import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applies, fieldDefault, type PaintedFrom } from './applicable';
import { type Field, fileChoice } from './field';
import { FIELDS, type FieldName, fieldNames } from './fields';
import { readParameters, writeParameters } from './parameters';
import { DEFAULT_REQUEST, type GenerationRequest, schedulesOf } from './request';
import { keyOf, TEXT_FIELDS } from './text-fields';

/** Any line that A1111's text can hold in a prompt: it trims lines, and a negative prompt begins with its name. */
const line = fc
  .oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom('a fox, (red:1.2)', '<lora:ink:0.5>', '<lora:ink:te=0.5:unet=0.7>', 'Steps: 3, a: b', '"x"')) // biome-ignore format: one thought
  .map((text) => text.replace(/[\n\r]/g, ' ').trim())
  .filter((text) => !text.startsWith('Negative prompt:'));
const prompt = fc.array(line, { maxLength: 3 }).map((lines) => lines.join('\n').trim());

/** Any value that a field may have. */
function anyValue(name: FieldName): fc.Arbitrary<unknown> {
  const field: Field = FIELDS[name];
  switch (field.kind) {
    case 'number': {
      const { min, max, step, integer, multiple } = field;
      const least = name === 'seed' ? 0 : min; // -1 is resolved before anything is painted
      if (multiple) return fc.integer({ min: least / step, max: max / step }).map((count) => count * step);
      return integer ? fc.integer({ min: least, max }) : fc.double({ min: least, max, noNaN: true });
    }
    case 'choice':
      return fc.constantFrom(
        ...field.choices.map(({ value }) => value),
        ...(field.files ? [fileChoice('4x, "sharp"')] : []),
      );
    case 'flag':
      return fc.boolean();
    case 'text':
      return prompt;
    default:
      return field satisfies never;
  }
}

const required = fieldNames((field) => field.required === true);
const anyRequest = fc
  .record(Object.fromEntries(fieldNames().map((name) => [name, anyValue(name)])), { requiredKeys: required })
  .map((fields) => ({ ...DEFAULT_REQUEST, ...(fields as Partial<GenerationRequest>), batchCount: 1 }));

const GIVEN = { words: undefined, frame: undefined, picture: 'picture', mask: 'picture-and-mask' } as const;
const from = fc.constantFrom<PaintedFrom>('words', 'picture', 'mask');

/** The text of a request as it ran: with a schedule that its sampler can use. */
function textOf(request: GenerationRequest, from: PaintedFrom): string {
  const { schedule, hiresSchedule } = request;
  return writeParameters(request, {
    model: 'm',
    schedule: schedule === 'automatic' ? 'karras' : schedule,
    hiresSchedule: hiresSchedule === 'same' || hiresSchedule === 'automatic' ? undefined : hiresSchedule,
    given: GIVEN[from],
  });
}

/** What a text cannot say: that there was a mask without a blur and all else as usual, which A1111 leaves out too. */
const isSaid = (request: GenerationRequest, from: PaintedFrom) =>
  from !== 'mask' || request.maskBlur !== 0 || request.maskMode === 'not-masked';

const anyText = fc
  .tuple(anyRequest, from)
  .filter(([{ sampler, schedule }]) => schedule !== 'automatic' && schedulesOf(sampler).includes(schedule))
  .filter(([{ hiresSchedule }]) => hiresSchedule !== 'automatic')
  .filter(([request, from]) => isSaid(request, from));

/** A second pass's own sampler, schedule or prompt that is the first's: A1111 does not say it, which means the same. */
const withoutRepeats = (
  { ...request }: Partial<GenerationRequest>,
  { sampler, schedule, prompt, negativePrompt }: GenerationRequest,
) => {
  if (request.hiresSampler === sampler) request.hiresSampler = 'same';
  if (request.hiresSchedule === schedule) request.hiresSchedule = 'same';
  if (request.hiresPrompt === prompt) request.hiresPrompt = '';
  if (request.hiresNegativePrompt === negativePrompt) request.hiresNegativePrompt = '';
  return request;
};

/** What a field comes to where it means something: its value, or what it has where none is set. */
const meant = (request: Partial<GenerationRequest>, { sampler }: GenerationRequest, from: PaintedFrom) =>
  Object.fromEntries(
    [...TEXT_FIELDS, 'prompt' as const, 'negativePrompt' as const]
      .filter((name) => applies(name, { ...DEFAULT_REQUEST, ...request, sampler }, { from }))
      .map((name) => [name, request[name] ?? fieldDefault(name, { sampler })]),
  );

describe('the text of any request', () => {
  it('says the files that it was painted with, whatever they are called', () => {
    const anyFile = line.filter((name) => name !== '' && !/^(none|auto|automatic)$/i.test(name));
    fc.assert(
      fc.property(anyFile, anyFile, (model, vae) => {
        const facts = { model, vae: `${vae}.safetensors`, schedule: 'karras' } as const;
        expect(readParameters(writeParameters(DEFAULT_REQUEST, facts))).toMatchObject({
          model,
          vae: facts.vae,
          ignored: [],
        });
      }),
    );
  });

  it('is read as it was written, field by field', () => {
    fc.assert(
      fc.property(anyText, ([request, from]) => {
        const { request: read, ignored } = readParameters(textOf(request, from));
        expect(ignored).toEqual([]);
        expect(meant(withoutRepeats(read, request), request, from)).toEqual(
          meant(withoutRepeats(request, request), request, from),
        );
        // Nothing comes out of it that it does not say.
        for (const name of Object.keys(read)) if (!(name in request)) expect(meant(read, request, from)).toHaveProperty(name); // biome-ignore format: one thought
      }),
      { numRuns: 300 },
    );
  });

  it('keeps apart what other programs have added: each is named as not taken, and changes nothing', () => {
    const known = new Set(
      fieldNames().flatMap((name) => [keyOf(name, 'euler'), keyOf(name, 'unipc'), keyOf(name, 'ddim'), FIELDS[name].label]), // biome-ignore format: one thought
    );
    const key = fc
      .stringMatching(/^[A-Za-z]\w[\w /-]{0,12}\w$/)
      .filter((text) => !known.has(text) && !/^(Hires|Model|VAE|Version|App|Pipeline|Operations|Created|User|Walk|Lora|TI|Eta)/.test(text)); // biome-ignore format: one thought
    const value = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((text) => text === text.trim() && text !== '' && !text.startsWith('"'));
    const others = fc.uniqueArray(fc.tuple(key, value), { maxLength: 4, selector: ([key]) => key });
    fc.assert(
      fc.property(anyText, others, ([request, from], added) => {
        const text = textOf(request, from);
        const quoted = added.map(([key, value]) => `, ${key}: ${/[,:\n]/.test(value) ? JSON.stringify(value) : value}`);
        const { request: read, ignored } = readParameters(`${text}${quoted.join('')}`);
        expect(ignored).toEqual(added.map(([key, value]) => `${key}: ${value}`));
        expect(read).toEqual(readParameters(text).request);
      }),
      { numRuns: 200 },
    );
  });
});
