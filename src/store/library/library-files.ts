import { EaselError, said } from '../../core/errors';
import { TORCH_FILE, WEIGHTS_FILE } from '../../core/file-kinds';
import type { ModelSource, NamedFile } from '../../engine/protocol';
import { copyName, lockOfCopy } from '../../library/files/earlier-copies';
import { EMBLEMS_ID, EMBLEMS_SOURCE } from './emblems';
import { withLibraryLock } from './library-db';
import type { LibraryRecord } from './library-record';
import { type FolderSource, folderFromHandle, modelOfFile } from './model-folder';
import { STARTER_SOURCE } from './starter';
import { storedFiles } from './stored-models';

/** Whether a thing's files can be read now, after the person says yes, or only when it is dropped again. */
export type Access = 'ready' | 'ask' | 'drop-again';

/** Files of this visit: those without a handle, and those that were read by theirs. */
const held = new Map<string, FolderSource>();

export function holdFiles(id: string, files: FolderSource): void {
  held.set(id, files);
}

export function releaseFiles(id: string): void {
  held.delete(id);
}

/** Whether a thing is one file that torch wrote, as far as its name on the disk tells. */
export function isTorchFile({ id, place }: LibraryRecord): boolean {
  if (place.kind === 'disk') return place.handle.kind === 'file' && TORCH_FILE.test(place.handle.name);
  const files = held.get(id)?.files ?? [];
  return place.kind === 'dropped' && files.length === 1 && TORCH_FILE.test(files[0].path);
}

export async function accessTo({ id, place }: LibraryRecord): Promise<Access> {
  switch (place.kind) {
    case 'bundled':
    case 'copy':
    case 'stored':
      return 'ready';
    case 'disk':
      return (await permission(place.handle, 'query')) ? 'ready' : 'ask';
    case 'dropped':
      return held.has(id) ? 'ready' : 'drop-again';
    default:
      return place satisfies never;
  }
}

/**
 * A model's files, read anew: they may have changed on the disk. Asks for leave to read them where it has ended, which
 * needs a click just before.
 * @throws EaselError `aborted` where the person says no, `corrupt` where the file is no longer there.
 */
export async function sourceOf({ id, name, place }: LibraryRecord): Promise<ModelSource> {
  switch (place.kind) {
    case 'bundled':
      return id === EMBLEMS_ID ? EMBLEMS_SOURCE : STARTER_SOURCE;
    case 'disk': {
      const { handle } = place;
      if (!(await permission(handle, 'request')))
        throw new EaselError('aborted', said`Easel was not allowed to read ${name}.`);
      return read(name, async () =>
        called(name, handle.kind === 'file' ? modelOfFile(await handle.getFile()) : await folderFromHandle(handle)),
      );
    }
    case 'copy':
      await holdCopy(id);
      return read(name, async () => {
        const file = await (await (await copies()).getFileHandle(copyName(id))).getFile();
        return { kind: 'folder', name, files: [{ path: `${name}.safetensors`, file }] };
      });
    case 'stored':
      return called(name, { kind: 'folder', name, files: await storedFiles(place.model) });
    case 'dropped': {
      const files = held.get(id);
      if (files) return called(name, files);
      throw new EaselError('aborted', said`This browser could not keep ${name}: drop it on the page again.`);
    }
    default:
      return place satisfies never;
  }
}

/** How the name of a file with weights ends. */
const endingOf = (path: string) => WEIGHTS_FILE.exec(path)?.[0] ?? '.safetensors';

/** The same files under the name that the list has for them. */
function called(name: string, source: FolderSource): FolderSource {
  const [{ path, file }] = source.files;
  const isFile = source.files.length === 1 && path.startsWith(`${source.name}.`);
  return { ...source, name, files: isFile ? [{ path: `${name}${endingOf(path)}`, file }] : source.files };
}

async function read<T>(name: string, reading: () => Promise<T>): Promise<T> {
  try {
    return await reading();
  } catch (thrown) {
    if (!(thrown instanceof DOMException)) throw thrown;
    throw new EaselError(
      'corrupt',
      said`${name} is no longer where it was on the disk. Add it again from where it lies now.`,
      { cause: thrown },
    );
  }
}

/** The one file of a LoRA, an embedding or an autoencoder, under the name that prompts use. */
export async function fileOf(record: LibraryRecord): Promise<NamedFile> {
  const source = await sourceOf(record);
  if (source.kind !== 'folder' || source.files.length !== 1)
    throw new EaselError('bad-request', said`${record.name} is not a single file.`);
  const [{ path, file }] = source.files;
  return { name: `${record.name}${endingOf(path)}`, file };
}

/** Whether a handle may be read; handles without permissions (OPFS's, some browsers') always may. */
async function permission(handle: FileSystemHandle, how: 'query' | 'request'): Promise<boolean> {
  const mode = { mode: 'read' } as const;
  if (!handle.queryPermission || (await handle.queryPermission(mode)) === 'granted') return true;
  return how === 'request' && (await handle.requestPermission?.(mode)) === 'granted';
}

const copies = async () => (await navigator.storage.getDirectory()).getDirectoryHandle('library', { create: true });

const heldCopies = new Set<string>();

/** A copy that this tab reads is not moved away until it is closed. */
function holdCopy(id: string): Promise<void> {
  if (heldCopies.has(id)) return Promise.resolve();
  heldCopies.add(id);
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(lockOfCopy(id), { mode: 'shared' }, () => {
        resolve();
        return new Promise(() => undefined);
      })
      .catch(reject);
  });
}

/** A copy this fresh may be one that another tab has not written down yet. */
const FRESH_MS = 3_600_000;

/** Deletes copies that no record speaks of any more: a removal can be undone until the next visit. */
export async function sweepCopies(records: readonly LibraryRecord[]): Promise<void> {
  const kept = new Set(records.filter(({ place }) => place.kind === 'copy').map(({ id }) => copyName(id)));
  await withLibraryLock(async () => {
    const folder = await copies();
    for await (const entry of folder.values()) {
      if (kept.has(entry.name) || entry.kind !== 'file') continue;
      const { lastModified } = await entry.getFile();
      if (Date.now() - lastModified > FRESH_MS) await folder.removeEntry(entry.name);
    }
  });
}
