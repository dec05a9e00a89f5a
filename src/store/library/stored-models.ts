import { create } from 'zustand';
import type { ListedModel, OpenModel } from '../../library/files/model-store';
import type { StoreUsage } from '../../library/files/usage';
import { libraryPorts } from './library-ports';
import type { FolderSource } from './model-folder';

interface StoredModels {
  /** By their ids, those that were removed and can be put back among them. */
  models: ReadonlyMap<string, ListedModel>;
  /** Undefined until it is known. */
  usage?: StoreUsage;
}

/** What this browser keeps of models. */
export const useStoredModels = create<StoredModels>(() => ({ models: new Map() }));

/** Reads anew what is kept. @returns it */
export async function readStored(): Promise<readonly ListedModel[]> {
  const store = await libraryPorts().store();
  const [models, usage] = await Promise.all([store.list({ removed: true }), store.usage()]);
  useStoredModels.setState({ models: new Map(models.map((model) => [model.id, model])), usage });
  return models;
}

/** What this tab reads: no tab deletes it until it is let go. */
const open = new Map<string, OpenModel>();

/** A stored model's files. @throws EaselError `corrupt` where they are damaged or gone */
export async function storedFiles(model: string): Promise<FolderSource['files']> {
  const opened = open.get(model) ?? (await (await libraryPorts().store()).open(model));
  open.set(model, opened);
  return opened.blobs as FolderSource['files']; // OPFS gives Files
}

/** Lets go of a stored model's files, so that they are read anew or can be deleted. */
export function releaseStored(model: string): void {
  open.get(model)?.release();
  open.delete(model);
}

/** Tells this browser's tabs, this one included, that what is kept has changed. */
export function tellChanged(): void {
  libraryPorts().channel.post({ kind: 'changed' });
}

/** Moves a model to the bin; its space is there for others when they need it. */
export async function removeStored(model: string): Promise<void> {
  await (await libraryPorts().store()).remove(model);
  releaseStored(model);
  tellChanged();
}

/** Takes a model out of the bin. Who has it on the list again tells the tabs. @returns whether it was still there */
export async function restoreStored(model: string): Promise<boolean> {
  return (await libraryPorts().store()).restore(model);
}
