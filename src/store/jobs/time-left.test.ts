import { expect, it } from 'vitest';
import { measuredDuration, spokenDuration, timeLeftMs } from './time-left';

const run = { step: 5, of: 20, picture: 0, pictures: 1, msPerStep: 100, decodeMs: 400 };

it('counts the steps left, the decoding, and the pictures to come', () => {
  expect(timeLeftMs(run)).toBe(15 * 100 + 400);
  expect(timeLeftMs({ ...run, pictures: 3 })).toBe(15 * 100 + 400 + 2 * (20 * 100 + 400));
  // Two passes, of which a step of the second takes four times as long: 8 of 8 small ones done, 4 large ones to do.
  const work = { left: 16, whole: 24 };
  expect(timeLeftMs({ ...run, step: 8, of: 12, work, pictures: 2 })).toBe(16 * 100 + 400 + 24 * 100 + 400);
  expect(timeLeftMs({ ...run, picture: 2, pictures: 3, step: 20 })).toBe(400);
});

it('says nothing before the first step has told how fast it goes', () => {
  expect(timeLeftMs({ ...run, step: 0, msPerStep: 0 })).toBeUndefined();
});

it.each([
  [200, '1 s'],
  [42_000, '42 s'],
  [60_000, '1 min'],
  [80_000, '1 min 20 s'],
  [7_500_000, '2 h 5 min'],
])('speaks %d ms as %s', (ms, text) => expect(spokenDuration(ms)).toBe(text));

it('measures below a second in milliseconds', () => {
  expect(measuredDuration(411.6)).toBe('412 ms');
  expect(measuredDuration(1412)).toBe('1.41 s');
  expect(measuredDuration(24_120)).toBe('24.1 s');
});
