import { beforeEach, expect, it, vi } from 'vitest';
import { useNotices } from '../notices';
import { askForPersistence } from './persistence';
import { usePreferences } from './preferences';

const browser = (persisted: boolean, answer: boolean) => {
  const persist = vi.fn(async () => answer);
  return { persist, storage: { persist, persisted: async () => persisted } as unknown as StorageManager };
};
const notices = () => useNotices.getState().notices;
const kept = () => usePreferences.getState().persistence;

beforeEach(() => {
  useNotices.setState({ notices: [] });
  usePreferences.setState(usePreferences.getInitialState(), true);
});

it.each([
  [true, 'granted'],
  [false, 'refused'],
] as const)('asks once, says why and keeps the answer (%s)', async (answer, known) => {
  const { persist, storage } = browser(false, answer);
  await Promise.all([askForPersistence(storage), askForPersistence(storage)]);
  expect(kept()).toBe(known);
  await askForPersistence(storage);
  expect(persist).toHaveBeenCalledTimes(1);
  expect(notices().map(({ text }) => text)).toEqual([expect.stringContaining('may clear them when space runs short')]);
});

it('asks nothing where the browser has promised it or cannot', async () => {
  await askForPersistence(undefined);
  await askForPersistence({} as StorageManager);
  expect(kept()).toBe('not-asked');
  const { persist, storage } = browser(true, false);
  await askForPersistence(storage);
  expect(kept()).toBe('granted');
  expect(persist).not.toHaveBeenCalled();
  expect(notices()).toEqual([]);
});

it('does not ask again where the question was left open', async () => {
  const { persist, storage } = browser(false, true);
  persist.mockReturnValue(new Promise(() => undefined));
  void askForPersistence(storage);
  await vi.waitFor(() => expect(persist).toHaveBeenCalled());
  expect(kept()).toBe('refused');
});
