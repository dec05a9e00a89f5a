import 'fake-indexeddb/auto';
import { expect, it, vi } from 'vitest';
import { fakePicture } from '../fixtures/fake-engine';
import { openDatabase } from '../persistence/database';
import { addPicture, connectGallery, useGallery } from './gallery';
import { createGalleryDb } from './gallery-db';
import { favourResults, openIndex, useResultIndex } from './result-index';

const RESULTS = 700;

it('reads what all results are found by and none of their pictures, follows what is new, and marks them', async () => {
  const database = openDatabase();
  const db = createGalleryDb(database);
  await connectGallery(db, async () => new Blob(['small']));
  const { record } = await addPicture(fakePicture(1), 'A');
  const opened = await database.opened;
  const writing = opened.transaction('results', 'readwrite');
  // With gaps between their numbers, where results were deleted.
  for (let i = 1; i < RESULTS; i++) await writing.store.put({ ...record, id: `id ${i}`, number: 1 + 3 * i });
  await writing.store.put({ ...record, id: 'damaged', number: 5000, request: undefined });
  await writing.done;
  useGallery.setState(useGallery.getInitialState(), true);
  await connectGallery(db);

  const published: number[] = [];
  useResultIndex.subscribe(({ facts }) => published.push(facts.size));
  const get = vi.spyOn(IDBObjectStore.prototype, 'get');
  await openIndex();
  expect(get.mock.contexts.filter((store) => (store as IDBObjectStore).name !== 'results')).toEqual([]);
  get.mockRestore();
  const { facts, complete } = useResultIndex.getState();
  expect([facts.size, complete]).toEqual([RESULTS, true]);
  // The first of them before all are read.
  expect(published[0]).toBeLessThan(RESULTS);

  const painted = await addPicture(fakePicture(2), 'B');
  expect(useResultIndex.getState().facts.get(painted.record.id)).toMatchObject({ model: 'B', favourite: false });
  const marked = ['id 5', painted.record.id];
  await favourResults(marked, true);
  expect(marked.map((id) => useResultIndex.getState().facts.get(id)?.favourite)).toEqual([true, true]);
  expect(useGallery.getState().results[painted.record.id].record.favourite).toBe(true);
  expect(await opened.get('results', 'id 5')).toMatchObject({ favourite: true });
});
