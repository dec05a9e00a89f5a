import { beforeEach, expect, it } from 'vitest';
import { EaselError } from '../core/errors';
import { fakePicture, settled } from './fixtures/fake-engine';
import { addPicture, connectGallery, deleteResult, resultBefore, shownResult, showResult, useGallery } from './gallery';
import { contentHash, type GalleryDb } from './gallery-db';
import { useNotices } from './notices';
import { type ResultRecord, readResultRecord } from './result-record';

class MemoryDb implements GalleryDb {
  readonly kept = new Map<string, { record: ResultRecord; png: Blob }>();
  async all() {
    return [...this.kept.values()].sort((a, b) => a.record.number - b.record.number);
  }
  async add(result: Omit<ResultRecord, 'number'>, png: Blob) {
    const record = { ...result, number: this.kept.size + 1 };
    this.kept.set(record.id, { record, png });
    return record;
  }
  async restore(record: ResultRecord, png: Blob) {
    this.kept.set(record.id, { record, png });
  }
  async remove({ id }: ResultRecord) {
    this.kept.delete(id);
  }
}

const state = () => useGallery.getState();
const seeds = () => state().results.map(({ record }) => record.request.seed);
let db: MemoryDb;

beforeEach(async () => {
  useGallery.setState(useGallery.getInitialState(), true);
  useNotices.setState({ notices: [] });
  db = new MemoryDb();
  await connectGallery(db);
});

it('keeps pictures and shows the newest first, after a reload too', async () => {
  for (const seed of [1, 2, 3]) await addPicture(fakePicture(seed), 'A');
  expect(seeds()).toEqual([3, 2, 1]);
  useGallery.setState(useGallery.getInitialState(), true);
  await connectGallery(db);
  expect(seeds()).toEqual([3, 2, 1]);
  expect(shownResult(state())?.record.number).toBe(3);
});

it('deletes at once and brings back to the same place', async () => {
  for (const seed of [1, 2, 3]) await addPicture(fakePicture(seed), 'A');
  const middle = state().results[1];
  showResult(middle.record.id);
  await deleteResult(middle);
  expect(seeds()).toEqual([3, 1]);
  expect(shownResult(state())?.record.request.seed).toBe(1);
  expect(db.kept.has(middle.record.id)).toBe(false);
  useNotices.getState().notices[0].action?.run();
  await settled();
  expect(seeds()).toEqual([3, 2, 1]);
  expect(db.kept.get(middle.record.id)?.record).toEqual(middle.record);
});

it('holds on to a picture that the disk refuses, and says so', async () => {
  db.add = () => Promise.reject(new EaselError('quota', 'The disk is full.'));
  await addPicture(fakePicture(9), 'A');
  expect(seeds()).toEqual([9]);
  expect(useNotices.getState().notices[0].text).toContain('The disk is full.');
});

it('knows the picture before, for comparing', async () => {
  for (const seed of [1, 2]) await addPicture(fakePicture(seed), 'A');
  const [newest, oldest] = state().results;
  expect(resultBefore(newest.record.id, state())).toBe(oldest);
  expect(resultBefore(oldest.record.id, state())).toBeUndefined();
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
