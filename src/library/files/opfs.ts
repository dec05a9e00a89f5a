import type { StorageDirectory, StorageFile } from './directory';

declare global {
  interface FileSystemFileHandle {
    /** Not in every browser, and in none for files outside of the browser's own file system. */
    move?(folder: FileSystemDirectoryHandle, as: string): Promise<void>;
  }
}

/** What is behind each, for moving files between them. */
const folders = new WeakMap<StorageDirectory, FileSystemDirectoryHandle>();

/** The folder of this page's own that models are kept in; `library` holds the copies that Easel 0.1 made. */
export async function openOpfs(name: string): Promise<StorageDirectory> {
  const root = await navigator.storage.getDirectory();
  return opfsDirectory(await root.getDirectoryHandle(name, { create: true }));
}

/**
 * A folder of the browser's own file system. In a worker its files are written in place; on a page, where browsers
 * offer no such thing, they are written anew, which is for records and not for models.
 */
function opfsDirectory(folder: FileSystemDirectoryHandle): StorageDirectory {
  const directory: StorageDirectory = {
    async list() {
      const files: { name: string; bytes: number }[] = [];
      for await (const entry of folder.values())
        if (entry.kind === 'file') files.push({ name: entry.name, bytes: (await entry.getFile()).size });
      return files;
    },
    async open(name) {
      const handle = await folder.getFileHandle(name, { create: true });
      return 'createSyncAccessHandle' in handle ? inPlace(await handle.createSyncAccessHandle()) : anew(handle);
    },
    async blob(name) {
      try {
        return await (await folder.getFileHandle(name)).getFile();
      } catch (thrown) {
        if (isNotFound(thrown)) return undefined;
        throw thrown;
      }
    },
    async remove(name) {
      await folder.removeEntry(name).catch((thrown) => {
        if (!isNotFound(thrown)) throw thrown;
      });
    },
  };
  if ('move' in FileSystemFileHandle.prototype)
    directory.moveTo = async (name, to, as) => {
      const target = folders.get(to);
      if (!target) throw new TypeError('The folder is not of this disk.');
      await (await folder.getFileHandle(name)).move?.(target, as);
    };
  folders.set(directory, folder);
  return directory;
}

const isNotFound = (thrown: unknown) => thrown instanceof DOMException && thrown.name === 'NotFoundError';

function inPlace(file: FileSystemSyncAccessHandle): StorageFile {
  return {
    size: async () => file.getSize(),
    async read(at, length) {
      const bytes = new Uint8Array(length);
      const read = file.read(bytes, { at });
      if (read > length) throw new DOMException('The disk could not be read.', 'NotReadableError');
      return bytes.subarray(0, read);
    },
    async write(at, bytes) {
      // A full disk may take less without saying so. In a private window Chromium throws nothing for it (seen in 156):
      // the error's number comes back, which is negative, without its sign.
      const written = file.write(bytes as Uint8Array<ArrayBuffer>, { at });
      if (written !== bytes.length) throw new DOMException('The disk took only a part.', 'QuotaExceededError');
    },
    truncate: async (size) => file.truncate(size),
    flush: async () => file.flush(),
    close: async () => file.close(),
  };
}

async function anew(handle: FileSystemFileHandle): Promise<StorageFile> {
  const before = await handle.getFile();
  const writing = await handle.createWritable({ keepExistingData: true });
  return {
    size: async () => before.size,
    read: async (at, length) => new Uint8Array(await before.slice(at, at + length).arrayBuffer()),
    write: (position, data) => writing.write({ type: 'write', position, data: data as Uint8Array<ArrayBuffer> }),
    truncate: (size) => writing.truncate(size),
    flush: async () => undefined, // the browser swaps the whole file in when it is closed
    close: () => writing.close(),
  };
}
