import { expect, it } from 'vitest';
import { translateMarked } from '../../texts/marked';
import { translate } from '../../texts/section';
import {
  ANY_FAMILY,
  familiesOf,
  isOfFamily,
  matches,
  SORT_ORDERS,
  type SortOrder,
  sortedBy,
  UNKNOWN_FAMILY,
} from './find-models';
import { formatRecord } from './labels';
import type { LibraryEntry } from './library';
import type { LibraryRecord } from './library-record';
import { STARTER_RECORD } from './starter';

const entry = (name: string, rest: Partial<LibraryRecord> = {}): LibraryEntry => ({
  access: 'ready',
  record: {
    v: 1,
    id: `model:${name}`,
    kind: 'model',
    name,
    place: { kind: 'stored', model: name },
    bytes: 0,
    usedAt: 0,
    ...rest,
  },
});
const xl = { architecture: { id: 'sdxl', label: 'SDXL' } };
const stored = {
  id: 'a',
  name: 'a',
  kind: 'model',
  files: [],
  origin: { page: 'https://huggingface.co/some/dreamy/', licence: 'mit', files: [] },
  addedAt: 0,
  usedAt: 0,
};

it('finds by every word in the name, the family, the licence and the source', () => {
  const dreamy = entry('Dreamy 8', { facts: xl });
  for (const words of ['', ' ', 'dreamy', 'DREAM 8', 'sdxl', 'mit some/dr', 'huggingface'])
    expect(matches(words, dreamy, stored)).toBe(true);
  for (const words of ['dreamy 9', 'sd1', 'civitai']) expect(matches(words, dreamy, stored)).toBe(false);
  expect(matches('huggingface', dreamy, undefined)).toBe(false);
});

it('calls a family in the page’s language where it is called in words, however old the record', () => {
  const facts = { architecture: { id: 'adm', label: 'guided diffusion' } };
  const all = [entry('dogs', { facts }), entry('anything', { facts: xl })];
  expect(familiesOf(all).map(({ label }) => label)).toEqual(['guided diffusion', 'SDXL']);
  translate(translateMarked);
  expect(familiesOf(all).map(({ label }) => label)).toEqual(expect.arrayContaining(['⟦guided diffusion⟧', 'SDXL']));
  expect(formatRecord({ bytes: 0, facts })).toBe('⟦guided diffusion⟧');
  translate((_name, english) => english);
});

it('finds a LoRA by what its file tells, and things by their family', () => {
  const facts = { ...xl, triggerWords: ['moss stone'], alias: 'inky', method: 'LoKr', base: 'grove' };
  const ink = entry('ink', { kind: 'lora', facts });
  for (const words of ['moss', 'inky lokr', 'grove xl']) expect(matches(words, ink, undefined)).toBe(true);
  const plain = entry('sd 9', { facts: { architecture: { id: 'sd1', label: 'SD 1.x' } } });
  const unknown = entry('odd');
  const all = [ink, plain, unknown, entry('ink 2', { facts })];
  expect(familiesOf(all)).toEqual([{ id: 'sd1', label: 'SD 1.x' }, xl.architecture]);
  const of = (family: string) => all.filter((one) => isOfFamily(family, one)).map(({ record }) => record.name);
  expect([of('sdxl'), of('sd1'), of(UNKNOWN_FAMILY), of(ANY_FAMILY).length]).toEqual([
    ['ink', 'ink 2'],
    ['sd 9'],
    ['odd'],
    4,
  ]);
});

it('sorts by what people choose, the starter first', () => {
  const entries = [
    { record: STARTER_RECORD, access: 'ready' } as const,
    entry('sd 10', { bytes: 3, usedAt: 1, facts: xl }),
    entry('SD 9', { bytes: 1, usedAt: 3 }),
    entry('anything', { bytes: 2, usedAt: 2, facts: { architecture: { id: 'sd1', label: 'SD 1.x' } } }),
  ];
  const orders = Object.keys(SORT_ORDERS) as SortOrder[];
  const names = orders.map((order) => sortedBy(order, entries).map(({ record }) => record.name));
  expect(names.every(([first]) => first === 'Easel Starter')).toBe(true);
  expect(Object.fromEntries(orders.map((order, i) => [order, names[i].slice(1)]))).toEqual({
    used: ['SD 9', 'anything', 'sd 10'],
    name: ['anything', 'SD 9', 'sd 10'],
    size: ['sd 10', 'anything', 'SD 9'],
    family: ['anything', 'sd 10', 'SD 9'],
  });
  expect(entries[1].record.name).toBe('sd 10'); // the list itself is as it was
});
