import 'fake-indexeddb/auto';
import { beforeEach, expect, it, vi } from 'vitest';
import { DEFAULT_REQUEST } from '../../core/request/request';
import { openDatabase } from '../persistence/database';
import { createGalleryDb, type GalleryDb } from './gallery-db';
import type { ResultRecord } from './result-record';

const database = openDatabase();
const tab = () => createGalleryDb(database);

const png = (id: string) => new Blob([id]);
/** A new result; the page that painted it thought of `number`. */
const result = (id: string, number = 1): ResultRecord => ({
  v: 1,
  id,
  number,
  paintedAt: 0,
  model: 'A',
  picture: `hash of ${id}`,
  width: 64,
  height: 64,
  request: DEFAULT_REQUEST,
  parameters: '',
  timings: { encodeMs: 0, denoiseMs: 0, decodeMs: 0, totalMs: 0 },
});
const add = (db: GalleryDb, id: string, number?: number) => db.add(result(id, number), png(id));
const all = async (db = tab()) => {
  const { ids } = await db.list();
  const read = await db.read(ids);
  return ids.map((id) => read.get(id)).filter((result) => result !== undefined && result !== 'unreadable');
};
const numbers = async () => (await all()).map(({ record }) => record.number);

beforeEach(async () => {
  for (const store of ['results', 'pictures', 'thumbnails'] as const) await (await database.opened).clear(store);
});

it('gives no number twice: not after the newest is deleted and brought back, not after all are', async () => {
  const db = tab();
  await add(db, 'a');
  const second = await add(db, 'b');
  await db.remove([second]);
  const third = await add(db, 'c');
  await db.restore(second, png('b'));
  expect(await numbers()).toEqual([1, 2, 3]);
  for (const { record } of await all(db)) await db.remove([record]);
  expect(third.number).toBe(3);
  expect((await add(tab(), 'd')).number).toBe(4);
});

it('gives no number twice to tabs that paint at the same time, whatever numbers they thought of', async () => {
  const added = await Promise.all(
    [tab(), tab(), tab()].flatMap((db, i) => [0, 1, 2].map((n) => add(db, `${i}${n}`, 1 + n))),
  );
  expect(added.map(({ number }) => number).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect((await numbers()).length).toBe(9);
});

it('leaves a number that is higher than all before', async () => {
  expect((await add(tab(), 'a', 5)).number).toBe(5);
  expect((await add(tab(), 'b', 5)).number).toBe(6);
});

it('gives no number twice after the newest result of version 0.1 is deleted', async () => {
  // Version 0.1 wrote records and pictures and nothing beside them.
  const old = result('old', 7);
  await (await database.opened).put('results', old);
  await (await database.opened).put('pictures', png('old'), old.picture);
  await tab().remove([old]);
  expect((await add(tab(), 'new')).number).toBe(8);
});

it('deletes on a full disk too, which takes nothing new', async () => {
  const kept = await add(tab(), 'a');
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('The disk is full.', 'QuotaExceededError');
  });
  await expect(add(tab(), 'b')).rejects.toMatchObject({ code: 'quota' });
  await tab().remove([kept]);
  put.mockRestore();
  expect(await numbers()).toEqual([]);
});

it('commits at once, so that a page left just after it loses nothing', async () => {
  const commit = vi.spyOn(IDBTransaction.prototype, 'commit');
  await add(tab(), 'a');
  expect(commit).toHaveBeenCalledTimes(1);
  commit.mockRestore();
});

it('lists by number, oldest first, and reads no record for it; a text in a number’s place is the same as none', async () => {
  const db = tab();
  for (const id of ['a', 'b', 'c']) await add(db, id);
  await (await database.opened).put('results', { ...result('x'), number: 'seven' });
  const get = vi.spyOn(IDBObjectStore.prototype, 'get');
  const getAll = vi.spyOn(IDBObjectStore.prototype, 'getAll');
  expect(await db.list()).toEqual({ ids: ['a', 'b', 'c'], lastNumber: 3, unreadable: 1 });
  expect(
    [get, getAll].map(({ mock }) => mock.contexts.filter((store) => (store as IDBObjectStore).name === 'results')),
  ).toEqual([[], []]);
  for (const spy of [get, getAll]) spy.mockRestore();
  expect((await add(db, 'd')).number).toBe(4);
});

it('reads a thumbnail where there is one, else the picture; what is gone or damaged is told apart', async () => {
  const db = tab();
  const [small, whole, lost] = [await add(db, 'small'), await add(db, 'whole'), await add(db, 'lost')];
  await db.addThumbnail(small, new Blob(['thumbnail']));
  await (await database.opened).delete('pictures', lost.picture);
  const read = await db.read(['small', 'whole', 'lost', 'gone']);
  const text = async (id: string, what: 'thumbnail' | 'png') => {
    const stored = read.get(id);
    return stored !== 'unreadable' && stored?.[what]?.text();
  };
  expect([await text('small', 'thumbnail'), await text('small', 'png')]).toEqual(['thumbnail', undefined]);
  expect([await text('whole', 'thumbnail'), await text('whole', 'png')]).toEqual([undefined, 'whole']);
  expect([read.get('lost'), read.get('gone')]).toEqual(['unreadable', undefined]);
  expect(await (await db.picture(small))?.text()).toBe('small');
  expect(await db.picture(lost)).toBeUndefined();
  expect(whole.number).toBe(2);
});

it('keeps no thumbnail of a picture that is gone, and none longer than its picture', async () => {
  const db = tab();
  const [one, same] = [await add(db, 'one'), await db.add({ ...result('same'), picture: 'hash of one' }, png('one'))];
  await db.addThumbnail(one, new Blob(['thumbnail']));
  await db.addThumbnail({ ...one, picture: 'gone' }, new Blob(['thumbnail']));
  const thumbnails = async () => (await database.opened).getAllKeys('thumbnails');
  expect(await thumbnails()).toEqual(['hash of one']);
  await db.remove([one]);
  expect(await thumbnails()).toEqual(['hash of one']);
  await db.remove([same]);
  expect(await thumbnails()).toEqual([]);
});

it('marks favourites, and leaves what only a newer Easel knows of in their records', async () => {
  const db = tab();
  await add(db, 'a');
  await (await database.opened).put('results', { ...result('newer'), of: 'a newer Easel' });
  await db.mark(['a', 'newer', 'gone'], true);
  expect((await all(db)).map(({ record }) => [record.id, record.favourite])).toContainEqual(['a', true]);
  const newer = await (await database.opened).get('results', 'newer');
  expect(newer).toMatchObject({ of: 'a newer Easel', favourite: true });
  expect(await (await database.opened).count('results')).toBe(2);
});
