import 'fake-indexeddb/auto';
import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb';
import { type IDBPDatabase, openDB, unwrap } from 'idb';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Database, openDatabase, useStorage } from './database';

const record = (id: string) => ({ id, number: 1, picture: 'none' });
const put = (database: Database, id: string) => database.run((opened) => opened.put('results', record(id)));
const state = () => useStorage.getState().state;
const isState = (wanted: string) => vi.waitFor(() => expect(state()).toBe(wanted));

let open: IDBPDatabase[] = [];

/**
 * A tab with another Easel, which raises the database by a version and keeps it. @param polite whether it lets go when
 * asked
 */
async function otherEasel(version: number, polite = false): Promise<IDBPDatabase> {
  const other = await openDB('easel', version, {
    upgrade(database, from) {
      if (from > 0) return;
      const results = database.createObjectStore('results', { keyPath: 'id' });
      results.createIndex('number', 'number');
      results.createIndex('picture', 'picture');
      database.createObjectStore('pictures');
    },
    blocking: () => polite && other.close(),
  });
  open.push(other);
  return other;
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

afterEach(() => {
  vi.unstubAllGlobals();
  for (const database of open) database.close();
  open = [];
});

it('gives way to a newer Easel, after what is being written and what those write who hear of it', async () => {
  const database = openDatabase();
  const { version } = await database.opened;
  const late: Promise<unknown>[] = [];
  const stop = useStorage.subscribe(({ state: now }) => now === 'outdated' && late.push(put(database, 'late')));
  const early = put(database, 'early');
  const newer = await otherEasel(version + 1);
  stop();
  await Promise.all([early, ...late]);
  expect((await newer.getAllKeys('results')).sort()).toEqual(['early', 'late']);
  expect(useStorage.getState()).toMatchObject({
    state: 'outdated',
    trouble: expect.stringMatching(/newer Easel.*reload/),
  });
  await expect(put(database, 'later')).rejects.toMatchObject({ code: 'no-storage' });
});

it('waits for an older Easel in another tab, hangs nobody meanwhile, and opens when that tab goes', async () => {
  const older = await otherEasel(1);
  const database = openDatabase();
  await isState('blocked');
  expect(useStorage.getState().trouble).toMatch(/Close that tab/);
  await expect(put(database, 'a')).rejects.toMatchObject({ code: 'no-storage' });
  older.close();
  const opened = await database.opened;
  expect(useStorage.getState()).toMatchObject({ state: 'open', trouble: undefined });
  await put(database, 'a');
  expect(await opened.getAllKeys('results')).toEqual(['a']);
  opened.close();
});

it('says it where a newer Easel was here before', async () => {
  const newer = await otherEasel(99);
  newer.close();
  const database = openDatabase();
  await expect(database.opened).rejects.toMatchObject({ code: 'no-storage' });
  expect(useStorage.getState()).toMatchObject({ state: 'outdated', trouble: expect.stringMatching(/newer Easel/) });
  await expect(put(database, 'a')).rejects.toMatchObject({ code: 'no-storage' });
});

it('opens again where the browser closed it', async () => {
  const database = openDatabase();
  forceCloseDatabase(unwrap(await database.opened) as never);
  await isState('open');
  await put(database, 'a');
  const [key] = await database.run((opened) => opened.getAllKeys('results'));
  expect(key).toBe('a');
  await database.run(async (opened) => opened.close());
});

it.each([
  [
    'throws',
    () =>
      vi.stubGlobal('indexedDB', {
        open: () => {
          throw new DOMException('No.', 'SecurityError');
        },
      }),
  ],
  ['is not there', () => vi.stubGlobal('indexedDB', undefined)],
])('says once that nothing is kept where indexedDB %s', async (_, spoil) => {
  spoil();
  const database = openDatabase();
  await expect(database.opened).rejects.toMatchObject({ code: 'no-storage' });
  expect(useStorage.getState()).toMatchObject({ state: 'refused', trouble: expect.stringMatching(/keeps nothing/) });
  await expect(put(database, 'a')).rejects.toMatchObject({ code: 'no-storage' });
});

it('waits no longer than the limit for a browser that does not answer, and takes its late answer', async () => {
  let busy = true;
  const keepBusy = openDB('easel', 1, {
    async upgrade(upgraded, _, __, upgrading) {
      upgraded.createObjectStore('folders');
      while (busy) await upgrading.objectStore('folders').count();
    },
    blocking: async () => (await keepBusy).close(),
  });
  const database = openDatabase(50);
  const early = database.run((opened) => opened.count('canvases'));
  await expect(early).rejects.toMatchObject({ code: 'no-storage', message: expect.stringMatching(/does not answer/) });
  await isState('silent');
  busy = false;
  await database.opened;
  expect(useStorage.getState()).toMatchObject({ state: 'open', trouble: undefined });
  expect(await database.run((opened) => opened.count('canvases'))).toBe(0);
});

it('waits no longer than the limit for work that does not end', async () => {
  const database = openDatabase(50);
  await database.opened;
  await expect(database.run(() => new Promise(() => undefined))).rejects.toMatchObject({
    code: 'no-storage',
    message: expect.stringMatching(/does not answer/),
  });
});
