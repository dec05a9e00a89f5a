import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { chooseDevice } from './device';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a driver that never answers leaves the CPU, and an insisting person a sentence', async () => {
  const silent = { requestAdapter: () => new Promise<null>(() => {}) } as unknown as GPU;
  const chosen = chooseDevice('auto', 2, silent);
  const insisted = chooseDevice('webgpu', 2, silent).catch((error) => error);
  await vi.advanceTimersByTimeAsync(29_000);
  await expect(Promise.race([chosen, 'waits'])).resolves.toBe('waits');
  await vi.advanceTimersByTimeAsync(2_000);
  expect((await chosen).report).toMatchObject({ provider: 'wasm', name: '2 threads' });
  expect(await insisted).toMatchObject({ code: 'no-webgpu' });
});
