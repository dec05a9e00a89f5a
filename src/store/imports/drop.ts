import { texts } from '../../texts/stage';
import { openOnCanvas } from '../canvas/canvas';
import { openPicture, type Result, reuseSettings, useGallery } from '../gallery/gallery';
import { openFolderEntry, openFolderHandle } from '../library/open-entry';
import { startImport } from './imports';
import { readSettingsFrom } from './take-settings';
import { addWildcardFolder, importWords, isWordFile, wildcardFolder } from './word-files';

/** Pictures that may carry settings. */
const SETTINGS_TYPES = ['image/png', 'image/jpeg', 'image/webp'];

/** What can be done with a thing that is dropped. */
export type DropUse = 'open-picture' | 'read-settings' | 'use-model' | 'use-words';

/** What a result of the page is among the things that are dragged over it. */
const RESULT = 'application/x-easel-result';

/**
 * Lets a result be dragged within the page: onto the settings, which take its own, or anywhere else, for the canvas.
 * What the browser itself would drag is its thumbnail.
 */
export function dragResult(transfer: Pick<DataTransfer, 'setData'>, id: string): void {
  transfer.setData(RESULT, id);
}

/** Whether the page does something with what hovers over it: files, or a result of its own. */
export const isDropped = ({ types }: Pick<DataTransfer, 'types'>): boolean =>
  types.includes('Files') || types.includes(RESULT);

/**
 * What could be done with the things that hover over the page, as far as a browser tells before they are dropped: a
 * folder has no type, a picture has.
 */
export function usesOf(items: readonly Pick<DataTransferItem, 'kind' | 'type'>[]): readonly DropUse[] {
  const files = items.filter(({ kind }) => kind === 'file');
  if (items.some(({ type }) => type === RESULT)) return ['read-settings', 'open-picture'];
  if (files.some(({ type }) => SETTINGS_TYPES.includes(type))) return ['read-settings', 'open-picture'];
  if (files.some(({ type }) => type.startsWith('image/'))) return ['open-picture'];
  if (files.some(({ type }) => type === '')) return ['use-model'];
  return files.some(({ type }) => /^text\/|json$/.test(type)) ? ['use-words'] : [];
}

/** Does what the overlay promised. @returns whether a picture was put on the canvas */
export async function importDrop(transfer: DataTransfer, use: DropUse | undefined): Promise<boolean> {
  const result = useGallery.getState().results[transfer.getData(RESULT)];
  if (result) {
    if (use === 'open-picture') return openResult(result);
    reuseSettings(result);
    return false;
  }
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
    const words = await wildcardFolder(first.entry as FileSystemDirectoryEntry);
    if (words) {
      await addWildcardFolder(words);
      return false;
    }
    const folder = await first.handle;
    if (folder?.kind === 'directory') await openFolderHandle(folder as FileSystemDirectoryHandle);
    else await openFolderEntry(first.entry as FileSystemDirectoryEntry);
    return false;
  }
  const files: ImportedFile[] = [];
  for (const { file, handle: opening } of items) {
    if (!file) continue;
    const handle = await opening;
    files.push({ file, handle: handle?.kind === 'file' ? (handle as FileSystemFileHandle) : undefined });
  }
  return importFiles(files, use);
}

/** Puts a result on the canvas. @returns whether it could be */
export async function openResult({ record }: Pick<Result, 'record'>): Promise<boolean> {
  const picture = await openPicture(record);
  return picture !== undefined && openOnCanvas(picture.png, texts.thePicture);
}

/** A file, and where the browser gives one what it can be read by on the next visit. */
interface ImportedFile {
  file: File;
  handle?: FileSystemFileHandle;
}

/**
 * Takes the files of words among these and opens the models, or else the first as a picture, or reads its settings.
 * @returns whether a picture was put on the canvas
 */
export async function importFiles(files: readonly ImportedFile[], use: DropUse | undefined): Promise<boolean> {
  const words = files.filter(({ file }) => isWordFile(file));
  const models = files.filter(({ file }) => !isPicture(file) && !isWordFile(file));
  const [first] = files.filter(({ file }) => !isWordFile(file));
  const pictures = files.map(({ file }) => file).filter(isPicture);
  if (words.length > 0) await importWords(words.map(({ file }) => file));
  if (models.length > 0) await startImport(models, true, pictures);
  else if (first && use === 'read-settings') await readSettingsFrom(first.file);
  else if (first) return openOnCanvas(first.file, first.file.name);
  return false;
}

/** By its type, or where the browser knows none, its name. What is neither model nor picture is told so as a model. */
const isPicture = ({ type, name }: File) =>
  type.startsWith('image/') || /\.(png|jpe?g|jfif|webp|gif|avif|heic|heif|bmp|tiff?|jxl)$/i.test(name);
