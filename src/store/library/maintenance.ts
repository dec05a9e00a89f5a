import { create } from 'zustand';
import type { OnBytes } from '../../library/files/model-store';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { notify } from '../notices';
import { askForPersistence } from '../settings/persistence';
import { attachLibrary } from './attach-library';
import { repairStored } from './downloads';
import { formatBytes } from './labels';
import { changeRecord, entryOf, refreshAccess, restoreRecord, useLibrary } from './library';
import { releaseFiles, sourceOf } from './library-files';
import { libraryPorts } from './library-ports';
import type { LibraryRecord } from './library-record';
import { listStored } from './model-list';
import { releaseStored, removeStored, restoreStored, tellChanged } from './stored-models';

/** Something that takes its time with a thing's files. */
export interface Task {
  kind: 'check' | 'copy' | 'save';
  done: number;
  /** 0 until it is known. */
  bytes: number;
  stop: AbortController;
}

/** What is being done with the files of things, by their ids. */
export const useMaintenance = create<{ tasks: Readonly<Record<string, Task>> }>(() => ({ tasks: {} }));

/** Calls off what is being done with a thing's files. */
export function cancelTask(id: string): void {
  useMaintenance.getState().tasks[id]?.stop.abort();
}

/** Does something with a thing's files, one at a time, and says how far it is; a failure is said. */
export async function runTask(
  id: string,
  kind: Task['kind'],
  work: (record: LibraryRecord, onBytes: OnBytes, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const record = entryOf(id)?.record;
  if (!record || useMaintenance.getState().tasks[id]) return;
  const stop = new AbortController();
  const show = (done: number, bytes: number) =>
    useMaintenance.setState(({ tasks }) => ({ tasks: { ...tasks, [id]: { kind, done, bytes, stop } } }));
  show(0, 0);
  try {
    await work(record, show, stop.signal);
  } catch (thrown) {
    // A picker that was closed is an answer, too.
    if (!stop.signal.aborted && (thrown as { name?: string }).name !== 'AbortError')
      notify(errorText(thrown), undefined, { stays: true });
  } finally {
    useMaintenance.setState(({ tasks: { [id]: _, ...others } }) => ({ tasks: others }));
  }
}

/** Compares every file of a stored model with the hash that it came with. */
export function checkModel(id: string): Promise<void> {
  return runTask(id, 'check', async ({ name, place }, onBytes, signal) => {
    if (place.kind !== 'stored') return;
    const damaged = await libraryPorts().client.call('check', place.model, onBytes, signal);
    if (damaged.length === 0) return notify(texts.isSound(name));
    releaseStored(place.model);
    await listStored();
    notify(texts.isDamaged(name, damaged), undefined, { stays: true });
  });
}

/** Downloads again what is missing of a stored model. */
export async function repairModel({ place }: LibraryRecord): Promise<void> {
  if (place.kind !== 'stored') return;
  releaseStored(place.model);
  await repairStored(place.model).catch((thrown) => notify(errorText(thrown), undefined, { stays: true }));
}

/** Copies the files of a thing into the browser, so that it is there without being asked for. */
export function keepCopy(id: string): Promise<void> {
  return runTask(id, 'copy', async ({ name, kind, ...record }, onBytes, signal) => {
    await askForPersistence();
    const source = await sourceOf({ name, kind, ...record });
    await refreshAccess(id);
    if (source.kind !== 'folder') return;
    const model = `kept:${crypto.randomUUID()}`;
    await libraryPorts().client.call('import', { id: model, name, kind, files: source.files }, onBytes, signal);
    // It may have been removed meanwhile.
    if (!entryOf(id)) return removeStored(model);
    await changeRecord(id, { place: { kind: 'stored', model } });
    releaseFiles(id);
    notify(texts.isKept(name));
  });
}

/** Takes the copies that Easel 0.1 made into the store. What cannot be taken now stays as it is. */
export async function takeOverCopies(): Promise<void> {
  const copies = useLibrary
    .getState()
    .entries.flatMap(({ record: { id, name, kind, place } }) => (place.kind === 'copy' ? [{ id, name, kind }] : []));
  if (copies.length === 0) return;
  try {
    const taken = await libraryPorts().client.call('takeOver', copies);
    for (const id of taken) await changeRecord(id, { place: { kind: 'stored', model: id } });
  } catch (thrown) {
    notify(texts.copiesStay(errorText(thrown)));
  }
}

/** Puts a model of the store back on the list, and gives it to the open model where it belongs to that. */
export async function putBack(model: string): Promise<void> {
  const isIt = ({ place }: LibraryRecord) => place.kind === 'stored' && place.model === model;
  const record = useLibrary.getState().removed.find(isIt);
  // Where nothing is known of it any more, it is looked at as one that has just arrived.
  const isBack = record ? await restoreRecord(record) : await restoreStored(model);
  tellChanged();
  await listStored();
  if (isBack) await attachLibrary();
}

/** Deletes what was removed, now. */
export async function emptyBin(): Promise<void> {
  try {
    const store = await libraryPorts().store();
    const before = await store.usage();
    await store.emptyBin();
    const { bin } = await store.usage();
    tellChanged();
    await listStored();
    const freed = formatBytes(Math.max(0, before.bin - bin));
    notify(bin > 0 ? texts.freedInPart(freed, formatBytes(bin)) : texts.freed(freed));
  } catch (thrown) {
    notify(errorText(thrown));
  }
}
