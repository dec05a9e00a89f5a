import { toEaselError } from '../core/errors';
import { readParameters } from '../core/generation-info';
import { readText } from '../core/image/png-chunks';
import { takeAdapter } from './adapters';
import { openOnCanvas } from './canvas';
import { isModelFile } from './model-folder';
import { notify } from './notices';
import { openFile, openFolderEntry, openHandle } from './recent-folders';
import { changeSettings, UNSET, useSettings } from './settings';

/** What can be done with a thing that is dropped. */
export type DropUse = 'open-picture' | 'read-settings' | 'open-model';

/** What could be done with the things that hover over the page, as far as a browser tells before they are dropped: a folder has no type, a picture has. */
export function usesOf(items: readonly Pick<DataTransferItem, 'kind' | 'type'>[]): readonly DropUse[] {
  const files = items.filter(({ kind }) => kind === 'file');
  if (files.some(({ type }) => type === 'image/png')) return ['open-picture', 'read-settings'];
  if (files.some(({ type }) => type.startsWith('image/'))) return ['open-picture'];
  return files.some(({ type }) => type === '') ? ['open-model'] : [];
}

/** Does what the overlay promised. @returns whether a picture was put on the canvas */
export async function takeDrop(transfer: DataTransfer, use: DropUse | undefined): Promise<boolean> {
  const item = Array.from(transfer.items).find(({ kind }) => kind === 'file');
  if (!item) return false;
  // Both must be asked for before the first await: the list is emptied when the event ends.
  const handle = item.getAsFileSystemHandle?.();
  const entry = item.webkitGetAsEntry();
  const file = item.getAsFile();
  if (entry?.isDirectory) {
    const folder = await handle;
    if (folder?.kind === 'directory') await openHandle(folder as FileSystemDirectoryHandle);
    else await openFolderEntry(entry as FileSystemDirectoryEntry);
  } else if (file && isModelFile(file)) {
    const opened = await handle;
    if (await takeAdapter(file)) return false;
    if (opened?.kind === 'file') await openHandle(opened as FileSystemFileHandle);
    else await openFile(file);
  } else if (file && use === 'read-settings') await readSettingsFrom(file);
  else if (file) return openOnCanvas(file, file.name);
  return false;
}

/** Fills the form from the `parameters` text of a PNG made here, in A1111 or in Forge; the old settings can be put back. */
export async function readSettingsFrom(file: File): Promise<void> {
  try {
    const text = await readText(new Uint8Array(await file.arrayBuffer()), inflate);
    if (text.parameters === undefined) notify(`${file.name} holds no settings.`);
    else takeParameters(text.parameters, file.name);
  } catch (thrown) {
    notify(`${file.name} could not be read: ${toEaselError(thrown).message}`);
  }
}

/** Takes the settings of an A1111 text; what Easel does not have is named. */
export function takeParameters(parameters: string, from: string): void {
  const { request, ignored } = readParameters(parameters);
  const { values, drafts } = useSettings.getState();
  changeSettings({ ...(request.sampler ? UNSET : {}), ...request });
  const left = ignored.length > 0 ? ` Not taken: ${ignored.join(', ')}.` : '';
  notify(`Settings read from ${from}.${left}`, { label: 'Undo', run: () => useSettings.setState({ values, drafts }) });
}

async function inflate(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
