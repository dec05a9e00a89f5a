import { beforeEach, expect, it, vi } from 'vitest';
import { EaselError, said } from '../../core/errors';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel } from '../fixtures/fake-engine';
import { resetSettings } from '../settings/settings';
import { addRecord, entryOf, useLibrary } from './library';
import { holdFiles } from './library-files';
import { type LibraryRecord, readLibraryRecord, recordId } from './library-record';
import { modelOfFile } from './model-folder';
import { chooseClassifier, guideOpenModel, openEntry, removeClassifier } from './open-entry';

let fake: FakeEngine;

beforeEach(async () => {
  fake = new FakeEngine();
  connectEngine(fake);
  useEngine.setState(useEngine.getInitialState(), true);
  useLibrary.setState(useLibrary.getInitialState(), true);
  resetSettings();
  for (const [kind, name] of [['model', 'adm'], ['classifier', 'small'], ['classifier', 'large']] as const) await add(kind, name); // biome-ignore format: one line
});

async function add(kind: LibraryRecord['kind'], name: string): Promise<void> {
  const id = recordId(kind, name);
  holdFiles(id, modelOfFile(new File([], `${name}.safetensors`)));
  await addRecord({ v: 1, id, kind, name, place: { kind: 'dropped' }, bytes: 0, usedAt: 0 });
}

const MODEL = recordId('model', 'adm');
const [SMALL, LARGE] = ['small', 'large'].map((name) => recordId('classifier', name));
const choice = () => entryOf(MODEL)?.record.choices?.classifier;

/** The next load that the engine is asked for. */
async function nextLoad(count: number) {
  await vi.waitFor(() => expect(fake.loads).toHaveLength(count));
  return fake.loads[count - 1];
}

it('guides the model that is being opened, and is there at its next opening; what does not fit is not kept', async () => {
  const opening = openEntry(MODEL);
  const first = await nextLoad(1);
  // Dropped with the model, and taken up while that is still on its way.
  const guiding = guideOpenModel(SMALL);
  first.resolve(fakeModel('adm'));
  const second = await nextLoad(2);
  expect(second.request.classifier?.name).toBe('small.safetensors');
  second.resolve(fakeModel('adm'));
  await Promise.all([opening, guiding]);
  expect(choice()).toBe(SMALL);

  const choosing = chooseClassifier(MODEL, LARGE);
  (await nextLoad(3)).reject(new EaselError('unsupported', said`It is for other pictures.`));
  await choosing;
  expect(choice()).toBe(SMALL);

  const removing = removeClassifier(SMALL);
  const last = await nextLoad(4);
  expect(last.request.classifier).toBeUndefined();
  last.resolve(fakeModel('adm'));
  await removing;
  expect([choice(), entryOf(SMALL)]).toEqual([undefined, undefined]);
});

it('stands in the model’s record', () => {
  const record = { v: 1, id: MODEL, kind: 'model', name: 'adm', place: { kind: 'copy' }, bytes: 1, usedAt: 0, facts: { pixels: true }, choices: { classifier: SMALL } }; // biome-ignore format: one object
  expect(readLibraryRecord(record)).toEqual(record);
});
