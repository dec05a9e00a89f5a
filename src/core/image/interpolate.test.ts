import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Interpolation, interpolate } from './interpolate';

/** The first channel of the recorded cases that `npm run parity` compares: 8 x 10 at other sizes, by torch 2.11. */
const { latent, ...cases } = JSON.parse(
  readFileSync(new URL('./fixtures/interpolate.json', import.meta.url), 'utf8'),
) as Record<string, number[]>;
const FROM = { width: 10, height: 8 };

describe('interpolate', () => {
  it.each(Object.entries(cases))('%s is torch’s', (name, expected) => {
    const [mode, size] = name.split('.');
    const [height, width] = size.split('x').map(Number);
    const actual = interpolate(latent, FROM, { width, height }, mode as Interpolation);
    expect(actual.length).toBe(expected.length);
    // The file's numbers, read and expected, have six digits.
    for (const [i, value] of expected.entries()) expect(Math.abs(actual[i] - value)).toBeLessThan(2e-5);
  });

  it.each(['nearest', 'bilinear', 'bicubic', 'bicubic-antialias'] as const)('%s keeps channels apart', (mode) => {
    const size = { width: 16, height: 12 };
    const both = interpolate([...latent, ...latent.map((value) => -value)], FROM, size, mode);
    const one = interpolate(latent, FROM, size, mode);
    expect([...both]).toEqual([...one, ...one.map((value) => -value)]);
  });

  it('leaves a plane of its own size as it is', () => {
    expect([...interpolate(latent, FROM, FROM, 'bicubic')]).toEqual(latent);
  });
});
