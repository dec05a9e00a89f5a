import { openBrowserStore } from '../../library/browser-ports';
import type { ModelStore, OpenModel } from '../../library/files/model-store';
import type { FolderSource } from './model-folder';

let store: Promise<ModelStore> | undefined;

/** The models that this browser keeps. Opened when it is first asked for: not every browser has room for one. */
export function modelStore(): Promise<ModelStore> {
  store ??= openBrowserStore();
  return store;
}

/** What this tab reads: no tab deletes it until it is let go. */
const open = new Map<string, OpenModel>();

/** A stored model's files. @throws EaselError `corrupt` where they are damaged or gone */
export async function storedFiles(model: string): Promise<FolderSource['files']> {
  const opened = open.get(model) ?? (await (await modelStore()).open(model));
  open.set(model, opened);
  return opened.blobs as FolderSource['files']; // OPFS gives Files
}

/** Takes a model off the store's list; its space is there for others when they need it. */
export async function removeStored(model: string): Promise<void> {
  await (await modelStore()).remove(model);
  open.get(model)?.release();
  open.delete(model);
}

/** @returns whether the model was still there */
export async function restoreStored(model: string): Promise<boolean> {
  return (await modelStore()).restore(model);
}
