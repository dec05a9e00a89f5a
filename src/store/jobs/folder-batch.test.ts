import { unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EaselError, said } from '../../core/errors';
import { blankPicture, type Picture } from '../../core/image/picture';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel, fakePicture, settled } from '../fixtures/fake-engine';
import { resetJobs } from '../fixtures/reset-jobs';
import { useGallery } from '../gallery/gallery';
import { openModel } from '../library/models';
import { STARTER } from '../library/starter';
import { useNotices } from '../notices';
import { unsavedMessage, useUnsaved } from '../persistence/unsaved';
import { changeSettings, resetSettings } from '../settings/settings';
import { cancelPainting } from './cancel';
import { connectFolders } from './earlier-folders';
import {
  paintFolder,
  recallFolders,
  stopFolder,
  takeEarlier,
  takeFolder,
  takeOutput,
  takePictures,
} from './folder-batch';
import { useFolder } from './folder-state';
import { useJobs } from './jobs';
import { type PicturesOut, zipOut } from './picture-folder';
import { startQueue } from './run-jobs';

const grey = (level: number) => blankPicture({ width: 64, height: 64 }, [level, level, level, 255]);

/** A folder in memory. */
class Folder implements PicturesOut {
  name = 'out';
  readonly files = new Map<string, Blob>();
  refusal: Error | undefined;
  mayWrite = true;
  async names() {
    return new Set(this.files.keys());
  }
  async write(name: string, file: Blob) {
    if (this.refusal) throw this.refusal;
    this.files.set(name, file);
  }
  async renew() {
    return this.mayWrite;
  }
}

let fake: FakeEngine;
let out: Folder;
let stop: () => void;

beforeEach(async () => {
  fake = new FakeEngine();
  out = new Folder();
  connectEngine(fake);
  useEngine.setState(useEngine.getInitialState(), true);
  resetJobs();
  resetSettings();
  useFolder.setState(useFolder.getInitialState(), true);
  useGallery.setState(useGallery.getInitialState(), true);
  useNotices.setState({ notices: [] });
  stop = startQueue();
  const opened = openModel(STARTER);
  await settled();
  fake.loads[0].resolve(fakeModel('A'));
  await opened;
  changeSettings({ prompt: 'a fox', batchCount: 3 });
});

afterEach(() => stop());

const take = (...files: [string, Picture | undefined][]) =>
  takePictures({
    name: 'in',
    pictures: files.map(([name, picture]) => ({
      name,
      async read() {
        if (!picture) throw new EaselError('unsupported', said`This is no picture.`);
        return picture;
      },
    })),
    leftOut: 0,
  });

const asked = (runs: number) => expect.poll(() => fake.runs.length).toBe(runs);

async function finish(run: number): Promise<void> {
  const { request, onEvent, resolve } = fake.runs[run];
  onEvent?.({ type: 'picture', index: 0, picture: { ...fakePicture(run), request } });
  await settled();
  resolve({ pictures: 1, totalMs: 1 });
  await settled();
}

const told = () => useNotices.getState().notices.map(({ text }) => text);

it('paints each picture once, under its own name, and none that is there already', async () => {
  out.files.set('b.png', new Blob());
  take(['a.jpg', grey(1)], ['b.png', grey(2)], ['c.png', grey(3)]);
  const over = paintFolder(out);
  await asked(1);
  expect(fake.runs[0].given?.picture?.data[0]).toBe(1);
  expect(fake.runs[0].request).toMatchObject({ prompt: 'a fox', batchCount: 1, denoisingStrength: 0.75 });
  expect(useJobs.getState().painting?.job.sink).toBe('folder');
  await finish(0);
  await asked(2);
  expect(fake.runs[1].given?.picture?.data[0]).toBe(3);
  await finish(1);
  await over;
  expect([...out.files.keys()]).toEqual(['b.png', 'a.png', 'c.png']);
  expect(await out.files.get('a.png')?.text()).toBe('0');
  expect(useGallery.getState().ids).toHaveLength(0);
  expect(useFolder.getState()).toMatchObject({ isRunning: false, painted: 2, there: 1, failed: 0, stopped: undefined });
  expect(told()).toEqual(['Painted 2 pictures into “out”.']);
});

it.each([
  ['Stop', stopFolder],
  ['Cancel', cancelPainting],
])('keeps what is done on %s, and goes on from there', async (_, end) => {
  take(['a.png', grey(1)], ['b.png', grey(2)], ['c.png', grey(3)]);
  const over = paintFolder(out);
  await asked(1);
  await finish(0);
  await asked(2);
  end();
  await over;
  expect([...out.files.keys()]).toEqual(['a.png']);
  expect(useFolder.getState().stopped).toBeDefined();
  const again = paintFolder(out);
  await asked(3);
  expect(fake.runs[2].given?.picture?.data[0]).toBe(2);
  await finish(2);
  await asked(4);
  await finish(3);
  await again;
  expect([...out.files.keys()]).toEqual(['a.png', 'b.png', 'c.png']);
});

it('names what is no picture or fails, and paints the others', async () => {
  take(['a.png', undefined], ['b.png', grey(2)], ['c.png', grey(3)]);
  const over = paintFolder(out);
  await asked(1);
  fake.runs[0].reject(new EaselError('out-of-memory', said`There is too little memory.`));
  await asked(2);
  await finish(1);
  await over;
  expect([...out.files.keys()]).toEqual(['c.png']);
  const { said: sentences, failed } = useFolder.getState();
  expect(failed).toBe(2);
  expect(sentences[0]).toBe('a.png: This is no picture.');
  expect(sentences[1]).toBe('b.png: There is too little memory.');
  expect(useEngine.getState().problem).toBeUndefined();
});

it.each([
  ['QuotaExceededError', 'The disk is full.'],
  ['NotAllowedError', 'may not write into “out”'],
  ['NotFoundError', '“out” is no longer there.'],
])('ends with a sentence where the folder says %s, and keeps the picture among the results', async (name, sentence) => {
  out.refusal = new DOMException('', name);
  take(['a.png', grey(1)], ['b.png', grey(2)]);
  const over = paintFolder(out);
  await asked(1);
  await finish(0);
  await over;
  expect(fake.runs).toHaveLength(1);
  expect(useFolder.getState().stopped).toContain(sentence);
  expect(told().at(-1)).toContain(sentence);
  expect(useGallery.getState().ids).toHaveLength(1);
});

it('begins nothing without leave to write', async () => {
  out.mayWrite = false;
  take(['a.png', grey(1)]);
  await paintFolder(out);
  expect(fake.runs).toHaveLength(0);
  expect(useFolder.getState().stopped).toContain('may not write');
});

it('comes as a ZIP where there is no folder, also when it is stopped, and goes on without what came', async () => {
  const came: [string, string[]][] = [];
  const zips: Promise<void>[] = [];
  const zip = () =>
    zipOut((file, name) => {
      zips.push(
        file.arrayBuffer().then((bytes) => void came.push([name, Object.keys(unzipSync(new Uint8Array(bytes)))])),
      );
    });
  const waits = () => Object.keys(useUnsaved.getState().things);
  take(['a.jpg', grey(1)], ['b.jpg', grey(2)]);
  const over = paintFolder(zip());
  await asked(1);
  await finish(0);
  await asked(2);
  // The page is not left unasked, and says nothing while all is well.
  expect(waits()).toEqual(['easel.batch']);
  expect(unsavedMessage(useUnsaved.getState())).toBeUndefined();
  stopFolder();
  await over;
  await Promise.all(zips);
  expect(came).toEqual([['easel-batch.zip', ['a.png']]]);
  expect(waits()).toEqual([]);
  const again = paintFolder(zip());
  await asked(3);
  await finish(2);
  await again;
  take(['a.jpg', grey(3)]);
  const other = paintFolder(zip());
  await asked(4);
  await finish(3);
  await other;
  await Promise.all(zips);
  expect(came.slice(1)).toEqual([['easel-batch-2.zip', ['b.png']], ['easel-batch.zip', ['a.png']]]); // biome-ignore format: one line
});

/** A folder on a disk, as the browser hands it over. */
const handle = (name: string, files: readonly string[], permission: () => PermissionState) =>
  ({
    kind: 'directory',
    name,
    queryPermission: async () => permission(),
    requestPermission: async () => permission(),
    isSameEntry: async (other: { name: string }) => other.name === name,
    async *values() {
      if (permission() === 'denied') throw new DOMException('', 'NotAllowedError');
      for (const file of files) yield { kind: 'file', name: file };
    },
  }) as unknown as FileSystemDirectoryHandle;

it('knows its folders on the next visit: at once where it may, else after one click, and says what it may not', async () => {
  const kept = new Map<string, FileSystemDirectoryHandle>();
  connectFolders({
    all: async () => new Map(kept),
    put: async (name, folder) => void kept.set(name, folder),
    remove: async (name) => void kept.delete(name),
  });
  let permission: PermissionState = 'granted';
  await takeFolder(handle('in', ['a.png', 'b.png', 'notes.txt'], () => permission));
  await takeOutput(handle('out', [], () => permission));
  const visit = async () => {
    useFolder.setState(useFolder.getInitialState(), true);
    await recallFolders();
    const { from, to, earlier } = useFolder.getState();
    return [from?.pictures.length, to?.name, earlier?.name];
  };
  expect(await visit()).toEqual([2, 'out', undefined]);
  permission = 'prompt';
  expect(await visit()).toEqual([undefined, 'out', 'in']);
  permission = 'granted';
  await takeEarlier();
  expect(useFolder.getState().from?.pictures.map(({ name }) => name)).toEqual(['a.png', 'b.png']);
  permission = 'prompt';
  await visit();
  permission = 'denied';
  await takeEarlier();
  expect(told()).toEqual(['The page may not read “in”. Choose it again.']);
});
