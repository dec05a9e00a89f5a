import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sha256 } from '../../library/fixtures/memory-store';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel } from '../fixtures/fake-engine';
import { FakeStorage, fakeDocument } from '../fixtures/fake-storage';
import { fileAnswer, jsonAnswer, MemoryLibrary, weights } from '../fixtures/memory-library';
import { useNotices } from '../notices';
import { adoptModel, changeSettings, resetSettings, useSettings } from '../settings/settings';
import {
  cancelDownload,
  connectDownloads,
  getModel,
  giveKey,
  joinDownload,
  pauseDownload,
  resumeDownload,
  takeOffer,
  useDownloads,
} from './downloads';
import { addRecord, changeChoices, connectLibrary, entryOf, removeRecord, useLibrary } from './library';
import type { LibraryDb } from './library-db';
import { connectLibraryPorts } from './library-ports';
import { type LibraryRecord, readLibraryRecord } from './library-record';
import { checkModel, emptyBin, keepCopy, putBack, repairModel, takeOverCopies, useMaintenance } from './maintenance';
import { keepAsDefaults, resetDefaults } from './own-defaults';
import { forgetKey, persistSiteKeys, shownKeys, useSiteKeys } from './site-keys';
import { STARTER_SOURCE } from './starter';
import { useStoredModels } from './stored-models';

vi.stubGlobal('navigator', {
  locks: { request: (_: string, ...rest: (() => unknown)[]) => rest.at(-1)?.() },
  storage: { getDirectory: async () => ({ getDirectoryHandle: async () => ({ values: () => [] }) }) },
});

const FILE = weights(1);
const url = 'https://files.example/w.safetensors';

let library: MemoryLibrary;
let kept: Map<string, LibraryRecord>;
let ends: (() => void)[];

/** A page that opens on what the disk has. */
async function openPage(): Promise<void> {
  for (const end of ends.splice(0)) end();
  useLibrary.setState(useLibrary.getInitialState(), true);
  useDownloads.setState(useDownloads.getInitialState(), true);
  useStoredModels.setState(useStoredModels.getInitialState(), true);
  useNotices.setState({ notices: [] });
  const db: LibraryDb = {
    all: async () => [...kept.values()].sort((a, b) => b.usedAt - a.usedAt),
    put: async (record) => void kept.set(record.id, record),
    remove: async (id) => void kept.delete(id),
  };
  await connectLibrary(db);
  await takeOverCopies();
  ends.push(await connectDownloads());
}

beforeEach(async () => {
  useSiteKeys.setState({ keys: {} });
  connectEngine(new FakeEngine());
  useEngine.setState(useEngine.getInitialState(), true);
  [library, kept, ends] = [new MemoryLibrary(), new Map(), []];
  library.answers.set(url, fileAnswer(FILE));
  connectLibraryPorts(library);
  await openPage();
});
afterEach(() => {
  for (const end of ends) end();
  library.close();
});

const texts = () => useNotices.getState().notices.map(({ text }) => text);
const arrived = (id: string) => vi.waitFor(() => expect(entryOf(id)?.record.place.kind).toBe('stored'));
const stored = (name: string) => [...useStoredModels.getState().models.values()].find((model) => model.name === name);

async function download(): Promise<void> {
  await getModel(url);
  await takeOffer();
  await arrived('model:w');
}

it('offers what an address stands for, downloads it when it is taken, and lists it', async () => {
  await getModel(url);
  expect(useDownloads.getState().offer).toMatchObject({ request: { name: 'w' }, bytes: undefined, lacksBytes: 0 });
  await takeOffer();
  await arrived('model:w');
  expect(useDownloads.getState()).toMatchObject({ downloads: [], offer: undefined });
  expect(useStoredModels.getState().usage).toMatchObject({ models: 3000, bin: 0 });
  await getModel('not an address');
  expect(useDownloads.getState().problem).toMatch(/Type owner\/name/);
});

/** As the engine finds it. */
const SHAPE = { parameters: { text: 1, unet: 1, decoder: 1 }, side: 512 };

it('tells what a model needs as soon as its site has told', async () => {
  const api = 'https://huggingface.co/api/models/some/whole';
  library.answers.set(`${api}/revision/main`, jsonAnswer({ sha: 'c0ffee' }));
  library.answers.set(`${api}/tree/c0ffee`, jsonAnswer([{ type: 'file', path: 'w.safetensors', size: FILE.length }]));
  library.answers.set('https://huggingface.co/some/whole/resolve/c0ffee/w.safetensors', () => {
    return new Response(FILE, {
      status: 206,
      headers: { 'Content-Range': `bytes 0-${FILE.length - 1}/${FILE.length}` },
    });
  });
  await getModel('some/whole');
  await vi.waitFor(() => expect(useDownloads.getState().offer?.shape).toEqual(SHAPE));
  await getModel({ site: 'hub', repository: 'some/whole', revision: 'main' }, { keptAs: 'x', needIsKnown: true });
  expect(useDownloads.getState().offer?.request.name).toBe('x');
  expect(library.asked.filter(({ url }) => url.includes('/resolve/'))).toHaveLength(1);
});

/** A site that sends parts, of whose size it lets a page see nothing. */
const inParts = () => new Response(FILE, { status: 206 });

// Whoever types an address asks its site: a head is read once, and before that nothing of the file.
it('tells the size and need of a plain link by its head alone', async () => {
  library.answers.set(url, inParts);
  await getModel(url);
  await vi.waitFor(() => expect(useDownloads.getState().offer?.shape).toEqual(SHAPE));
  // Its header has ten bytes and lists no tensors.
  expect(useDownloads.getState().offer).toMatchObject({ bytes: 10, lacksBytes: 0 });
  expect(library.asked).toEqual([{ url, key: undefined }]);
});

it.each([
  ['sends no parts of so large a file', () => new Response(FILE, { headers: { 'Content-Length': String(2e9) } }), 2e9],
  ['cannot be read by a page', undefined, undefined],
  ['sends a login page', () => new Response('<html>', { headers: { 'Content-Type': 'text/html' } }), undefined],
])('says that a need is not known before where the site %s', async (_, answer, bytes) => {
  if (answer) library.answers.set(url, answer);
  else library.answers.delete(url);
  await getModel(url);
  await vi.waitFor(() => expect(useDownloads.getState().offer?.isUntold).toBe(true));
  // A free gigabyte is too little for two: that is said before the first byte, too.
  expect(useDownloads.getState().offer).toMatchObject({
    bytes,
    lacksBytes: bytes === undefined ? 0 : expect.closeTo(1e9, -7),
  });
});

/** The Hub's repository `some/gated`, of which files ask for a token. */
function publishGated(): void {
  const api = 'https://huggingface.co/api/models/some/gated';
  library.answers.set(`${api}/revision/main`, jsonAnswer({ sha: 'c0ffee', cardData: { license: 'mit' } }));
  const lfs = { oid: sha256(FILE), size: FILE.length };
  library.answers.set(`${api}/tree/c0ffee`, jsonAnswer([{ type: 'file', path: 'g.safetensors', size: 134, lfs }]));
  library.answers.set('https://huggingface.co/some/gated/resolve/c0ffee/g.safetensors', (key) =>
    key === 'Bearer hf_abcdefghijkl' ? new Response(FILE) : new Response('Restricted', { status: 401 }),
  );
}

it('asks for a token where one is needed, keeps it on the device and sends it to that site only', async () => {
  fakeDocument();
  const storage = new FakeStorage();
  const page = new EventTarget();
  ends.push(persistSiteKeys(storage, page));
  publishGated();
  await getModel('some/gated');
  expect(useDownloads.getState().offer).toMatchObject({ bytes: 3000, request: { origin: { licence: 'mit' } } });
  await takeOffer();
  await vi.waitFor(() => expect(useDownloads.getState().downloads[0]?.problem?.trouble).toBe('token-needed'));
  const [{ id, host }] = useDownloads.getState().downloads;
  await giveKey('elsewhere.example', 'hf_abcdefghijkl', id);
  expect(useSiteKeys.getState().keys).toEqual({});
  await vi.waitFor(() => expect(useDownloads.getState().downloads[0]?.state).toBe('failed'));
  await giveKey(host, ' hf_abcdefghijkl ', id);
  await arrived('model:g');
  expect(shownKeys(useSiteKeys.getState().keys)).toEqual([{ host: 'huggingface.co', ending: 'jkl' }]);
  expect([...storage.kept.keys()]).toEqual(['easel.secret.site-keys']);
  await getModel(url);
  for (const { url: asked, key } of library.asked) if (key) expect(new URL(asked).host).toBe('huggingface.co');
  const said = JSON.stringify([
    texts(),
    useDownloads.getState(),
    [...kept],
    await (await library.store()).manifest.read(),
  ]);
  expect(said).not.toContain('abcdefgh');

  forgetKey('huggingface.co');
  expect(JSON.parse(storage.getItem('easel.secret.site-keys') ?? '')).toEqual({ v: 1, value: { keys: {} } });
  // Another tab is given one: the worker of this one may be what downloads.
  storage.setItem('easel.secret.site-keys', '{"v":1,"value":{"keys":{"civitai.com":"0123456789abcdef","x":"y"}}}');
  page.dispatchEvent(Object.assign(new Event('storage'), { key: 'easel.secret.site-keys' }));
  expect(shownKeys(useSiteKeys.getState().keys)).toEqual([{ host: 'civitai.com', ending: 'cdef' }]);
  expect(shownKeys({ 'civitai.com': 'abc' })).toEqual([{ host: 'civitai.com', ending: '' }]);
});

it('says before a download that there is too little room; what is in the bin counts as room', async () => {
  await download();
  Object.assign((await library.store()).ports, { estimate: async () => ({ usage: 3000, quota: 5500 }) });
  publishGated();
  library.answers.set('https://huggingface.co/api/models/some/gated/tree/c0ffee', () =>
    Response.json([{ type: 'file', path: 'g.safetensors', size: 3200 }]),
  );
  await getModel('some/gated');
  expect(useDownloads.getState().offer).toMatchObject({ bytes: 3200, freeBytes: 2500, lacksBytes: 700 });
  await removeRecord('model:w');
  await getModel('some/gated');
  expect(useDownloads.getState().offer).toMatchObject({ freeBytes: 5500, lacksBytes: 0 });
});

it('pauses, goes on with and cancels; says so where nothing can be downloaded', async () => {
  library.answers.set(url, () => new Response('', { status: 404 }));
  await getModel(url);
  await takeOffer();
  await vi.waitFor(() => expect(useDownloads.getState().downloads[0]?.state).toBe('failed'));
  const [{ id }] = useDownloads.getState().downloads;
  await pauseDownload(id);
  expect(useDownloads.getState().downloads[0].state).toBe('paused');
  library.answers.set(url, fileAnswer(FILE));
  await resumeDownload(id);
  await arrived('model:w');
  await cancelDownload(id); // it is done
  expect(useDownloads.getState().problem).toBeUndefined();
  for (const end of ends.splice(0)) end();
  await resumeDownload(id);
  expect(useDownloads.getState().problem).toMatch(/^Nothing can be downloaded here now/);
});

it('gives a dropped file to the download that waits for it', async () => {
  library.answers.delete(url); // a site that lets no page read anything
  await getModel(url);
  await takeOffer();
  await vi.waitFor(() => expect(useDownloads.getState().downloads[0]?.state).toBe('failed'));
  expect(useDownloads.getState().downloads[0]).toMatchObject({
    problem: { trouble: 'unreachable-or-closed-to-pages' },
    missing: [{ path: 'w.safetensors', url }],
  });
  expect(await joinDownload(new File(['x'], 'other.safetensors'))).toBe(false);
  expect(await joinDownload(new File(['<!doctype html>'], 'w.safetensors'))).toBe(true);
  expect(texts().at(-1)).toMatch(/sends a web page in place of w\.safetensors/);
  expect(await joinDownload(new File([FILE], 'w (1).safetensors'))).toBe(true);
  await arrived('model:w');
  expect(texts()).toContain('w (1).safetensors is in its place: w.');
  expect(useDownloads.getState().downloads).toEqual([]);
});

it('checks what is kept, repairs what is damaged, and says how where it cannot', async () => {
  await download();
  await checkModel('model:w');
  expect(texts().at(-1)).toMatch(/^w is sound/);
  const { blobs } = await (await library.store()).manifest.read();
  library.directory.spoil(blobs[sha256(FILE)].file, 30);
  const progress: number[] = [];
  ends.push(useMaintenance.subscribe(({ tasks }) => progress.push(tasks['model:w']?.done ?? -1)));
  await checkModel('model:w');
  expect(progress.slice(-2)).toEqual([3000, -1]);
  expect(texts().at(-1)).toMatch(/^w is damaged: w\.safetensors\. Repair it/);
  expect(stored('w')?.missing).toEqual(['w.safetensors']);
  const record = entryOf('model:w')?.record as LibraryRecord;
  await repairModel(record);
  await vi.waitFor(() => expect(stored('w')?.missing).toEqual([]));
  expect(entryOf('model:w')?.record).toEqual(record);
});

it('keeps a removed model with what was chosen for it until its space is needed, over visits', async () => {
  await download();
  await changeChoices('model:w', { vae: 'vae:x' });
  const { id } = stored('w') ?? { id: '' };
  await removeRecord('model:w');
  expect([entryOf('model:w'), kept.get('model:w')?.removedAt]).toEqual([undefined, expect.any(Number)]);
  await vi.waitFor(() => expect(useStoredModels.getState().usage).toMatchObject({ models: 0, bin: 3000 }));
  await openPage();
  expect(entryOf('model:w')).toBeUndefined();
  await putBack(id);
  expect(entryOf('model:w')?.record).toMatchObject({ choices: { vae: 'vae:x' } });
  expect(kept.get('model:w')?.removedAt).toBeUndefined();
  await removeRecord('model:w');
  await emptyBin();
  expect(texts().at(-1)).toBe('3.00 KB are free again.');
  expect([kept.size, useLibrary.getState().removed]).toEqual([0, []]);
  useNotices
    .getState()
    .notices.find(({ text }) => text.includes('bin'))
    ?.action?.run();
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/is gone: its space was needed/));
});

it('brings a removed model back under another name where its own is taken', async () => {
  await download();
  const { id } = stored('w') ?? { id: '' };
  await removeRecord('model:w');
  const other = {
    v: 1,
    id: 'model:w',
    kind: 'model',
    name: 'w',
    place: { kind: 'dropped' },
    bytes: 1,
    usedAt: 5,
  } as const;
  await addRecord(other);
  await putBack(id);
  await vi.waitFor(() => expect(entryOf('model:w (2)')?.record.place).toEqual({ kind: 'stored', model: id }));
  expect(kept.get('model:w')).toMatchObject(other);
});

it('hears what other tabs remove and put back', async () => {
  await download();
  const { id } = stored('w') ?? { id: '' };
  const store = await library.store();
  const record = kept.get('model:w') as LibraryRecord;
  kept.set('model:w', { ...record, removedAt: 1 });
  await store.remove(id);
  library.channel.post({ kind: 'changed' });
  await vi.waitFor(() => expect(entryOf('model:w')).toBeUndefined());
  kept.set('model:w', { ...record, choices: { vae: 'vae:y' } });
  await store.restore(id);
  library.channel.post({ kind: 'changed' });
  await vi.waitFor(() => expect(entryOf('model:w')?.record.choices).toEqual({ vae: 'vae:y' }));
});

it('deletes what was removed a month ago', async () => {
  await download();
  await removeRecord('model:w');
  const { ports } = await library.store();
  const now = ports.now();
  Object.assign(ports, { now: () => now + 29 * 86_400_000 });
  await openPage();
  expect(useStoredModels.getState().usage?.bin).toBe(3000);
  Object.assign(ports, { now: () => now + 31 * 86_400_000 });
  await openPage();
  expect([useStoredModels.getState().usage?.bin, kept.size]).toEqual([0, 0]);
});

/** As Easel 0.1 wrote the record of a file that it copied into the browser; never to be changed. */
const FROZEN_COPY = {
  v: 1,
  id: 'lora:ink & wash',
  kind: 'lora',
  name: 'ink & wash',
  place: { kind: 'copy' },
  bytes: 3000,
  usedAt: 1764300000000,
} as const;

it('takes the copies of 0.1 over at the first start', async () => {
  kept.set(FROZEN_COPY.id, FROZEN_COPY);
  const copy = await library.earlier.open('lora%3Aink%20%26%20wash');
  await copy.write(0, FILE);
  await copy.close();
  await openPage();
  expect(entryOf(FROZEN_COPY.id)?.record).toEqual({
    ...FROZEN_COPY,
    place: { kind: 'stored', model: 'lora:ink & wash' },
  });
  expect(kept.get(FROZEN_COPY.id)?.place.kind).toBe('stored');
  expect(await library.earlier.list()).toEqual([]);
  await checkModel(FROZEN_COPY.id);
  expect(texts().at(-1)).toMatch(/^ink & wash is sound/);
});

it('has a model start with the settings of the form, until it is put back to its own', async () => {
  resetSettings();
  await download();
  useEngine.setState({ model: { ...fakeModel('w', { steps: 30 }), id: 'model:w', source: STARTER_SOURCE } });
  adoptModel('w', { steps: 30 });
  changeSettings({ steps: 11, cfgScale: 3, prompt: 'a fox' });
  await keepAsDefaults('model:w');
  expect(kept.get('model:w')?.choices?.defaults).toMatchObject({ steps: 11, cfgScale: 3 });
  expect(kept.get('model:w')?.choices?.defaults).not.toHaveProperty('prompt');
  expect(readLibraryRecord(structuredClone(kept.get('model:w')))).toEqual(kept.get('model:w'));
  expect(useSettings.getState().defaults).toMatchObject({ steps: 11, cfgScale: 3 });
  await resetDefaults('model:w');
  expect(useSettings.getState().defaults.steps).toBe(30);
  expect(kept.get('model:w')?.choices?.defaults).toBeUndefined();
});

it('keeps a copy of a file on the disk', async () => {
  const handle = { kind: 'file', name: 'mine.safetensors', getFile: async () => new File([FILE], 'mine.safetensors') };
  const place = { kind: 'disk', handle: handle as unknown as FileSystemFileHandle } as const;
  kept.set('model:mine', { v: 1, id: 'model:mine', kind: 'model', name: 'mine', place, bytes: 3000, usedAt: 1 });
  await openPage();
  await keepCopy('model:mine');
  expect(entryOf('model:mine')?.record.place).toEqual({ kind: 'stored', model: expect.stringMatching(/^kept:/) });
  expect(texts().at(-1)).toBe('mine is kept in this browser now.');
  library.channel.post({ kind: 'changed' });
  await checkModel('model:mine');
  expect(useLibrary.getState().entries).toHaveLength(2); // the starter and it, once
});
