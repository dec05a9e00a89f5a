import { expect, test } from 'playwright/test';
import { killTrials } from '../src/cli/bench/store/kill-trials';

test('models on their way and in the store outlive a browser that is killed six times', async () => {
  const { survived, withinWrites, arrived, faults, preflights } = await killTrials(6, 2026, () => undefined);
  expect(faults).toEqual([]);
  expect(survived).toBe(6);
  expect(withinWrites).toBeGreaterThanOrEqual(2); // of three that are meant to be, one may come just before
  expect(arrived).toBeGreaterThanOrEqual(1);
  expect(preflights).toBe(0);
});
