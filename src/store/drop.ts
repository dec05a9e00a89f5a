import { toEaselError } from '../core/errors';
import { readParameters } from '../core/generation-info';
import { readText } from '../core/image/png-chunks';
import { takeAdapter } from './adapters';
import { isModelFile } from './model-folder';
import { notify } from './notices';
import { openFile, openFolderEntry, openHandle } from './recent-folders';
import { changeSettings, UNSET, useSettings } from './settings';

/** What would happen with the things that hover over the page, as far as a browser tells before they are dropped. */
export type DropMeaning = 'read-settings' | 'open-model' | 'nothing';

/** A folder has no type while it hovers; a picture has. */
export function meaningOf(items: readonly Pick<DataTransferItem, 'kind' | 'type'>[]): DropMeaning {
  const files = items.filter(({ kind }) => kind === 'file');
  if (files.some(({ type }) => type === 'image/png')) return 'read-settings';
  if (files.some(({ type }) => type === '')) return 'open-model';
  return 'nothing';
}

/** Does what the overlay promised. */
export async function takeDrop(transfer: DataTransfer): Promise<void> {
  const item = Array.from(transfer.items).find(({ kind }) => kind === 'file');
  if (!item) return;
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
    if (await takeAdapter(file)) return;
    if (opened?.kind === 'file') await openHandle(opened as FileSystemFileHandle);
    else await openFile(file);
  } else if (file) await readSettingsFrom(file);
}

/** Fills the form from the `parameters` text of a PNG made here, in A1111 or in Forge; the old settings can be put back. */
export async function readSettingsFrom(file: File): Promise<void> {
  if (file.type !== 'image/png') {
    notify(
      `${file.name} cannot be opened. Drop a model (a .safetensors file or a folder), or a PNG with settings in it.`,
    );
    return;
  }
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
