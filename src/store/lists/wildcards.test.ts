import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { beforeEach, expect, it, vi } from 'vitest';
import { useNotices } from '../notices';
import { type Database, openDatabase } from '../persistence/database';
import { useUnsaved } from '../persistence/unsaved';
import {
  addWildcards,
  connectWildcards,
  createWildcardsDb,
  deleteWildcard,
  saveWildcard,
  useWildcards,
} from './wildcards';

const names = () => [...useWildcards.getState().lists.keys()];
const linesOf = (name: string) => useWildcards.getState().wildcards.linesOf(name);
const notices = () => useNotices.getState().notices;
const file = (path: string, text: string) => ({ path, file: new Blob([text]) });

let database: Database;

/** What another visit would find. */
async function stored(): Promise<[string, string][]> {
  return [...(await createWildcardsDb(database).all(() => undefined))];
}

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  useWildcards.setState(useWildcards.getInitialState(), true);
  useNotices.setState({ notices: [] });
  useUnsaved.setState({ things: {} });
  database = openDatabase();
  await connectWildcards(createWildcardsDb(database));
});

it('keeps lists from files for the next visit, and takes them back with Undo', async () => {
  saveWildcard('animal', 'fox');
  await addWildcards([
    file('Animal.txt', '# new\nowl\ncrow'),
    file('artists/dutch.txt', 'Vermeer'),
    file('empty.txt', '# nothing'),
    file('picture.txt', '\0\0'),
  ]);
  expect(names()).toEqual(['animal', 'artists/dutch']);
  expect(linesOf('animal')).toEqual(['owl', 'crow']);
  expect(notices().at(-1)).toMatchObject({
    text: 'Added wildcards: __animal__, __artists/dutch__.',
    details: { lines: ['empty.txt: no lines', 'picture.txt: not a text file'] },
  });
  await vi.waitFor(async () =>
    expect(await stored()).toEqual([
      ['animal', '# new\nowl\ncrow'],
      ['artists/dutch', 'Vermeer'],
    ]),
  );
  notices().at(-1)?.action?.run();
  expect(linesOf('animal')).toEqual(['fox']);
  await vi.waitFor(async () => expect(await stored()).toEqual([['animal', 'fox']]));
});

it('renames, replaces whatever the case, and deletes with Undo', async () => {
  saveWildcard('a', 'x');
  expect(saveWildcard('my  list__(2)', 'x\ny', 'a')).toBe('my  list_-2-');
  expect(names()).toEqual(['my  list_-2-']);
  saveWildcard('B', 'one');
  saveWildcard('b', 'two');
  expect(names()).toEqual(['b', 'my  list_-2-']);
  deleteWildcard('b');
  expect(names()).toEqual(['my  list_-2-']);
  notices().at(-1)?.action?.run();
  expect(linesOf('B')).toEqual(['two']);
  await vi.waitFor(async () => expect((await stored()).map(([name]) => name)).toEqual(['b', 'my  list_-2-']));
});

it('takes up what an earlier visit left beside what was made meanwhile, and says what it cannot read', async () => {
  const opened = await database.opened;
  await opened.put('named', { v: 1, text: 'fox' }, ['wildcard', 'animal']);
  await opened.put('named', { v: 2, lines: [] }, ['wildcard', 'newer']);
  await opened.put('named', { v: 1, text: 'no wildcard' }, ['style', 'x']);
  useWildcards.setState(useWildcards.getInitialState(), true);
  const connected = connectWildcards(createWildcardsDb(database));
  expect(useWildcards.getState().loading).toBe(true);
  saveWildcard('animal', 'owl');
  await connected;
  expect(names()).toEqual(['animal']);
  expect(linesOf('animal')).toEqual(['owl']);
  expect(notices().map(({ text }) => text)).toEqual(['1 wildcard list could not be read, and stays on the disk.']);
});

it('names a list that the disk refuses until it is saved', async () => {
  const db = createWildcardsDb(database);
  let full = true;
  await connectWildcards({
    ...db,
    put: (name, text) => (full ? Promise.reject(new Error('The disk is full.')) : db.put(name, text)),
  });
  saveWildcard('animal', 'fox');
  await vi.waitFor(() => expect(Object.values(useUnsaved.getState().things)).toMatchObject([{ what: 'the wildcard list animal', why: 'The disk is full.' }])); // biome-ignore format: one thought
  full = false;
  for (const { retry } of Object.values(useUnsaved.getState().things)) retry();
  await vi.waitFor(() => expect(useUnsaved.getState().things).toEqual({}));
  expect(await stored()).toEqual([['animal', 'fox']]);
});

it('finds room for them in a database of the version before, with all that it held', async () => {
  globalThis.indexedDB = new IDBFactory();
  const former = await openDB('easel', 5, {
    upgrade(old) {
      const results = old.createObjectStore('results', { keyPath: 'id' });
      results.createIndex('number', 'number');
      results.createIndex('picture', 'picture');
      for (const name of ['pictures', 'canvases', 'thumbnails', 'jobs']) old.createObjectStore(name);
      old.createObjectStore('library', { keyPath: 'id' });
    },
  });
  await former.put('results', { id: 'a', number: 1, picture: 'p' });
  await former.put('jobs', { v: 1, grids: [] }, ['page', 'queue']);
  former.close();
  database = openDatabase();
  await connectWildcards(createWildcardsDb(database));
  saveWildcard('animal', 'fox');
  await vi.waitFor(async () => expect(await stored()).toEqual([['animal', 'fox']]));
  const opened = await database.opened;
  expect(await opened.getAll('results')).toEqual([{ id: 'a', number: 1, picture: 'p' }]);
  expect(await opened.getAllKeys('jobs')).toEqual([['page', 'queue']]);
});
