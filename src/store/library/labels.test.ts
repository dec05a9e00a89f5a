import { expect, it } from 'vitest';
import { formatDaysAgo, formatSource } from './labels';

const at = (text: string) => new Date(text).getTime();

it('says how many days ago something was, by the calendar', () => {
  const now = at('2026-11-29T09:00');
  const said = (text: string) => formatDaysAgo(at(text), now);
  expect(said('2026-11-29T00:01')).toBe('today');
  expect(said('2026-11-28T23:59')).toBe('yesterday');
  expect(said('2026-11-26T12:00')).toBe('3 days ago');
  expect(said('2026-10-04T12:00')).toBe('on 4 Oct 2026');
  // A clock that was set back.
  expect(said('2026-11-30T12:00')).toBe('tomorrow');
});

it('calls an address as people do', () => {
  expect(formatSource('https://huggingface.co/some/model/')).toBe('huggingface.co/some/model');
  expect(formatSource('files.example')).toBe('files.example');
});
