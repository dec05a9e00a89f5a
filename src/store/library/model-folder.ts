import { EaselError, said } from '../../core/errors';
import { WEIGHTS_FILE } from '../../core/file-kinds';
import type { ModelSource } from '../../engine/protocol';

export type FolderSource = Extract<ModelSource, { kind: 'folder' }>;
type FolderFile = FolderSource['files'][number];

/** A model's folder holds a few dozen files; what holds thousands was picked by mistake (a home folder, a drive). */
const MAX_FILES = 2000;

/** One file as a model: a checkpoint in the original layout. */
export function modelOfFile(file: File): FolderSource {
  return { kind: 'folder', name: file.name.replace(WEIGHTS_FILE, ''), files: [{ path: file.name, file }] };
}

/** A folder from `<input webkitdirectory>`: its name is the first part of every path. */
export function folderFromInput(files: Iterable<File>): FolderSource {
  const list = Array.from(files, (file) => {
    const [, ...path] = file.webkitRelativePath.split('/');
    return { path: path.join('/'), file };
  });
  if (list.length === 0)
    throw new EaselError('unsupported', said`The folder is empty. Choose one with a model_index.json in it.`);
  const name = list[0].file.webkitRelativePath.split('/')[0];
  return { kind: 'folder', name, files: modelFiles(list, name) };
}

/** A folder from the picker or a drop, by its handle. */
export async function folderFromHandle(handle: FileSystemDirectoryHandle): Promise<FolderSource> {
  const files: FolderFile[] = [];
  await readHandle(handle, '', files);
  return { kind: 'folder', name: handle.name, files: modelFiles(files, handle.name) };
}

async function readHandle(folder: FileSystemDirectoryHandle, at: string, into: FolderFile[]): Promise<void> {
  for await (const entry of folder.values()) {
    if (entry.kind === 'directory') await readHandle(entry, `${at}${entry.name}/`, into);
    else add(into, { path: at + entry.name, file: await entry.getFile() });
  }
}

/** A dropped folder, in browsers that give entries only. */
export async function folderFromEntry(entry: FileSystemDirectoryEntry): Promise<FolderSource> {
  return { kind: 'folder', name: entry.name, files: modelFiles(await filesOfEntry(entry), entry.name) };
}

/** All files in a dropped folder. @throws EaselError `unsupported` where there are more than so many */
export async function filesOfEntry(entry: FileSystemDirectoryEntry, most = MAX_FILES): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  await readEntry(entry, '', files, most);
  return files;
}

async function readEntry(
  folder: FileSystemDirectoryEntry,
  at: string,
  into: FolderFile[],
  most: number,
): Promise<void> {
  const reader = folder.createReader();
  // A reader hands out a hundred entries at a time, and an empty list at the end.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return;
    for (const entry of entries) {
      if (isDirectory(entry)) await readEntry(entry, `${at}${entry.name}/`, into, most);
      else add(into, { path: at + entry.name, file: await fileOf(entry as FileSystemFileEntry) }, most);
    }
  }
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function add(into: FolderFile[], file: FolderFile, most = MAX_FILES): void {
  if (into.length === most) {
    throw new EaselError(
      'unsupported',
      said`This folder holds more than ${most} files. Choose the model's own folder.`,
    );
  }
  into.push(file);
}

/**
 * The files of the model inside a folder. People also pick the folder around it (a download, an unpacked archive): then
 * the one model inside is meant. Without a diffusers model, it may be an ONNX pack or hold a checkpoint of one file.
 * @throws EaselError `unsupported` when there is none.
 */
function modelFiles(files: readonly FolderFile[], name: string): FolderFile[] {
  const indexes = files.map(({ path }) => path).filter((path) => /(^|\/)model_index\.json$/.test(path));
  const [shallowest] = indexes.sort((a, b) => a.split('/').length - b.split('/').length);
  const isPlain = files.some(
    ({ path }) => path === 'unet/model.onnx' || (!path.includes('/') && WEIGHTS_FILE.test(path)),
  );
  if (shallowest === undefined && isPlain) return [...files];
  if (shallowest === undefined) {
    throw new EaselError(
      'unsupported',
      said`“${name}” is not a diffusers folder: it has no model_index.json. Choose the folder that has one, with unet, vae and text_encoder beside it.`,
    );
  }
  const root = shallowest.slice(0, -'model_index.json'.length);
  return files
    .filter(({ path }) => path.startsWith(root))
    .map(({ path, file }) => ({ path: path.slice(root.length), file }));
}
