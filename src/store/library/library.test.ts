import { said } from '../../core/errors';
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { beforeEach, expect, it, vi } from 'vitest';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel, settled } from '../fixtures/fake-engine';
import {
  dismissImports,
  importAll,
  importFile,
  setPrediction,
  startImport,
  useImports,
  usesOfFile,
} from '../imports/imports';
import { testRequest } from '../jobs/test-run';
import { useNotices } from '../notices';
import { openDatabase } from '../persistence/database';
import { changeSettings, resetSettings, useSettings } from '../settings/settings';
import { loraWeight, missingLoras, refreshAdapters, removeAdapter, setLoraWeight, useMisfits } from './adapters';
import { removeAutoencoder } from './autoencoders';
import { addRecord, changeChoices, changeRecord, connectLibrary, entryOf, removeRecord, useLibrary } from './library';
import { createLibraryDb, type LibraryDb } from './library-db';
import { releaseFiles } from './library-files';
import { type LibraryRecord, readLibraryRecord } from './library-record';
import { openEntry, openFolderHandle } from './open-entry';
import { STARTER } from './starter';

class MemoryDb implements LibraryDb {
  readonly kept = new Map<string, LibraryRecord>();
  all = async () => [...this.kept.values()].sort((a, b) => b.usedAt - a.usedAt);
  async put(record: LibraryRecord) {
    this.kept.set(record.id, record);
  }
  async remove(id: string) {
    this.kept.delete(id);
  }
}

// Copies in the browser's own storage: there are none here.
vi.stubGlobal('navigator', {
  locks: { request: (_: string, work: () => unknown) => work() },
  storage: { getDirectory: async () => ({ getDirectoryHandle: async () => ({ values: () => [] }) }) },
});

let db: MemoryDb;
let fake: FakeEngine;
const names = () => useLibrary.getState().entries.map(({ record }) => record.name);
const file = (name: string) => ({ file: new File(['x'], `${name}.safetensors`) });
const imports = () => useImports.getState().imports;

beforeEach(async () => {
  useLibrary.setState(useLibrary.getInitialState(), true);
  useEngine.setState({ ...useEngine.getInitialState(), model: { ...fakeModel('A'), ...STARTER } }, true);
  useNotices.setState({ notices: [] });
  resetSettings();
  dismissImports();
  fake = new FakeEngine();
  connectEngine(fake);
  db = new MemoryDb();
  await connectLibrary(db);
});

/** As Easel wrote it before there was a library; never to be changed. */
const FROZEN_V0 = { name: 'dreamy_v8.safetensors', handle: { kind: 'file', name: 'x' }, openedAt: 1760000000000 };
/** As the first library wrote it; never to be changed. */
const FROZEN_V1 = {
  v: 1,
  id: 'model:v2-1',
  kind: 'model',
  name: 'v2-1',
  place: { kind: 'dropped' },
  bytes: 5214865159,
  usedAt: 1764300000000,
  facts: {
    architecture: { id: 'sd2', label: 'SD 2.x' },
    predictionType: 'v_prediction',
    predictionKnown: false,
    hasVae: true,
  },
  choices: { prediction: 'epsilon', vae: 'vae:ft-mse' },
};

it('reads records of every version, and leaves those of a newer Easel alone', () => {
  expect(readLibraryRecord(FROZEN_V0)).toEqual({
    v: 1,
    id: 'model:dreamy_v8',
    kind: 'model',
    name: 'dreamy_v8',
    place: { kind: 'disk', handle: FROZEN_V0.handle },
    bytes: 0,
    usedAt: 1760000000000,
  });
  expect(readLibraryRecord(FROZEN_V1)).toEqual(FROZEN_V1);
  const stored = { ...FROZEN_V1, place: { kind: 'stored', model: 'model:some/model' } };
  expect(readLibraryRecord(stored)).toEqual(stored);
  for (const bad of [{ ...FROZEN_V1, v: 2 }, { ...FROZEN_V1, kind: 'program' }, { ...FROZEN_V1, place: null }, 7, null])
    expect(readLibraryRecord(bad)).toBeUndefined();
});

it('takes over what the database remembered before there was a library', async () => {
  const before = await openDB('easel', 1, {
    upgrade(database) {
      const results = database.createObjectStore('results', { keyPath: 'id' });
      results.createIndex('number', 'number');
      results.createIndex('picture', 'picture');
      database.createObjectStore('pictures');
      database.createObjectStore('folders', { keyPath: 'name' });
    },
  });
  await before.put('folders', FROZEN_V0);
  before.close();
  const database = openDatabase();
  const opened = await database.opened;
  expect([...opened.objectStoreNames]).toEqual([
    'canvases',
    'jobs',
    'library',
    'named',
    'pictures',
    'results',
    'thumbnails',
  ]);
  const library = createLibraryDb(database, (work) => work());
  expect((await library.all(() => undefined)).map(({ id }) => id)).toEqual(['model:dreamy_v8']);
  opened.close();
});

it('adds nothing before a use is chosen; then it is on the list, on the next visit too', async () => {
  await startImport([file('dreamy')], true);
  expect(imports()).toHaveLength(1);
  expect(usesOfFile(imports()[0].report)[0]).toBe('open-model');
  expect(names()).toEqual(['Easel Starter']);
  await importFile(imports()[0], 'add-to-list');
  expect(imports()).toHaveLength(0);
  expect(names()).toEqual(['Easel Starter', 'dreamy']);
  expect(entryOf('model:dreamy')?.access).toBe('ready');
  useLibrary.setState(useLibrary.getInitialState(), true);
  await connectLibrary(db);
  expect(names()).toEqual(['Easel Starter', 'dreamy']);
});

it('asks what a model predicts where its file does not tell, and remembers the answer', async () => {
  fake.report = {
    kind: 'model',
    architecture: { id: 'sd2', label: 'SD 2.x' },
    predictionType: 'v_prediction',
    predictionKnown: false,
    asksPrediction: true,
    hasVae: true,
    shape: { parameters: { text: 3, unet: 2, decoder: 1 }, side: 768 },
  };
  // Chosen in a picker, but there is a question.
  await startImport([file('v2')], false);
  expect(imports()[0].prediction).toBe('v_prediction');
  setPrediction(imports()[0].id, 'epsilon');
  const opening = importFile(imports()[0], 'open-model');
  await vi.waitFor(() => expect(fake.loads).toHaveLength(1));
  expect(fake.loads[0].request.prediction).toBe('epsilon');
  fake.loads[0].resolve(fakeModel('v2'));
  await opening;
  expect(db.kept.get('model:v2')).toMatchObject({
    choices: { prediction: 'epsilon' },
    facts: { architecture: { id: 'sd1', label: 'SD 1.x' }, predictionKnown: false, shape: { side: 768 } },
  });
  expect(useEngine.getState().model?.id).toBe('model:v2');
});

it('keeps a model off the list that cannot be opened', async () => {
  await startImport([file('broken')], true);
  const opening = importFile(imports()[0], 'open-model');
  await vi.waitFor(() => expect(fake.loads).toHaveLength(1));
  const { EaselError } = await import('../../core/errors');
  fake.loads[0].reject(new EaselError('corrupt', said`cut short`, { details: 'it has "some.tensor"' }));
  await opening;
  // What only a report needs is in what "Copy details" copies (ux 55).
  const { message, details } = useEngine.getState().problem ?? {};
  expect(message).toBe('cut short');
  expect(details).toMatch(/^corrupt: cut short\nit has "some\.tensor"\nduring: load/);
  expect(names()).toEqual(['Easel Starter']);
  expect(db.kept.size).toBe(0);
});

it('asks about several files together, and adds all of them without opening a model', async () => {
  await startImport([file('a'), file('b')], false);
  await importAll();
  expect(names()).toEqual(['Easel Starter', 'b', 'a']);
  expect(fake.loads).toHaveLength(0);
});

it('adding all LoRAs that were dropped switches none of them on; adding one does', async () => {
  fake.report = { kind: 'lora', triggerWords: [] };
  changeSettings({ prompt: 'a fox' });
  await startImport([file('ink'), file('wash')], true);
  await importAll();
  expect(names()).toEqual(expect.arrayContaining(['ink', 'wash']));
  expect(useSettings.getState().values.prompt).toBe('a fox');
  expect(useNotices.getState().notices.map(({ text }) => text)).toEqual([
    'Added wash to your library. “Add LoRA” under the prompt paints with it.',
  ]);
  await startImport([file('line')], true);
  await importFile(imports()[0], 'add-lora');
  expect(useSettings.getState().values.prompt).toBe('a fox <lora:line:1>');
});

it('a LoRA is named in the prompt; removing takes it off the list, the prompt and the engine, and undo brings all back', async () => {
  fake.report = { kind: 'lora', triggerWords: [] };
  changeSettings({ prompt: 'a fox' });
  await startImport([file('ink')], false);
  const { values } = useSettings.getState();
  expect(loraWeight(values.prompt, 'ink')).toBe(1);
  expect(fake.adapters).toEqual([['ink.safetensors']]);
  const entry = entryOf('lora:ink');
  if (!entry) throw new Error('no entry');
  await removeAdapter(entry);
  expect(useSettings.getState().values.prompt).toBe('a fox');
  expect(fake.adapters.at(-1)).toEqual([]);
  expect(db.kept.size).toBe(0);
  const [notice] = useNotices.getState().notices;
  expect(notice.text).toContain('Its file stays where it is');
  notice.action?.run();
  await settled();
  expect(names()).toContain('ink');
  expect(db.kept.has('lora:ink')).toBe(true);
  expect(useSettings.getState().values.prompt).toBe('a fox <lora:ink:1>');
  expect(fake.adapters.at(-1)).toEqual(['ink.safetensors']);
});

it('a LoRA keeps the picture that came beside it, and its weights apart come back on undo', async () => {
  fake.report = { kind: 'lora', triggerWords: [], method: 'LoKr' };
  changeSettings({ prompt: 'a fox' });
  const pictures = ['other.png', 'ink.preview.png'].map((name) => new File(['picture'], name, { type: 'image/png' }));
  await startImport([file('ink')], false, pictures);
  const entry = entryOf('lora:ink');
  if (!entry) throw new Error('no entry');
  expect(entry.record.facts).toMatchObject({ method: 'LoKr', cover: { name: 'ink.preview.png' } });
  setLoraWeight('ink', { textWeight: 0, unetWeight: 0.7 });
  expect(useSettings.getState().values.prompt).toBe('a fox <lora:ink:0:0.7>');
  await removeAdapter(entry);
  expect(useSettings.getState().values.prompt).toBe('a fox');
  useNotices.getState().notices[0].action?.run();
  await settled();
  expect(useSettings.getState().values.prompt).toBe('a fox <lora:ink:0:0.7>');
});

it('a LoRA of which nothing fits the open model is kept for others, and stays out of the prompt', async () => {
  fake.report = { kind: 'lora', triggerWords: [] };
  changeSettings({ prompt: 'a fox' });
  fake.outcomes.set('flux.safetensors', { name: 'flux', outcome: 'misfit', said: said`flux changes nothing.` });
  await startImport([file('flux')], false);
  expect(useSettings.getState().values.prompt).toBe('a fox');
  expect(names()).toContain('flux');
  expect(useNotices.getState().notices.map(({ text }) => text)).toEqual([
    'flux changes nothing. It stays in your library for other models.',
  ]);
});

it('a LoRA that an earlier Easel listed is asked what it is for, and which LoRAs do nothing is known', async () => {
  const facts = { architecture: { id: 'sdxl', label: 'SDXL' }, triggerWords: ['moss'] };
  fake.report = { kind: 'lora', ...facts };
  fake.outcomes.set('ink.safetensors', { name: 'ink', outcome: 'misfit', said: said`ink changes nothing.` });
  await startImport([file('ink')], false);
  expect(entryOf('lora:ink')?.record.facts).toEqual(facts);
  await changeRecord('lora:ink', { facts: undefined });
  await refreshAdapters();
  await vi.waitFor(() => expect(entryOf('lora:ink')?.record.facts).toEqual(facts));
  expect(readLibraryRecord(db.kept.get('lora:ink'))?.facts).toEqual(facts);
  expect(useMisfits.getState().misfits).toEqual(new Map([['lora:ink', 'ink changes nothing.']]));
});

it('what of a LoRA does nothing is told to whoever adds it; one that no model can use does not come on the list', async () => {
  fake.report = { kind: 'lora', triggerWords: [] };
  const report = { name: 'ink', used: 3, unmatched: ['b'] };
  fake.outcomes.set('ink.safetensors', { name: 'ink', outcome: 'attached', report });
  await startImport([file('ink')], false);
  expect(loraWeight(useSettings.getState().values.prompt, 'ink')).toBe(1);
  expect(useNotices.getState().notices.map(({ text }) => text)).toEqual(['ink: 1 of its 4 parts is ignored: b.']);
  const refused = { outcome: 'refused', code: 'corrupt', said: said`torn is cut short.` } as const;
  fake.outcomes.set('torn.safetensors', { name: 'torn.safetensors', ...refused });
  await startImport([file('torn')], false);
  expect(useEngine.getState().problem?.message).toBe('torn is cut short.');
  expect(names()).not.toContain('torn');
  // Opened again, a model is given all that are left.
  expect(fake.adapters.at(-1)).toEqual(['ink.safetensors']);
});

it('a model opens with the LoRAs that are sound; a damaged one is named', async () => {
  fake.report = { kind: 'lora', triggerWords: [] };
  await startImport([file('ink'), file('torn')], false);
  await importAll();
  const refused = { outcome: 'refused', code: 'corrupt', said: said`torn is cut short.` } as const;
  fake.outcomes.set('torn.safetensors', { name: 'torn.safetensors', ...refused });
  useNotices.setState({ notices: [] });
  const opening = openEntry('starter');
  await vi.waitFor(() => expect(fake.loads).toHaveLength(1));
  fake.loads[0].resolve(fakeModel('A'));
  expect(await opening).toBe(true);
  expect(useNotices.getState().notices.map(({ text }) => text)).toEqual(['torn is cut short.']);
});

it('a VAE is used by the open model and remembered as its choice; TAESD decodes previews', async () => {
  fake.report = { kind: 'vae' };
  await startImport([file('ft-mse')], false);
  expect(fake.vaes).toEqual(['ft-mse.safetensors']);
  expect(useEngine.getState().model?.vae?.name).toBe('ft-mse.safetensors');
  expect(entryOf('starter')?.record.choices).toEqual({ vae: 'vae:ft-mse' });
  fake.report = { kind: 'tiny-vae' };
  await startImport([file('taesd')], false);
  expect(fake.previewDecoders).toEqual(['taesd.safetensors']);
  expect(fake.vaes).toHaveLength(1);
  await removeAutoencoder('vae:ft-mse');
  expect(fake.vaes).toEqual(['ft-mse.safetensors', undefined]);
  await removeAutoencoder('tiny-vae:taesd');
  expect(fake.previewDecoders.at(-1)).toBeUndefined();
  for (const { action } of useNotices.getState().notices) action?.run();
  await settled();
  expect(fake.vaes.at(-1)).toBe('ft-mse.safetensors');
  expect(fake.previewDecoders.at(-1)).toBe('taesd.safetensors');
});

it('the decoder of TAESD alone decodes previews and can be used for nothing more', async () => {
  expect(usesOfFile({ kind: 'tiny-decoder' })).toEqual(['use-preview', 'add-to-list']);
  fake.report = { kind: 'tiny-decoder' };
  await startImport([file('taesd_decoder')], false);
  expect(fake.previewDecoders).toEqual(['taesd_decoder.safetensors']);
  expect(readLibraryRecord(db.kept.get('tiny-decoder:taesd_decoder'))?.kind).toBe('tiny-decoder');
});

/** A folder on a disk, by what one file of it holds; a handle to the same `place` is one to the same folder. */
const folder = (name: string, place: string, content: string) =>
  ({
    kind: 'directory',
    name,
    place,
    isSameEntry: async (other: { place?: string }) => other.place === place,
    async *values() {
      const index = new File(['{}'], 'model_index.json');
      for (const file of [index, new File([content], 'w.safetensors')])
        yield { kind: 'file', name: file.name, getFile: async () => file };
    },
  }) as unknown as FileSystemDirectoryHandle;

async function openFolder(...[name, place, content]: Parameters<typeof folder>): Promise<string> {
  const before = fake.loads.length;
  const opening = openFolderHandle(folder(name, place, content));
  await vi.waitFor(() => expect(fake.loads.length).toBe(before + 1));
  const { request, resolve } = fake.loads[before];
  resolve(fakeModel(name));
  await opening;
  return request.source.kind === 'folder' ? request.source.name : '';
}

it('keeps two folders of one name apart, and knows each again', async () => {
  expect(await openFolder('sd', 'C:/dreamy', 'aaaa')).toBe('sd');
  // Of the same size: only what it holds tells it apart.
  expect(await openFolder('sd', 'C:/other', 'aaab')).toBe('sd (2)');
  expect(names()).toEqual(['Easel Starter', 'sd (2)', 'sd']);
  expect([...db.kept.keys()]).toEqual(['model:sd', 'model:sd (2)']);
  // In its place, though changed; and elsewhere, though the same.
  expect(await openFolder('sd', 'C:/dreamy', 'aaaac')).toBe('sd');
  expect(await openFolder('sd', 'D:/moved', 'aaab')).toBe('sd (2)');
  expect(names()).toHaveLength(3);
  await removeRecord('model:sd');
  expect(await openFolder('sd', 'D:/moved', 'aaab')).toBe('sd (2)');
  expect(await openFolder('sd', 'D:/third', 'b')).toBe('sd');
});

it('takes a folder that is gone from its place for the one that is brought', async () => {
  await openFolder('sd', 'C:/before', 'a');
  const entry = entryOf('model:sd');
  if (entry?.record.place.kind !== 'disk') throw new Error('no handle');
  const gone = () => {
    throw new DOMException('not there', 'NotFoundError');
  };
  Object.assign(entry.record.place.handle, { values: gone });
  expect(await openFolder('sd', 'C:/after', 'b')).toBe('sd');
  expect(names()).toEqual(['Easel Starter', 'sd']);
});

it('keeps two files of one name apart by what they hold, but LoRAs, which prompts name, by name', async () => {
  const dropped = (content: string) => startImport([{ file: new File([content], 'x.safetensors') }], false);
  fake.report = { kind: 'vae' };
  for (const content of ['one', 'two', 'one']) await dropped(content);
  expect(names()).toEqual(['Easel Starter', 'x', 'x (2)']);
  expect(fake.vaes).toEqual(['x.safetensors', 'x (2).safetensors', 'x.safetensors']);
  // On the next visit there is only the size to go by.
  for (const id of ['vae:x', 'vae:x (2)']) releaseFiles(id);
  await removeRecord('vae:x');
  useLibrary.setState(useLibrary.getInitialState(), true);
  await connectLibrary(db);
  await dropped('two');
  expect(names()).toEqual(['Easel Starter', 'x (2)']);
  await dropped('three');
  expect(names()).toEqual(['Easel Starter', 'x', 'x (2)']);
  fake.report = { kind: 'lora', triggerWords: [] };
  for (const content of ['one', 'two']) await dropped(content);
  expect([...db.kept.keys()].filter((id) => id.startsWith('lora:'))).toEqual(['lora:x']);
});

it('a removed model comes back to its place on undo; the starter stays', async () => {
  for (const name of ['a', 'b', 'c']) await addRecord({ ...(FROZEN_V1 as LibraryRecord), id: `model:${name}`, name });
  expect(names()).toEqual(['Easel Starter', 'c', 'b', 'a']);
  await changeChoices('model:b', { vae: 'vae:x' });
  await removeRecord('model:b');
  expect(names()).toEqual(['Easel Starter', 'c', 'a']);
  useNotices.getState().notices[0].action?.run();
  await settled();
  expect(names()).toEqual(['Easel Starter', 'c', 'b', 'a']);
  expect(db.kept.get('model:b')?.choices?.vae).toBe('vae:x');
  await removeRecord('starter');
  expect(names()[0]).toBe('Easel Starter');
});

it('a test run is small and the same every time', () => {
  expect(testRequest({ width: 1024, height: 768, steps: 30, sampler: 'euler_a' })).toMatchObject({
    sampler: 'euler_a',
    steps: 4,
    width: 512,
    height: 384,
    seed: 1,
  });
  expect(testRequest({ width: 64, height: 64, steps: 1 })).toMatchObject({ steps: 1, width: 64, height: 64 });
});

it('asks for leave to read what an earlier visit opened, with one click', async () => {
  let state: PermissionState = 'prompt';
  let answer: PermissionState = 'denied';
  const handle = {
    kind: 'file',
    name: 'dreamy.safetensors',
    queryPermission: async () => state,
    requestPermission: async () => {
      state = answer;
      return state;
    },
    getFile: async () => new File(['x'], 'dreamy.safetensors'),
  } as unknown as FileSystemFileHandle;
  const place = { kind: 'disk', handle } as const;
  await addRecord({ v: 1, id: 'model:dreamy', kind: 'model', name: 'dreamy', place, bytes: 1, usedAt: 1 });
  expect(entryOf('model:dreamy')?.access).toBe('ask');
  expect(await openEntry('model:dreamy')).toBe(false);
  expect(useEngine.getState().problem).toMatchObject({
    code: 'aborted',
    message: expect.stringMatching(/not allowed/),
  });
  answer = 'granted';
  const opening = openEntry('model:dreamy');
  await vi.waitFor(() => expect(fake.loads).toHaveLength(1));
  expect(entryOf('model:dreamy')?.access).toBe('ready');
  fake.loads[0].resolve(fakeModel('dreamy'));
  expect(await opening).toBe(true);
});

it('what lies in no place that the browser can read again must be dropped again', async () => {
  await addRecord({ ...(FROZEN_V1 as LibraryRecord), id: 'model:gone' });
  expect(entryOf('model:gone')?.access).toBe('drop-again');
  expect(await openEntry('model:gone')).toBe(false);
  expect(useEngine.getState().problem?.message).toMatch(/drop it on the page again/);
});

it('two hundred models of earlier visits are listed at once, behind what has come meanwhile', async () => {
  const record = (i: number) => ({ ...(FROZEN_V1 as LibraryRecord), id: `model:${i}`, name: `m${i}`, usedAt: i });
  for (let i = 0; i < 200; i++) await db.put(record(i));
  const listened = vi.fn();
  const stop = useLibrary.subscribe(listened);
  const connecting = connectLibrary(db);
  const { entries } = useLibrary.getState();
  const dropped = { record: record(500), access: 'ready' as const };
  useLibrary.setState({ entries: entries.toSpliced(1, 0, dropped) });
  await connecting;
  stop();
  // The one dropped, those removed, those known, and that all are there.
  expect(listened.mock.calls.length).toBeLessThanOrEqual(4);
  expect(names()).toEqual(['Easel Starter', 'm500', ...Array.from({ length: 200 }, (_, i) => `m${199 - i}`)]);
});

it('knows a LoRA by what its training called it, once its file has said so', async () => {
  fake.report = { kind: 'lora', triggerWords: [], alias: 'inky' };
  changeSettings({ prompt: 'a fox <lora:INKY:0.5>' });
  expect(missingLoras('<lora:inky:1>')).toEqual(['inky']);
  await startImport([file('ink')], false);
  // It is on already, by its other name, and switched off by that.
  expect(useSettings.getState().values.prompt).toBe('a fox <lora:INKY:0.5>');
  expect(loraWeight('a fox <lora:INKY:0.5>', 'ink')).toBe(0.5);
  setLoraWeight('ink', undefined);
  expect(useSettings.getState().values.prompt).toBe('a fox');
  expect(missingLoras('<lora:inky:1>')).toEqual([]);
});
