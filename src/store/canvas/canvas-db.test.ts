import 'fake-indexeddb/auto';
import { forceCloseDatabase } from 'fake-indexeddb';
import { unwrap } from 'idb';
import { beforeEach, expect, it, vi } from 'vitest';
import { blankPicture } from '../../core/image/picture';
import { createEditor, type Editor } from '../../editor/editor';
import { fingerprint, hand } from '../../editor/hand';
import { FakeLocks } from '../fixtures/fake-locks';
import { openDatabase } from '../persistence/database';
import { createCanvasDb } from './canvas-db';

/** What a tab remembers over a reload. */
const memories = new Map<string, string>();
const memoryOf = (tab: string) => ({
  get: () => memories.get(tab) ?? null,
  set: (id: string) => void memories.set(tab, id),
});

let locks: FakeLocks;
let time = 0;
const database = openDatabase();
const opened = await database.opened;
const tab = (name: string) => createCanvasDb(database, locks.claimOf(name), () => ++time, memoryOf(name));

function editorWith(...strokes: [number, number][]): Editor {
  const editor = createEditor({ width: 600, height: 300, now: () => 0 });
  editor.openPicture(blankPicture({ width: 600, height: 300 }, [10, 20, 30, 255]));
  editor.actualSize();
  for (const [x, y] of strokes) hand(editor).draw([x, y], [x + 5, y]);
  return editor;
}

beforeEach(async () => {
  locks = new FakeLocks();
  memories.clear();
  await opened.clear('canvases');
});

it('brings back picture, mask and the steps to undo, whoever saved them before the reload', async () => {
  const editor = editorWith([100, 100], [150, 120]);
  await tab('a').save(editor.save());
  locks.close('a');
  const again = createEditor({ width: 64, height: 64, now: () => 0 });
  again.restore(await tab('b').restore());
  expect(fingerprint(again)).toBe(fingerprint(editor));
  for (const each of [editor, again]) each.undo();
  expect(fingerprint(again)).toBe(fingerprint(editor));
  expect(again.snapshot().undoLabel).toBe('Brush');
});

it('writes only what changed', async () => {
  const db = tab('a');
  const editor = editorWith([100, 100]);
  await db.save(editor.save());
  const put = vi.spyOn(IDBObjectStore.prototype, 'put');
  hand(editor).draw([110, 110], [112, 110]);
  await db.save(editor.save());
  const written = put.mock.calls.map(([, key]) => (key as [string, string])[1].replace(/(step) .*/, '$1'));
  put.mockRestore();
  expect(written.sort()).toEqual(['head', 'step', 'tile mask 0 0']);
});

it('takes away what is gone: cleared tiles and steps that were dropped', async () => {
  const db = tab('a');
  const editor = editorWith([100, 100], [500, 100]);
  await db.save(editor.save());
  const before = await opened.count('canvases');
  editor.command('clear-mask');
  await db.save(editor.save(0));
  const keys = (await opened.getAllKeys('canvases')).map(([, part]) => part);
  expect(before).toBeGreaterThan(keys.length);
  expect(keys.filter((key) => key.startsWith('tile mask') || key.startsWith('step'))).toEqual([]);
});

it('gives each tab a canvas of its own, and a new tab the latest that is free', async () => {
  const first = editorWith([100, 100]);
  const second = editorWith([200, 100], [220, 100]);
  await tab('a').save(first.save());
  await tab('b').save(second.save());
  expect(await tab('c').restore()).toBeUndefined();
  locks.close('a');
  locks.close('b');
  const restored = createEditor({ width: 64, height: 64, now: () => 0 });
  restored.restore(await tab('d').restore());
  expect(fingerprint(restored)).toBe(fingerprint(second));
  restored.restore(await tab('e').restore());
  expect(fingerprint(restored)).toBe(fingerprint(first));
});

it('keeps four canvases that no tab holds, the latest', async () => {
  for (let i = 0; i < 6; i++) {
    await tab(`t${i}`).save(editorWith([100, 100 + i]).save());
    locks.close(`t${i}`);
  }
  await tab('next').restore();
  const keys = await opened.getAllKeys('canvases');
  expect(new Set(keys.map(([id]) => id)).size).toBe(4);
});

it('begins to write in the task that asks, beside a write that is on its way, and ends with the last one', async () => {
  const db = tab('a');
  const editor = editorWith([100, 100]);
  await db.save(editor.save());
  const commit = vi.spyOn(IDBTransaction.prototype, 'commit');
  editor.command('clear-mask');
  const cleared = db.save(editor.save());
  editor.undo(); // the tile that is being taken away is there again
  hand(editor).draw([300, 100], [305, 100]);
  const last = db.save(editor.save());
  expect(commit).toHaveBeenCalledTimes(2);
  commit.mockRestore();
  await Promise.all([cleared, last]);
  locks.close('a');
  const again = createEditor({ width: 64, height: 64, now: () => 0 });
  again.restore(await tab('a').restore());
  expect(fingerprint(again)).toBe(fingerprint(editor));
});

it('writes again what a write that failed may not have written', async () => {
  const db = tab('a');
  const editor = editorWith([100, 100]);
  await db.save(editor.save());
  hand(editor).draw([300, 100], [305, 100]);
  const commit = vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementationOnce(function (this: IDBTransaction) {
    this.abort();
  });
  await expect(db.save(editor.save())).rejects.toThrow();
  commit.mockRestore();
  await db.save(editor.save());
  locks.close('a');
  const again = createEditor({ width: 64, height: 64, now: () => 0 });
  again.restore(await tab('a').restore());
  expect(fingerprint(again)).toBe(fingerprint(editor));
});

it('gives a tab that is reloaded its own canvas, also where another has left a later one', async () => {
  const mine = editorWith([100, 100]);
  await tab('a').save(mine.save());
  await tab('b').save(editorWith([200, 100]).save());
  locks.close('a');
  locks.close('b');
  const again = createEditor({ width: 64, height: 64, now: () => 0 });
  again.restore(await tab('a').restore());
  expect(fingerprint(again)).toBe(fingerprint(mine));
});

it('leaves a canvas as it lies there and begins another', async () => {
  const first = editorWith([100, 100]);
  await tab('a').save(first.save());
  locks.close('a');
  const db = tab('b');
  await db.restore();
  db.leave();
  await db.save(editorWith([200, 100], [220, 100]).save());
  locks.close('b');
  await tab('c').restore();
  const again = createEditor({ width: 64, height: 64, now: () => 0 });
  again.restore(await tab('d').restore());
  expect(fingerprint(again)).toBe(fingerprint(first));
});

it('writes all of it anew where the browser has closed the connection, perhaps with what lay there', async () => {
  const db = tab('a');
  const editor = editorWith([100, 100]);
  await db.save(editor.save());
  await opened.clear('canvases');
  forceCloseDatabase(unwrap(opened) as never);
  hand(editor).draw([300, 100], [305, 100]);
  await db.save(editor.save());
  locks.close('a');
  const again = createEditor({ width: 64, height: 64, now: () => 0 });
  again.restore(await createCanvasDb(openDatabase(), locks.claimOf('b'), () => ++time, memoryOf('b')).restore());
  expect(fingerprint(again)).toBe(fingerprint(editor));
});
