import { expect, it } from 'vitest';
import { all, NOTHING, only, rangeTo, toggle } from './selection';

const IDS = ['a', 'b', 'c', 'd', 'e'];
const chosen = ({ chosen: ids }: { chosen: ReadonlySet<string> }) => [...ids].sort().join('');

it('chooses one, one more or less, and a range from the one before', () => {
  const b = only('b');
  expect(chosen(b)).toBe('b');
  expect(chosen(rangeTo(b, 'd', IDS))).toBe('bcd');
  // From where it began, not from its end.
  expect(chosen(rangeTo(rangeTo(b, 'd', IDS), 'a', IDS))).toBe('ab');
  const two = toggle(b, 'e');
  expect(chosen(two)).toBe('be');
  expect(chosen(toggle(two, 'b'))).toBe('e');
  expect(chosen(rangeTo(two, 'c', IDS))).toBe('cde');
  expect(chosen(all(IDS))).toBe('abcde');
});

it('begins a range where its beginning is gone', () => {
  expect(chosen(rangeTo(NOTHING, 'c', IDS))).toBe('c');
  expect(chosen(rangeTo(only('gone'), 'c', IDS))).toBe('c');
});
