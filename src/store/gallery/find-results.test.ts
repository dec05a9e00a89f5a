import { describe, expect, it } from 'vitest';
import { choicesOf, daysOf, findResults, queryOf } from './find-results';
import { factsOf, type ResultFacts } from './result-facts';

const TEXT = `a red fox in snow, <lora:winter:0.8>
Negative prompt: blurry, dog
Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 207, Size: 512x768, Model: Dreamy\nDreamy`.toLowerCase();

describe('words find', () => {
  it.each([
    ['', true],
    ['  ', true],
    ['FOX snow', true],
    ['snow fox', true],
    ['"red fox"', true],
    ['"fox red"', false],
    ['"red fo', true], // as it is being typed
    ['fox cat', false],
    ['fox -cat', true],
    ['fox -snow', false],
    ['fox -"in snow"', false],
    ['steps:20', true],
    ['steps:2', false],
    ['steps:200', false],
    ['seed:20', false],
    ['seed:207', true],
    ['cfg:7.5', true],
    ['cfg:7', false],
    ['size:512x768', true],
    ['sampler:dpm++', true],
    ['sampler:euler', false],
    ['-steps:20', false],
    ['lora:winter', true],
    ['model:dreamy', true],
    ['steps:', true], // as it is being typed
    ['(', false],
  ])('with "%s": %s', (words, found) => {
    expect(queryOf(words)(TEXT)).toBe(found);
  });
});

/** As a record lies on the disk. */
const record = (id: string, over: object = {}) => ({
  v: 1,
  id,
  paintedAt: new Date(2026, 10, 29, 23, 59).getTime(),
  model: 'A',
  width: 512,
  height: 512,
  parameters: `take ${id}\nSteps: 20`,
  request: { sampler: 'euler', prompt: `take ${id}` },
  ...over,
});
const facts = (...records: object[]) =>
  new Map(records.map((value) => factsOf(value) as ResultFacts).map((of) => [of.id, of]));

it('reads what a record is found by, and nothing of one that has none of it', () => {
  expect(factsOf(record('1', { favourite: true }))).toEqual({
    id: '1',
    day: '2026-11-29',
    model: 'A',
    sampler: 'euler',
    size: '512 × 512',
    favourite: true,
    text: 'take 1\nsteps: 20\na',
  });
  for (const value of [undefined, 'nonsense', {}, record('1', { paintedAt: NaN }), record('1', { parameters: 3 })])
    expect(factsOf(value)).toBeUndefined();
});

it('finds by model, sampler, size, favourites and board together, in the order of the list', () => {
  const all = facts(
    record('1', { favourite: true }),
    record('2', { model: 'B', favourite: true }),
    record('3', { width: 768, favourite: true }),
    record('4', { request: { sampler: 'heun' }, favourite: true }),
    record('5', { favourite: true }),
    record('6'),
  );
  const ids = ['6', '5', '4', '3', 'unread', '2', '1'];
  const found = (filter: object) => findResults(ids, all, { words: '', ...filter }).map(({ id }) => id);
  expect(found({})).toEqual(['6', '5', '4', '3', '2', '1']);
  expect(found({ model: 'A', sampler: 'euler', size: '512 × 512', favourites: true })).toEqual(['5', '1']);
  expect(found({ board: new Set(['1', '6', 'gone']) })).toEqual(['6', '1']);
  expect(found({ words: 'take 3' })).toEqual(['3']);
  expect(choicesOf(all.values(), 'size')).toEqual([
    ['512 × 512', 5],
    ['768 × 512', 1],
  ]);
});

it('groups by the day where the person is, one group a day', () => {
  const midnight = record('2', { paintedAt: new Date(2026, 10, 30).getTime() });
  const found = findResults(['3', '2', '1'], facts(record('1'), midnight, record('3')), { words: '' });
  expect(daysOf(found)).toEqual([
    { day: '2026-11-29', ids: ['3', '1'] },
    { day: '2026-11-30', ids: ['2'] },
  ]);
});
