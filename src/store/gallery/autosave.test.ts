import 'fake-indexeddb/auto';
import { beforeEach, expect, it, vi } from 'vitest';
import { fakePicture, settled } from '../fixtures/fake-engine';
import type { NamedDb } from '../lists/named-db';
import { useNotices } from '../notices';
import { openDatabase } from '../persistence/database';
import { usePreferences } from '../settings/preferences';
import { cancelSaveAll, chooseAutosave, connectAutosave, saveAll, stopAutosave, useAutosave } from './autosave';
import { addPicture, connectGallery, deleteResults, useGallery } from './gallery';
import { createGalleryDb } from './gallery-db';

/** A folder on a disk that may be full or unplugged, and that the browser may ask for again. */
class Folder {
  readonly kind = 'directory';
  readonly name = 'Foxes';
  readonly files = new Map<string, string>();
  permission: PermissionState = 'granted';
  full = false;
  gone = false;
  /** Called with each name that is written. */
  onWrite = (_: string): void => {};

  async queryPermission() {
    return this.permission;
  }
  async requestPermission() {
    this.permission = 'granted';
    return this.permission;
  }
  async removeEntry(name: string) {
    this.files.delete(name);
  }
  async getFileHandle(name: string, { create = false } = {}) {
    if (this.gone) throw new DOMException('gone', 'NotFoundError');
    if (!this.files.has(name) && !create) throw new DOMException('no file', 'NotFoundError');
    if (create) this.files.set(name, '');
    return {
      getFile: async () => new Blob([this.files.get(name) ?? '']),
      createWritable: async () => ({
        write: async (file: Blob) => {
          if (this.full) throw new DOMException('full', 'QuotaExceededError');
          this.files.set(name, await file.text());
          this.onWrite(name);
        },
        close: async () => {},
        abort: async () => {},
      }),
    };
  }
}

type Kept = Parameters<NamedDb<{ folder: FileSystemDirectoryHandle; upTo: number }>['put']>[1];

/** What the browser keeps of it. */
const kept = new Map<string, Kept>();
const memory: NamedDb<Kept> = {
  all: async () => new Map(kept),
  put: async (name, value) => void kept.set(name, value),
  remove: async (name) => void kept.delete(name),
};

let folder: Folder;
const files = () => Object.fromEntries(folder.files);
const notices = () => useNotices.getState().notices.map(({ text }) => text);
const paint = (seed: number) => addPicture(fakePicture(seed), 'A');

const database = openDatabase();

beforeEach(async () => {
  kept.clear();
  for (const store of ['results', 'pictures', 'thumbnails'] as const) await (await database.opened).clear(store);
  useGallery.setState(useGallery.getInitialState(), true);
  useAutosave.setState(useAutosave.getInitialState(), true);
  useNotices.setState({ notices: [] });
  usePreferences.setState({ namePattern: '[seed]', saveFormat: 'png' });
  folder = new Folder();
  vi.stubGlobal('window', { showDirectoryPicker: async () => folder });
  vi.stubGlobal('navigator', { locks: { request: (_: string, work: () => unknown) => work() } });
  await connectGallery(createGalleryDb(database));
  await connectAutosave(memory);
});

it('writes every result from now on into the folder, and after a reload those that it missed', async () => {
  await paint(1);
  await chooseAutosave();
  await paint(2);
  await paint(3);
  await vi.waitFor(() => expect(files()).toEqual({ '2.png': '2', '3.png': '3' }));
  // Another page painted, or this one went before it wrote.
  useAutosave.setState({ folder: undefined });
  const missed = kept.get('folder') as Kept;
  kept.set('folder', { ...missed, upTo: missed.upTo - 1 });
  folder.files.delete('3.png');
  await connectAutosave(memory);
  expect(files()).toEqual({ '2.png': '2', '3.png': '3' });
  expect(useAutosave.getState().folder?.name).toBe('Foxes');

  await stopAutosave();
  await paint(4);
  await settled();
  expect(Object.keys(files())).toEqual(['2.png', '3.png']);
  expect(notices()).toEqual([]);
});

it('never overwrites: a name that is taken gets a number', async () => {
  usePreferences.setState({ namePattern: 'fox' });
  folder.files.set('fox.png', 'of the person');
  await chooseAutosave();
  await paint(1);
  await paint(2);
  await vi.waitFor(() => expect(folder.files.size).toBe(3));
  expect(files()).toEqual({ 'fox.png': 'of the person', 'fox (2).png': '1', 'fox (3).png': '2' });
});

it('waits for the person’s permission in one sentence, and then writes what waited', async () => {
  await chooseAutosave();
  folder.permission = 'prompt';
  await paint(1);
  await vi.waitFor(() => expect(notices()).toHaveLength(1));
  await paint(2);
  const waiting = '2 pictures wait to be saved in “Foxes”: the browser wants your permission again.';
  await vi.waitFor(() => expect(notices()).toEqual([waiting]));
  expect(useAutosave.getState().trouble).toBe(waiting);
  expect(files()).toEqual({});
  useNotices.getState().notices[0].action?.run();
  await vi.waitFor(() => expect(files()).toEqual({ '1.png': '1', '2.png': '2' }));
  expect(notices()).toEqual([]);
  expect(useAutosave.getState().trouble).toBeUndefined();
});

it.each([
  ['full', 'its disk is full.'],
  ['gone', 'the folder is no longer there.'],
] as const)(
  'says that the folder is %s, leaves no part of a file, and goes on when that ends',
  async (trouble, why) => {
    await chooseAutosave();
    folder[trouble] = true;
    const { record } = await paint(1);
    const said = `Autosave could not write in “Foxes”: ${why} The pictures stay among your results, and it is tried again.`;
    await vi.waitFor(() => expect(notices()).toEqual([said]));
    expect(files()).toEqual({});
    await paint(2);
    await settled();
    expect(notices()).toEqual([said]);
    // What was deleted meanwhile is no longer wanted.
    await deleteResults([record.id]);
    folder[trouble] = false;
    await paint(3);
    await vi.waitFor(() => expect(files()).toEqual({ '2.png': '2', '3.png': '3' }));
    expect(notices()).not.toContain(said);
  },
);

it('saves all into a folder, leaves what is there already, and goes on after a cancel or a full disk', async () => {
  for (const seed of [1, 2, 3]) await paint(seed);
  const save = vi.fn();
  folder.onWrite = (name) => name === '1.png' && cancelSaveAll();
  await saveAll(save);
  expect(files()).toEqual({ '1.png': '1' });
  expect(notices().at(-1)).toBe('1 of 3 pictures are in “Foxes”.');
  const written: string[] = [];
  folder.onWrite = (name) => {
    written.push(name);
    folder.full = true;
  };
  await saveAll(save);
  expect(notices().at(-1)).toBe('2 of 3 pictures are in “Foxes”, then it ended: its disk is full. Save all again goes on from there.');
  folder.full = false;
  await saveAll(save);
  expect(files()).toEqual({ '1.png': '1', '2.png': '2', '3.png': '3' });
  expect(written).toEqual(['2.png', '3.png']);
  expect(notices().at(-1)).toBe('All 3 pictures are in “Foxes”.');
  expect(save).not.toHaveBeenCalled();
}); // biome-ignore format: sentences

it('saves all as a ZIP where the browser writes into no folder', async () => {
  vi.stubGlobal('window', {});
  await paint(1);
  const save = vi.fn();
  await saveAll(save);
  expect(save).toHaveBeenCalledExactlyOnceWith(expect.any(Blob), 'easel-results.zip');
});
