import { openOnCanvas } from '../canvas/canvas';
import { isModelFile } from '../library/model-folder';
import { openFolderEntry, openFolderHandle } from '../library/open-entry';
import { startImport } from './imports';
import { readSettingsFrom } from './take-settings';

/** Pictures that may carry settings. */
const SETTINGS_TYPES = ['image/png', 'image/jpeg', 'image/webp'];

/** What can be done with a thing that is dropped. */
export type DropUse = 'open-picture' | 'read-settings' | 'use-model';

/**
 * What could be done with the things that hover over the page, as far as a browser tells before they are dropped: a
 * folder has no type, a picture has.
 */
export function usesOf(items: readonly Pick<DataTransferItem, 'kind' | 'type'>[]): readonly DropUse[] {
  const files = items.filter(({ kind }) => kind === 'file');
  if (files.some(({ type }) => SETTINGS_TYPES.includes(type))) return ['read-settings', 'open-picture'];
  if (files.some(({ type }) => type.startsWith('image/'))) return ['open-picture'];
  return files.some(({ type }) => type === '') ? ['use-model'] : [];
}

/** Does what the overlay promised. @returns whether a picture was put on the canvas */
export async function importDrop(transfer: DataTransfer, use: DropUse | undefined): Promise<boolean> {
  // All of this must be asked for before the first await: the list is emptied when the event ends.
  const items = Array.from(transfer.items)
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({
      handle: item.getAsFileSystemHandle?.(),
      entry: item.webkitGetAsEntry(),
      file: item.getAsFile(),
    }));
  const [first] = items;
  if (!first) return false;
  if (first.entry?.isDirectory) {
    const folder = await first.handle;
    if (folder?.kind === 'directory') await openFolderHandle(folder as FileSystemDirectoryHandle);
    else await openFolderEntry(first.entry as FileSystemDirectoryEntry);
    return false;
  }
  const models: { file: File; handle?: FileSystemFileHandle }[] = [];
  for (const { file, handle: opening } of items) {
    if (!file || !isModelFile(file)) continue;
    const handle = await opening;
    models.push({ file, handle: handle?.kind === 'file' ? (handle as FileSystemFileHandle) : undefined });
  }
  if (models.length > 0) await startImport(models, true);
  else if (first.file && use === 'read-settings') await readSettingsFrom(first.file);
  else if (first.file) return openOnCanvas(first.file, first.file.name);
  return false;
}
