import { create } from 'zustand';
import { EaselError, toEaselError } from '../core/errors';
import type { ModelSource } from '../engine/protocol';
import { takeAdapter } from './adapters';
import type { EaselDatabase, EaselSchema } from './database';
import { reportProblem } from './engine';
import { folderFromEntry, folderFromHandle, folderFromInput, modelOfFile } from './model-folder';
import { openModel } from './models';

type Folder = EaselSchema['folders']['value'];

/** Model folders and files opened before, newest first; only browsers with folder handles can offer them again. */
export const useRecentFolders = create<{ folders: readonly Folder[] }>(() => ({ folders: [] }));

const MAX_FOLDERS = 6;

let database: Promise<EaselDatabase> | undefined;

/** Reads the folders of earlier visits, and keeps new ones. */
export async function connectRecentFolders(opened: Promise<EaselDatabase>): Promise<void> {
  database = opened;
  const folders = await (await opened).getAll('folders');
  useRecentFolders.setState({ folders: folders.sort((a, b) => b.openedAt - a.openedAt) });
}

/**
 * Lets the person choose a folder. The directory picker gives one that can be opened again on the next visit, and does not
 * speak of "uploading" as a file field does; the field stands in where there is no picker.
 */
export async function chooseFolder(byField: () => void): Promise<void> {
  if (!window.showDirectoryPicker) {
    byField();
    return;
  }
  // Closing the picker rejects; that is an answer, too.
  const handle = await window.showDirectoryPicker({ id: 'model', mode: 'read' }).catch(() => undefined);
  if (handle) await openHandle(handle);
}

/** Lets the person choose a checkpoint, as `chooseFolder` does a folder. */
export async function chooseFile(byField: () => void): Promise<void> {
  if (!window.showOpenFilePicker) {
    byField();
    return;
  }
  const types = [{ description: 'Checkpoints', accept: { 'application/octet-stream': ['.safetensors' as const] } }];
  const [handle] = await window.showOpenFilePicker({ id: 'checkpoint', types }).catch(() => []);
  if (handle && !(await takeAdapter(await handle.getFile()))) await openHandle(handle);
}

/** Opens a folder or file by its handle, asking for leave to read it where an earlier visit's leave has ended. */
export async function openHandle(handle: FileSystemDirectoryHandle | FileSystemFileHandle): Promise<void> {
  const opened = await openFolder(handle.name, async () => {
    if (!(await mayRead(handle))) throw new EaselError('aborted', `Easel was not allowed to read ${handle.name}.`);
    return handle.kind === 'file' ? modelOfFile(await handle.getFile()) : folderFromHandle(handle);
  });
  if (opened) await rememberFolder(handle);
}

/** Opens a folder chosen with `<input webkitdirectory>`. */
export function openFolderFiles(files: FileList): Promise<boolean> {
  return openFolder('the folder', async () => folderFromInput(files));
}

/** Opens a checkpoint chosen or dropped in browsers without file handles. */
export function openFile(file: File): Promise<boolean> {
  return openFolder(file.name, async () => modelOfFile(file));
}

/** Opens a dropped folder in browsers without folder handles. */
export function openFolderEntry(entry: FileSystemDirectoryEntry): Promise<boolean> {
  return openFolder(entry.name, () => folderFromEntry(entry));
}

async function openFolder(name: string, read: () => Promise<ModelSource>): Promise<boolean> {
  try {
    return await openModel(await read());
  } catch (thrown) {
    reportProblem(toEaselError(thrown), 'load', name);
    return false;
  }
}

async function mayRead(handle: FileSystemHandle): Promise<boolean> {
  if ((await handle.queryPermission?.({ mode: 'read' })) === 'granted') return true;
  return (await handle.requestPermission?.({ mode: 'read' })) === 'granted';
}

async function rememberFolder(handle: FileSystemDirectoryHandle | FileSystemFileHandle): Promise<void> {
  const folder = { name: handle.name, handle, openedAt: Date.now() };
  const others = useRecentFolders.getState().folders.filter(({ name }) => name !== handle.name);
  const dropped = others.slice(MAX_FOLDERS - 1);
  useRecentFolders.setState({ folders: [folder, ...others.slice(0, MAX_FOLDERS - 1)] });
  const db = await database;
  await db?.put('folders', folder);
  for (const { name } of dropped) await db?.delete('folders', name);
}
