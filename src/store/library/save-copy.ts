import type { OnBytes } from '../../library/files/model-store';
import { tarOf } from '../../library/files/tar';
import { texts } from '../../texts/store';
import { engine } from '../engine-port';
import { notify } from '../notices';
import { sourceOf } from './library-files';
import { runTask } from './maintenance';
import type { FolderSource } from './model-folder';
import { storedFiles, useStoredModels } from './stored-models';

type Files = FolderSource['files'];

/**
 * Writes a stored model's files to the person's disk: one file, or a folder. Where the browser has no picker for that,
 * they come as a download, a folder as a TAR archive; either way no file is held in memory.
 * @param byDownload hands over what comes as a download
 */
export function saveCopy(id: string, byDownload: (file: Blob, name: string) => void): Promise<void> {
  return runTask(id, 'save', async ({ name, place }, onBytes, signal) => {
    if (place.kind !== 'stored') return;
    // A picker opens on a click only, so it comes before all that takes time.
    const isFile = useStoredModels.getState().models.get(place.model)?.files.length === 1;
    const target = isFile ? await pickFile(name) : await pickFolder();
    const files = await storedFiles(place.model);
    if (!target) {
      if (isFile) byDownload(files[0].file, `${name}.safetensors`);
      else byDownload(tarOf(files, Date.now()), `${name}.tar`);
      return;
    }
    if (target.kind === 'file') await writeFile(target, files[0].file, counted(files, onBytes), signal);
    else await writeFolder(await newFolder(target, name), files, counted(files, onBytes), signal);
    notify(texts.savedTo(name, target.name));
  });
}

/**
 * Writes the weights of a file that torch wrote as .safetensors, tensor by tensor.
 * @param byDownload as `saveCopy`'s
 */
export function saveAsSafetensors(id: string, byDownload: (file: Blob, name: string) => void): Promise<void> {
  return runTask(id, 'save', async (record, onBytes, signal) => {
    const target = await pickFile(record.name);
    const source = await sourceOf(record);
    if (source.kind !== 'folder') return;
    const [{ path, file }] = source.files;
    const saved = await engine().asSafetensors({ name: path, file });
    if (!target) return byDownload(saved, `${record.name}.safetensors`);
    await writeFile(target, saved, counted([{ file: saved }], onBytes), signal);
    notify(texts.savedTo(record.name, target.name));
  });
}

const pickFile = async (name: string) => window.showSaveFilePicker?.({ suggestedName: `${name}.safetensors` });
const pickFolder = async () => window.showDirectoryPicker?.({ id: 'copy', mode: 'readwrite' });

/** Counts what is written of all files. */
function counted(files: readonly { file: Blob }[], onBytes: OnBytes): () => TransformStream<Uint8Array, Uint8Array> {
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  let done = 0;
  return () =>
    new TransformStream({
      transform(chunk, controller) {
        done += chunk.length;
        onBytes(done, bytes);
        controller.enqueue(chunk);
      },
    });
}

type Counted = ReturnType<typeof counted>;

/** Writes a file whole or leaves it as it was. */
async function writeFile(to: FileSystemFileHandle, file: Blob, count: Counted, signal: AbortSignal): Promise<void> {
  const writable: WritableStream<Uint8Array> = await to.createWritable();
  await file.stream().pipeThrough(count()).pipeTo(writable, { signal });
}

async function writeFolder(to: FileSystemDirectoryHandle, files: Files, count: Counted, signal: AbortSignal) {
  for (const { path, file } of files) {
    const folders = path.split('/');
    const name = folders.pop() ?? path;
    let at = to;
    for (const folder of folders) at = await at.getDirectoryHandle(folder, { create: true });
    await writeFile(await at.getFileHandle(name, { create: true }), file, count, signal);
  }
}

/** A folder of that name in another, with a number behind where there is one already. */
async function newFolder(inside: FileSystemDirectoryHandle, name: string): Promise<FileSystemDirectoryHandle> {
  const taken = new Set<string>();
  for await (const { name: known } of inside.values()) taken.add(known);
  let [free, number] = [name, 2];
  while (taken.has(free)) free = `${name} (${number++})`;
  return inside.getDirectoryHandle(free, { create: true });
}
