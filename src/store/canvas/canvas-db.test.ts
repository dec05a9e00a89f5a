import 'fake-indexeddb/auto';
import { forceCloseDatabase } from 'fake-indexeddb';
import { unwrap } from 'idb';
import { beforeEach, expect, it, vi } from 'vitest';
import { blankPicture } from '../../core/image/picture';
import { documentOf } from '../../editor/document/document';
import { createEditor, type Editor } from '../../editor/editor';
import { drive, fingerprint } from '../../testing/driver';
import { FakeLocks } from '../fixtures/fake-locks';
import type { Claim } from '../persistence/claim';
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
  editor.openPicture(documentOf(blankPicture({ width: 600, height: 300 }, [10, 20, 30, 255])));
  editor.actualSize();
  for (const [x, y] of strokes) drive(editor).draw([x, y], [x + 5, y]);
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
  drive(editor).draw([110, 110], [112, 110]);
  await db.save(editor.save());
  const written = put.mock.calls.map(([, key]) => (key as [string, string])[1].replace(/ .*/, ''));
  put.mockRestore();
  expect(written.sort()).toEqual(['head', 'step', 'tile']);
});

/** How many parts of a kind lie on the disk. */
const stored = async (kind: string) =>
  (await opened.getAllKeys('canvases')).filter(([, part]) => part.startsWith(kind)).length;

it('takes away what is gone: cleared tiles and steps that were dropped', async () => {
  const db = tab('a');
  const editor = editorWith([100, 100], [500, 100]);
  await db.save(editor.save());
  // 600 x 300 pixels; one stroke lies inside a tile, one on the edge of two.
  expect([await stored('tile'), await stored('step')]).toEqual([6 + 3, 3]);
  editor.command('clear-mask');
  await db.save(editor.save(0));
  expect([await stored('tile'), await stored('step')]).toEqual([6, 0]);
});

/** What another tab finds once this one is gone. */
async function left(by: string): Promise<Editor> {
  locks.close(by);
  memories.clear();
  const again = createEditor({ width: 64, height: 64, now: () => 0 });
  again.restore(await tab('another').restore());
  locks.close('another');
  return again;
}

it('writes a large picture ahead in several transactions, and what lies there is whole until the last', async () => {
  const db = tab('a');
  const editor = editorWith([100, 100]);
  expect(db.writeAhead(editor.save())).toBeUndefined();
  await db.save(editor.save());
  const before = fingerprint(editor);
  editor.openPicture(documentOf(blankPicture({ width: 2048, height: 2048 }, [9, 8, 7, 255])));
  const commit = vi.spyOn(IDBTransaction.prototype, 'commit');
  await db.writeAhead(editor.save());
  expect(commit).toHaveBeenCalledTimes(5); // 64 tiles of 256 KiB, 4 MiB at a time; and the step
  commit.mockRestore();
  expect(fingerprint(await left('a'))).toBe(before);
  const put = vi.spyOn(IDBObjectStore.prototype, 'put');
  await db.save(editor.save());
  expect(put).toHaveBeenCalledTimes(1); // the head
  put.mockRestore();
  expect(fingerprint(await left('a'))).toBe(fingerprint(editor));
  expect(await stored('tile')).toBe(64);
});

it('takes away what was written ahead of a page that went before the end', async () => {
  const editor = editorWith([100, 100]);
  const db = tab('a');
  await db.save(editor.save());
  const tiles = await stored('tile');
  editor.openPicture(documentOf(blankPicture({ width: 2048, height: 2048 }, [9, 8, 7, 255])));
  await db.writeAhead(editor.save());
  expect(await stored('tile')).toBe(tiles + 64);
  locks.close('a');
  const next = tab('a');
  const again = createEditor({ width: 64, height: 64, now: () => 0 });
  again.restore(await next.restore());
  const put = vi.spyOn(IDBObjectStore.prototype, 'put');
  await next.save(again.save());
  expect(put.mock.calls.filter(([value]) => value instanceof Uint8Array)).toEqual([]);
  put.mockRestore();
  expect(await stored('tile')).toBe(tiles);
});

it('reads a canvas of version 0.1, whose tiles lie under the names of their places', async () => {
  const editor = editorWith([100, 100]);
  const { layers, history: _, ...head } = editor.save();
  const places = Object.fromEntries(
    Object.entries(layers).map(([id, tiles]) => [id, tiles.map(({ column, row }) => ({ column, row }))]),
  );
  for (const [id, tiles] of Object.entries(layers))
    for (const { column, row, bytes } of tiles)
      await opened.put('canvases', bytes, ['old', `tile ${id} ${column} ${row}`]);
  const history = { undo: [], redo: [] };
  await opened.put('canvases', { ...head, savedAt: 1, layers: places, history }, ['old', 'head']);
  expect(fingerprint(await left('nobody'))).toBe(fingerprint(editor));
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
  drive(editor).draw([300, 100], [305, 100]);
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
  drive(editor).draw([300, 100], [305, 100]);
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

it('gives a tab that is reloaded what the page before wrote last, also while the new one waits for it', async () => {
  const before = tab('a');
  const editor = editorWith([100, 100]);
  await before.save(editor.save());
  const claim: Claim = async (name, waitMs) => {
    drive(editor).draw([300, 100], [320, 100]);
    await before.save(editor.save());
    locks.close('a');
    return locks.claimOf('a')(name, waitMs);
  };
  const again = createEditor({ width: 64, height: 64, now: () => 0 });
  again.restore(await createCanvasDb(database, claim, () => ++time, memoryOf('a')).restore());
  expect(fingerprint(again)).toBe(fingerprint(editor));
});

it('says of a canvas whose record is damaged that it is', async () => {
  await opened.put('canvases', { v: 1, layers: 7 }, ['bad', 'head']);
  await expect(tab('a').restore()).rejects.toThrow('what the disk says of it is damaged (layers)');
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
  drive(editor).draw([300, 100], [305, 100]);
  await db.save(editor.save());
  locks.close('a');
  const again = createEditor({ width: 64, height: 64, now: () => 0 });
  again.restore(await createCanvasDb(openDatabase(), locks.claimOf('b'), () => ++time, memoryOf('b')).restore());
  expect(fingerprint(again)).toBe(fingerprint(editor));
});
