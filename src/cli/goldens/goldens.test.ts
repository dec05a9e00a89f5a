import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkFile, type Outcome } from './check';
import { type GoldenFile, relativeError } from './golden';
import { samplerTable, withTable } from './table';

const FOLDER = join(import.meta.dirname, '../../core/diffusion/goldens');
const read = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as GoldenFile;

async function outcomes(name: string, file: GoldenFile): Promise<Outcome[]> {
  const all: Outcome[] = [];
  for await (const outcome of checkFile(name, file)) all.push(outcome);
  return all;
}

describe('every golden passes', () => {
  it.each(readdirSync(FOLDER))('%s', async (name) => {
    const found = await outcomes(name, read(name));
    expect(found.length).toBeGreaterThan(3);
    expect(found.filter(({ kind }) => kind !== 'passed' && kind !== 'declined')).toEqual([]);
  });
});

describe('the comparison can fail', () => {
  it('finds a number that is off by 1e-7, a step that is missing, a parameter it does not know', async () => {
    const file = read('c_sampler_heun.json');
    const [first] = file.cases;
    const off = { ...first, x_final: (first.x_final as number[]).map((v, i) => (i === 0 ? v + 1e-7 : v)) };
    const short = { ...first, steps: (first.steps as unknown[]).slice(1) };
    const strange = { ...first, params: { s_magic: 1 } };
    const found = await outcomes('c_sampler_heun.json', { ...file, cases: [off, short, strange] });
    expect(found.map(({ kind }) => kind)).toEqual(['failed', 'failed', 'failed']);
  });

  it('counts different lengths and numbers that are not there as infinitely wrong', () => {
    expect(relativeError({ actual: [1], expected: [1, 2] })).toBe(Number.POSITIVE_INFINITY);
    expect(relativeError({ actual: [Number.NaN], expected: [1] })).toBe(Number.POSITIVE_INFINITY);
    expect(relativeError({ actual: [Number.POSITIVE_INFINITY], expected: [Number.POSITIVE_INFINITY] })).toBe(0);
  });
});

it('FEATURES.md says which sampler meets whose numbers', async () => {
  const features = readFileSync(join(import.meta.dirname, '../../../FEATURES.md'), 'utf8');
  expect(features).toBe(withTable(features, await samplerTable(read)));
});
