import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EaselError, said } from '../../core/errors';
import { fuzzCases } from './cases';
import { outcomeOf } from './outcome';

// Every outcome is a result or an EaselError, within the time of the test; `npm run bench -- fuzz` runs 10,000 of each.
const RUNS = 500;
/** Each of these builds networks, which takes as long as a hundred of the others. */
const BUILDING = ['unet/config.json', 'vae/config.json', 'single-file checkpoint', 'ONNX protobuf'];
const runsOf = (name: string) => (BUILDING.includes(name) ? RUNS / 5 : RUNS);
/** What is not understood in these is left aside. */
const FORGIVING = ['merges.txt', 'parameters text', 'JPEG metadata', 'WebP metadata', 'prompt schedule'];

it.each(Object.entries(await fuzzCases()).map(([name, fuzz]) => [runsOf(name), name, fuzz] as const))(
  '%i times %s',
  async (runs, name, { good, spoiled, read }) => {
    // Where the good one is refused, a folder that lacks the rest, it must be so by name too.
    expect(await outcomeOf(read, good)).toBe(name === 'model_index.json' ? 'corrupt' : 'read');
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(spoiled, async (input) => void seen.add(await outcomeOf(read, input))),
      { numRuns: runs },
    );
    if (!FORGIVING.includes(name)) expect([...seen], 'refused or read alone').not.toHaveLength(1);
  },
  300_000,
);

// What was found once, an object that cannot be written as text, is tried every time.
const NO_TEXT = { toString: {} };
it.each([
  ['model_index.json', { _class_name: NO_TEXT }, 'corrupt'],
  ['shard index', JSON.stringify({ weight_map: { 'a.weight': NO_TEXT } }), 'corrupt'],
  ['scheduler_config.json', { beta_schedule: NO_TEXT }, 'corrupt'],
  ['manifest.json', { v: 1, name: 'a', files: [], defaults: { sampler: NO_TEXT } }, 'corrupt'],
] as const)('%s: a value that cannot be written as text', async (kind, input, code) => {
  expect(await outcomeOf((await fuzzCases())[kind].read, input)).toBe(code);
});

it('an error without a code does not pass', async () => {
  const careless = () => Promise.reject(new TypeError('x is undefined'));
  await expect(outcomeOf(careless, 0)).rejects.toThrow('x is undefined');
  expect(await outcomeOf(() => Promise.reject(new EaselError('corrupt', said`It is.`)), 0)).toBe('corrupt');
});
