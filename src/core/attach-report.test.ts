import { expect, it } from 'vitest';
import { attachNote } from './attach-report';
import { said, spoken } from './errors';

it('says what of a file does nothing, and how much that is', () => {
  const note = (used: number, ...unmatched: string[]) => spoken(attachNote({ name: 'ink', used, unmatched }) ?? said``);
  expect(note(3)).toBe('');
  expect(note(3, 'a')).toBe('ink: 1 of its 4 parts is ignored: a.');
  expect(note(3, 'a', 'b', 'c', 'd')).toBe('ink: 4 of its 7 parts are ignored: a, b and 2 more.');
  expect(note(0, 'a', 'b', 'c')).toBe('ink changes nothing: this model has no place for a, b and 1 more.');
});
