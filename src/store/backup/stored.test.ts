import 'fake-indexeddb/auto';
import { unzipSync } from 'fflate';
import { deleteDB } from 'idb';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openDatabase } from '../persistence/database';
import { exportStored } from './stored';

let archives: Blob[];
const save = (archive: Blob) => void archives.push(archive);
const filesOf = async (archive: Blob) => unzipSync(new Uint8Array(await archive.arrayBuffer()));
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

beforeEach(() => {
  archives = [];
  const secret = '{"v":1,"value":{"keys":{"huggingface.co":"hf_secret"}}}';
  const slots = { 'easel.settings': '{"v":1}', 'easel.secret.site-keys': secret, 'other.program': 'not ours' };
  vi.stubGlobal('localStorage', slots);
});
afterEach(() => deleteDB('easel'));

it('hands over what is stored, records that nothing can read among it, and no access token', async () => {
  const database = await openDatabase().opened;
  await database.put('results', { id: 'a', pixels: 7n });
  await database.put('pictures', new Blob(['PNG']), 'f00');
  await database.put('library', { id: 'b', place: { kind: 'disk' } });
  await database.put('named', { v: 1, text: 'fox' }, ['wildcard', 'animal']);
  database.close();
  expect(await exportStored(save)).toEqual([]);
  const files = await filesOf(archives[0]);
  expect(Object.keys(files).sort()).toEqual([
    'library.json',
    'named.json',
    'pictures/f00.png',
    'results.json',
    'settings.json',
  ]);
  expect(JSON.parse(text(files['settings.json']))).toEqual({ 'easel.settings': '{"v":1}' });
  expect(JSON.parse(text(files['results.json']))).toEqual([{ id: 'a', pixels: '7' }]);
  expect(JSON.parse(text(files['named.json']))).toEqual([
    { key: ['wildcard', 'animal'], value: { v: 1, text: 'fox' } },
  ]);
  expect(text(files['pictures/f00.png'])).toBe('PNG');
});

it('makes no database where there is none: an empty one would lack its stores for good', async () => {
  expect(await exportStored(save)).toEqual([]);
  expect(Object.keys(await filesOf(archives[0]))).toEqual(['settings.json']);
  const database = await openDatabase().opened;
  expect([...database.objectStoreNames]).toEqual([
    'canvases',
    'jobs',
    'library',
    'named',
    'pictures',
    'results',
    'thumbnails',
  ]);
  database.close();
});

it('names what cannot be read and hands over the rest', async () => {
  const database = await openDatabase().opened;
  const circle: Record<string, unknown> = { id: 'a' };
  circle.self = circle;
  await database.put('results', circle);
  await database.put('pictures', new Blob(['PNG']), 'f00');
  await database.put('canvases', { v: 1, layers: 7 }, ['bad', 'head']);
  database.close();
  vi.stubGlobal(
    'localStorage',
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('blocked');
        },
      },
    ),
  );
  const missing = await exportStored(save);
  expect(missing.map((words) => words.replace(/ \(.*/s, ''))).toEqual([
    'the settings',
    'the list of results',
    'the canvas',
  ]);
  expect(missing[0]).toContain('blocked');
  expect(Object.keys(await filesOf(archives[0])).sort()).toEqual(['library.json', 'pictures/f00.png']);
});

it('goes on in another archive where one is full', async () => {
  const database = await openDatabase().opened;
  for (const hash of ['a', 'b', 'c']) await database.put('pictures', new Blob([hash.repeat(600)]), hash);
  database.close();
  await exportStored(save, 1500);
  const names = await Promise.all(archives.map(async (archive) => Object.keys(await filesOf(archive))));
  expect(names.length).toBeGreaterThan(1);
  expect(names.flat().filter((name) => name.startsWith('pictures/'))).toEqual(
    ['a', 'b', 'c'].map((hash) => `pictures/${hash}.png`),
  );
});
