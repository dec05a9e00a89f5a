import { expect, it } from 'vitest';
import { rowAt, rowsOf, startsOf, steppedTo } from './grid-rows';

const day = (name: string, count: number) => ({
  day: name,
  ids: Array.from({ length: count }, (_, i) => `${name}${i}`),
});
/** a0 a1 a2 / a3, then b0 b1. */
const ROWS = rowsOf([day('a', 4), day('b', 2)], 3);

it('begins each day with a row of its own, and fills rows up to its end', () => {
  expect(ROWS).toEqual([
    { kind: 'day', day: 'a', count: 4 },
    { kind: 'results', from: 0, to: 3 },
    { kind: 'results', from: 3, to: 4 },
    { kind: 'day', day: 'b', count: 2 },
    { kind: 'results', from: 4, to: 6 },
  ]);
  expect(startsOf(ROWS, { day: 10, results: 100 })).toEqual([0, 10, 110, 210, 220, 320]);
  expect([0, 2, 3, 5].map((place) => rowAt(ROWS, place))).toEqual([1, 1, 2, 4]);
});

it.each([
  ['ArrowRight', 3, 4],
  ['ArrowLeft', 4, 3],
  ['ArrowLeft', 0, undefined],
  ['ArrowRight', 5, undefined],
  ['ArrowDown', 2, 3], // the row below is shorter
  ['ArrowDown', 3, 4],
  ['ArrowDown', 5, undefined],
  ['ArrowUp', 5, 3],
  ['PageDown', 1, 5],
  ['PageUp', 5, 1],
  ['Home', 5, 0],
  ['End', 0, 5],
  ['a', 0, undefined],
])('%s leads from %i to %s', (key, from, to) => {
  expect(steppedTo(key, from, ROWS, 2)).toBe(to);
});

it('lays out nothing', () => {
  expect(rowsOf([], 3)).toEqual([]);
  expect(startsOf([], { day: 10, results: 100 })).toEqual([0]);
});
