import { beforeEach, expect, it, vi } from 'vitest';
import { EaselError, said } from '../../core/errors';
import { fakePicture, settled } from '../fixtures/fake-engine';
import { undoNoticed, useNotices } from '../notices';
import { retryUnsaved, unsavedMessage, useUnsaved } from '../persistence/unsaved';
import { usePromptHistory } from '../settings/prompt-history';
import { changeSettings, useSettings } from '../settings/settings';
import {
  addPicture,
  connectGallery,
  deleteResults,
  idBefore,
  markFavourites,
  openPicture,
  readResult,
  reuseSettings,
  shownId,
  showResult,
  useGallery,
} from './gallery';
import { contentHash, createGalleryDb, type GalleryDb, type StoredResult } from './gallery-db';
import { type ResultRecord, readResultRecord } from './result-record';

/** A disk that may be full, or take its time. */
class MemoryDb implements GalleryDb {
  readonly kept = new Map<string, { record: ResultRecord; png: Blob }>();
  last = 0;
  full = false;
  /** Writes wait for it. */
  ready: Promise<unknown> = Promise.resolve();
  /** Ids of the results that were read, in batches. */
  readonly reads: string[][] = [];
  readonly thumbnails = new Map<string, Blob>();
  async list() {
    const records = this.all().map(({ record }) => record);
    return { ids: records.map(({ id }) => id), lastNumber: this.last, unreadable: 0 };
  }
  async read(ids: readonly string[]) {
    this.reads.push([...ids]);
    const read = new Map<string, StoredResult | 'unreadable'>();
    for (const id of ids) {
      const kept = this.kept.get(id);
      const thumbnail = this.thumbnails.get(id);
      if (kept) read.set(id, thumbnail ? { record: kept.record, thumbnail } : kept);
    }
    return read;
  }
  async after(number: number) {
    return this.all().flatMap(({ record }) => (record.number > number ? [record.id] : []));
  }
  async *records() {
    yield this.all()
      .map(({ record }) => record)
      .reverse();
  }
  async picture({ id }: ResultRecord) {
    return this.kept.get(id)?.png;
  }
  async addThumbnail({ id }: ResultRecord, thumbnail: Blob) {
    this.thumbnails.set(id, thumbnail);
  }
  all() {
    return [...this.kept.values()].sort((a, b) => a.record.number - b.record.number);
  }
  async add(result: ResultRecord, png: Blob) {
    await this.write();
    const record = { ...result, number: Math.max(result.number, this.last + 1) };
    this.last = record.number;
    this.kept.set(record.id, { record, png });
    return record;
  }
  async restore(record: ResultRecord, png: Blob) {
    await this.write();
    this.kept.set(record.id, { record, png });
  }
  async remove(records: readonly ResultRecord[]) {
    for (const { id } of records) this.kept.delete(id);
  }
  async mark(ids: readonly string[], favourite: boolean) {
    await this.write();
    for (const id of ids) {
      const kept = this.kept.get(id);
      if (kept) this.kept.set(id, { ...kept, record: { ...kept.record, favourite } });
    }
  }
  private async write() {
    await this.ready;
    if (this.full) throw new EaselError('quota', said`The disk is full.`);
  }
}

const state = () => useGallery.getState();
/** Newest first; all must have been read. */
const results = () => state().ids.map((id) => state().results[id]);
const shown = () => state().results[shownId(state()) ?? ''];
const seeds = () => results().map(({ record }) => record.request.seed);
const numbers = () => results().map(({ record }) => record.number);
const marks = () => results().map(({ saved }) => saved);
const message = () => unsavedMessage(useUnsaved.getState());
const lying = async () => db.all().map(({ record }) => record.request.seed);
let db: MemoryDb;

beforeEach(async () => {
  useGallery.setState(useGallery.getInitialState(), true);
  useNotices.setState({ notices: [] });
  useUnsaved.setState(useUnsaved.getInitialState(), true);
  db = new MemoryDb();
  await connectGallery(db);
});

it('keeps pictures and shows the newest first, after a reload too', async () => {
  for (const seed of [1, 2, 3]) await addPicture(fakePicture(seed), 'A');
  expect(seeds()).toEqual([3, 2, 1]);
  useGallery.setState(useGallery.getInitialState(), true);
  await connectGallery(db);
  expect(seeds()).toEqual([3, 2, 1]);
  expect(shown().record.request.seed).toBe(3);
});

it('deletes at once and brings back to the same place', async () => {
  for (const seed of [1, 2, 3]) await addPicture(fakePicture(seed), 'A');
  const middle = results()[1];
  showResult(middle.record.id);
  await deleteResults([middle.record.id]);
  expect(seeds()).toEqual([3, 1]);
  expect(shown().record.request.seed).toBe(1);
  expect(db.kept.has(middle.record.id)).toBe(false);
  useNotices.getState().notices[0].action?.run();
  await settled();
  expect(seeds()).toEqual([3, 2, 1]);
  expect(db.kept.get(middle.record.id)?.record).toEqual(middle.record);
});

it('deletes many at once, those not read too, and brings all back to their places with one undo', async () => {
  await openOn(8);
  const { ids } = state();
  const gone = [ids[0], ids[2], ids[3], ids[7]];
  await deleteResults(gone);
  expect(state().ids).toEqual(ids.filter((id) => !gone.includes(id)));
  expect(state().shown).toEqual({ kind: 'latest' });
  expect([...db.kept.keys()].sort()).toEqual([...state().ids].sort());
  expect(useNotices.getState().notices.map(({ text }) => text)).toEqual(['4 pictures deleted.']);
  undoNoticed();
  await vi.waitFor(() => expect(db.kept.size).toBe(8));
  expect(state().ids).toEqual(ids);
  expect(await lying()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(await db.kept.get(ids[7])?.png.text()).toBe('1');
});

it('marks favourites on the disk, those that wait for it once they lie there; a mark that is refused goes', async () => {
  const first = await addPicture(fakePicture(1), 'A');
  await markFavourites([first.record.id], true);
  expect(db.kept.get(first.record.id)?.record.favourite).toBe(true);
  db.full = true;
  const { record } = await addPicture(fakePicture(2), 'A');
  await markFavourites([first.record.id], false);
  expect(results()[1].record.favourite).toBe(true);
  expect(useNotices.getState().notices[0].text).toBe('The results on disk could not be changed: The disk is full.');
  db.mark = async () => {}; // there is nothing of it yet
  await markFavourites([record.id], true);
  db.mark = MemoryDb.prototype.mark;
  db.full = false;
  retryUnsaved();
  await vi.waitFor(() => expect(db.kept.get(record.id)?.record.favourite).toBe(true));
});

it('reuses settings; what the form held comes back on undo, and its prompt is in the history', async () => {
  const { record } = await addPicture(fakePicture(7), 'A');
  changeSettings({ prompt: 'not painted yet', seed: 3 });
  reuseSettings({ record });
  expect(useSettings.getState().values).toMatchObject({ prompt: record.request.prompt, seed: 7 });
  expect(usePromptHistory.getState().prompts).toContain('not painted yet');
  expect(undoNoticed()).toBe(true);
  expect(useSettings.getState().values).toMatchObject({ prompt: 'not painted yet', seed: 3 });
});

it('never gives a number twice: not for a picture deleted and brought back, nor after a reload', async () => {
  for (const seed of [1, 2]) await addPicture(fakePicture(seed), 'A');
  const [first] = numbers().slice(-1);
  await deleteResults([state().ids[0]]);
  await addPicture(fakePicture(3), 'A');
  useNotices.getState().notices[0].action?.run();
  await settled();
  expect(numbers()).toEqual([first + 1, first + 2, first]);
  useGallery.setState(useGallery.getInitialState(), true);
  await connectGallery(db);
  for (const id of state().ids) await deleteResults([id]);
  await addPicture(fakePicture(4), 'A');
  expect(numbers()).toEqual([first + 3]);
});

it('marks the pictures of a batch that the disk refuses, with one message, until there is room', async () => {
  await addPicture(fakePicture(1), 'A');
  db.full = true;
  for (const seed of [2, 3, 4]) await addPicture(fakePicture(seed), 'A');
  expect(seeds()).toEqual([4, 3, 2, 1]);
  expect(marks()).toEqual([false, false, false, true]);
  expect(message()).toBe('Not saved: 3 pictures. The disk is full.');
  expect(useNotices.getState().notices).toEqual([]);
  const before = numbers();
  db.full = false;
  retryUnsaved();
  await vi.waitFor(() => expect(message()).toBeUndefined());
  expect(marks()).toEqual([true, true, true, true]);
  expect(numbers()).toEqual(before);
  expect(await lying()).toEqual([1, 2, 3, 4]);
});

it('saves what was refused along with the next picture', async () => {
  db.full = true;
  for (const seed of [1, 2]) await addPicture(fakePicture(seed), 'A');
  db.full = false;
  await addPicture(fakePicture(3), 'A');
  await vi.waitFor(() => expect(marks()).toEqual([true, true, true]));
  expect(await lying()).toEqual([1, 2, 3]);
  expect(message()).toBeUndefined();
});

it('saves what was refused when a deleted picture makes room', async () => {
  await addPicture(fakePicture(1), 'A');
  db.full = true;
  await addPicture(fakePicture(2), 'A');
  db.remove = async ([{ id }]) => {
    db.kept.delete(id);
    db.full = false;
  };
  await deleteResults([state().ids[1]]);
  await vi.waitFor(() => expect(message()).toBeUndefined());
  expect(await lying()).toEqual([2]);
});

it('forgets a picture that is deleted before it was saved, and saves it after an undo', async () => {
  db.full = true;
  await addPicture(fakePicture(1), 'A');
  await deleteResults([state().ids[0]]);
  expect(message()).toBeUndefined();
  db.full = false;
  await addPicture(fakePicture(2), 'A');
  expect(await lying()).toEqual([2]);
  useNotices.getState().notices[0].action?.run();
  await vi.waitFor(async () => expect((await lying()).sort()).toEqual([1, 2]));
  expect(marks()).toEqual([true, true]);
});

it('marks a picture that an undo could not bring back to the disk', async () => {
  await addPicture(fakePicture(1), 'A');
  const [{ record }] = results();
  await deleteResults([state().ids[0]]);
  db.full = true;
  useNotices.getState().notices[0].action?.run();
  await vi.waitFor(() => expect(marks()).toEqual([false]));
  db.full = false;
  retryUnsaved();
  await vi.waitFor(() => expect(db.kept.get(record.id)?.record).toEqual(record));
  expect(message()).toBeUndefined();
});

it('shows pictures while the disk takes its time, and saves them when it answers, in their order', async () => {
  let answer = (_?: unknown): void => undefined;
  db.ready = new Promise((resolve) => {
    answer = resolve;
  });
  for (const seed of [1, 2, 3]) await addPicture(fakePicture(seed), 'A');
  expect(seeds()).toEqual([3, 2, 1]);
  expect(marks()).toEqual([false, false, false]);
  expect(message()).toBe('Not saved: 3 pictures. The browser has not written all of it to the disk yet.');
  expect(db.kept.size).toBe(0);
  // One is deleted while it is being written.
  await deleteResults([state().ids[2]]);
  answer();
  await vi.waitFor(() => expect(message()).toBeUndefined());
  expect(marks()).toEqual([true, true]);
  expect(await lying()).toEqual([2, 3]);
});

it('says that pictures are not saved where the database cannot be opened', async () => {
  const refuse = () => Promise.reject(new Error('The database is closed.'));
  const closed = createGalleryDb({ opened: refuse(), run: refuse });
  await connectGallery(closed);
  expect(state().loaded).toBe(true);
  await addPicture(fakePicture(1), 'A');
  expect(marks()).toEqual([false]);
  expect(message()).toBe('Not saved: 1 picture. The database is closed.');
  await deleteResults([state().ids[0]]);
});

/** As many results as the former visit left, and the page that opens on them. */
async function openOn(count: number): Promise<void> {
  for (let seed = 1; seed <= count; seed++) await addPicture(fakePicture(seed), 'A');
  await settled();
  db.reads.length = 0;
  useGallery.setState(useGallery.getInitialState(), true);
  await connectGallery(db);
}

it('reads the newest results at the start, the others when they are shown, those of one moment together', async () => {
  await openOn(40);
  expect(state().ids).toHaveLength(40);
  expect(state().loaded).toBe(true);
  expect(shown().record.request.seed).toBe(40);
  expect(db.reads).toEqual([state().ids.slice(0, 4)]);
  const asked = state().ids.slice(20, 23);
  for (const id of [...asked, asked[0]]) readResult(id);
  await settled();
  expect(db.reads.slice(1)).toEqual([asked]);
  expect(asked.map((id) => state().results[id].record.request.seed)).toEqual([20, 19, 18]);
  expect(Object.keys(state().results)).toHaveLength(7);
});

it('gives a picture that cannot be saved the next number, however few results were read', async () => {
  await addPicture(fakePicture(1), 'A');
  db.last = 5000; // of a picture that was deleted
  useGallery.setState(useGallery.getInitialState(), true);
  await connectGallery(db);
  db.full = true;
  expect((await addPicture(fakePicture(2), 'A')).record.number).toBe(5001);
});

it('takes a result off the list that turns out to be gone', async () => {
  await openOn(8);
  const gone = state().ids[6];
  db.kept.delete(gone);
  readResult(gone);
  await settled();
  expect(state().ids).not.toContain(gone);
  expect(useNotices.getState().notices).toEqual([]);
});

it('shows a thumbnail as soon as there is one, and the picture when it is opened', async () => {
  const shrink = async (png: Blob) => new Blob([`small ${await png.text()}`]);
  await connectGallery(db, shrink);
  const { record } = await addPicture(fakePicture(5), 'A');
  await vi.waitFor(() => expect(db.thumbnails.has(record.id)).toBe(true));
  const fresh = state().results[record.id];
  expect(fresh.thumbnail).not.toBe(fresh.picture?.url);
  useGallery.setState(useGallery.getInitialState(), true);
  await connectGallery(db, shrink);
  expect(shown().picture).toBeUndefined();
  expect(await (await fetch(shown().thumbnail)).text()).toBe('small 5');
  const opened = await openPicture(record);
  expect(await opened?.png.text()).toBe('5');
  expect(shown().picture).toBe(opened);
});

it('lays up thumbnails of results that have none yet', async () => {
  await openOn(2);
  expect(db.thumbnails.size).toBe(0);
  useGallery.setState(useGallery.getInitialState(), true);
  await connectGallery(db, async () => new Blob(['small']));
  expect(shown().thumbnail).toBe(shown().picture?.url);
  await vi.waitFor(() => expect(db.thumbnails.size).toBe(2));
  expect(shown().thumbnail).not.toBe(shown().picture?.url);
});

it('brings back a deleted result whose picture was never opened', async () => {
  await connectGallery(db, async () => new Blob(['small']));
  for (const seed of [1, 2]) await addPicture(fakePicture(seed), 'A');
  await vi.waitFor(() => expect(db.thumbnails.size).toBe(2));
  useGallery.setState(useGallery.getInitialState(), true);
  await connectGallery(db);
  const [{ record, picture }] = results();
  expect(picture).toBeUndefined();
  await deleteResults([state().ids[0]]);
  expect(db.kept.has(record.id)).toBe(false);
  useNotices.getState().notices[0].action?.run();
  await vi.waitFor(() => expect(db.kept.has(record.id)).toBe(true));
  expect(await db.kept.get(record.id)?.png.text()).toBe('2');
  expect(seeds()).toEqual([2, 1]);
});

it('knows the picture before, for comparing', async () => {
  for (const seed of [1, 2]) await addPicture(fakePicture(seed), 'A');
  const [newest, oldest] = state().ids;
  expect(idBefore(newest, state())).toBe(oldest);
  expect(idBefore(oldest, state())).toBeUndefined();
});

it('names pictures by their SHA-256', async () => {
  // FIPS 180-2, appendix B.1: the digest of "abc".
  expect(await contentHash(new Blob(['abc']))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

it('reads records of version 1 and skips what it cannot read', async () => {
  const { record } = await addPicture(fakePicture(1), 'A');
  expect(readResultRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
  expect(readResultRecord({ ...record, v: 2 })).toBeUndefined();
  expect(readResultRecord({ ...record, request: { steps: 'many' } })).toBeUndefined();
  expect(readResultRecord('nonsense')).toBeUndefined();
});
