import { expect, test } from 'playwright/test';
import { killTrials } from '../src/cli/bench/store/kill-trials';

test('models on their way and in the store outlive a browser that is killed ten times', async () => {
  const { survived, withinWrites, arrived, faults, preflights } = await killTrials(10, 2026, () => undefined);
  expect(faults).toEqual([]);
  expect(survived).toBe(10);
  expect(withinWrites).toBeGreaterThanOrEqual(4); // of five that are meant to be, one may come just before
  expect(arrived).toBeGreaterThanOrEqual(1);
  expect(preflights).toBe(0);
});
