import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { readFields } from './read-fields';

const Schema = v.object({
  kind: v.optional(v.picklist(['unet', 'vae']), 'unet'),
  kernel: v.optional(v.literal(3, 'is not 3, which alone is built')),
  sizes: v.array(v.message(v.pipe(v.number(), v.integer()), 'must be a whole number')),
  bias: v.nullish(v.boolean(), true),
});
const read = (json: unknown) => readFields(Schema, json, 'unet/config.json');

describe('readFields', () => {
  it('gives the fields, defaults where they are left out or null', () => {
    expect(read({ sizes: [1], bias: null, other: 1 })).toEqual({ kind: 'unet', sizes: [1], bias: true });
  });

  it.each([
    [{}, 'corrupt', 'unet/config.json: sizes is missing.'],
    [{ sizes: 3 }, 'corrupt', 'unet/config.json: sizes must be a list, not 3.'],
    [{ sizes: [1, 1.5] }, 'corrupt', 'unet/config.json: sizes.1 must be a whole number, not 1.5.'],
    [{ sizes: [], bias: {} }, 'corrupt', 'unet/config.json: bias must be true or false, not an object.'],
    [{ sizes: [], kind: 'clip' }, 'unsupported', 'unet/config.json: kind = "clip" is not supported yet.'],
    [{ sizes: [], kernel: 1 }, 'unsupported', 'unet/config.json: kernel = 1 is not 3, which alone is built.'],
    [[], 'corrupt', 'unet/config.json is not a JSON object.'],
    [null, 'corrupt', 'unet/config.json is not a JSON object.'],
  ])('names file, field and what it should be: %j', (json, code, message) => {
    expect(() => read(json)).toThrow(expect.objectContaining({ code, message }));
  });

  it('tells the first fault alone, and little of a long one', () => {
    const long = { sizes: ['x'.repeat(10_000)], bias: 1 };
    expect(() => read(long)).toThrow(/^unet\/config\.json: sizes\.0 must be a whole number, not "x{99}\.$/);
  });
});
