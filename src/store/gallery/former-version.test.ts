import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { expect, it, vi } from 'vitest';
import { fakePicture } from '../fixtures/fake-engine';
import { openDatabase } from '../persistence/database';
import { addPicture, connectGallery, openPicture, readResult, useGallery } from './gallery';
import { createGalleryDb } from './gallery-db';

/** As Easel 0.1 wrote them on 28 November 2026 (database version 3); its thumbnails are the pictures themselves. */
const FROZEN = [1, 2, 3, 4, 5, 6].map((number) => ({
  v: 1,
  id: `0b9f3c1e-5a77-4d57-9c9e-00000000000${number}`,
  number,
  paintedAt: 1764300000000 + number,
  model: 'Easel Starter',
  picture: `5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e${number}`,
  width: 256,
  height: 192,
  request: {
    prompt: `a red fox, take ${number}`,
    negativePrompt: 'blurry',
    sampler: 'dpmpp_2m',
    schedule: 'karras',
    steps: 20,
    cfgScale: 7,
    seed: 100 + number,
    width: 256,
    height: 192,
    batchCount: 1,
  },
  parameters: `a red fox, take ${number}\nNegative prompt: blurry\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: ${100 + number}, Size: 256x192`,
  timings: { encodeMs: 31.4, denoiseMs: 1402, decodeMs: 201.5, totalMs: 1634.9 },
}));

it('opens every result of version 0.1, in its order, with its number, settings and picture', async () => {
  const former = await openDB('easel', 3, {
    upgrade(database) {
      const results = database.createObjectStore('results', { keyPath: 'id' });
      results.createIndex('number', 'number');
      results.createIndex('picture', 'picture');
      database.createObjectStore('pictures');
      database.createObjectStore('canvases');
      database.createObjectStore('library', { keyPath: 'id' });
    },
  });
  for (const record of FROZEN) {
    await former.put('results', record);
    await former.put('pictures', new Blob([`PNG ${record.number}`], { type: 'image/png' }), record.picture);
  }
  await former.put('pictures', 8, 'last-number');
  former.close();

  const database = openDatabase();
  const db = createGalleryDb(database);
  await connectGallery(db, async (png) => new Blob([`small ${await png.text()}`]));
  const { ids } = useGallery.getState();
  expect(ids).toEqual(FROZEN.map(({ id }) => id).reverse());
  for (const id of ids) readResult(id);
  const opened = () => ids.map((id) => useGallery.getState().results[id]);
  await vi.waitFor(() => expect(opened()).not.toContain(undefined));
  expect(opened().map(({ record }) => record)).toEqual(FROZEN.toReversed());
  for (const { record, saved } of opened()) {
    expect(saved).toBe(true);
    expect(await (await openPicture(record))?.png.text()).toBe(`PNG ${record.number}`);
  }
  await vi.waitFor(async () => expect(await (await database.opened).count('thumbnails')).toBe(6));
  expect((await addPicture(fakePicture(1), 'A')).record.number).toBe(9);
});
