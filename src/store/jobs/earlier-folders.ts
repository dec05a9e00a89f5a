import * as v from 'valibot';
import { toEaselError } from '../../core/errors';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/folder';
import { createNamedDb, type NamedDb } from '../lists/named-db';
import { notify } from '../notices';
import type { Database } from '../persistence/database';
import { DirectoryHandleSchema } from '../persistence/directory-handle';

/** From where pictures are read, and to where they are written. */
type FolderUse = 'from' | 'to';

const RecordSchema = v.object({ v: v.literal(1), folder: DirectoryHandleSchema });

/** The folders' place on the disk, so that a batch goes on after a reload. */
export const createFoldersDb = (database: Database): NamedDb<FileSystemDirectoryHandle> =>
  createNamedDb(database, {
    kind: 'batch-folder',
    write: (folder) => ({ v: 1, folder }),
    read: (record) => {
      const read = v.safeParse(RecordSchema, record);
      return read.success ? read.output.folder : undefined;
    },
  });

let db: NamedDb<FileSystemDirectoryHandle> | undefined;

/** Says where folders are kept. They are read when somebody asks for them. */
export function connectFolders(database: NamedDb<FileSystemDirectoryHandle>): void {
  db = database;
}

/** Keeps a folder for later visits. */
export async function keepFolder(use: FolderUse, folder: FileSystemDirectoryHandle): Promise<void> {
  await db?.put(use, folder).catch((thrown) => notify(texts.notKept(folder.name, errorText(thrown))));
}

/** The folders that were chosen last, also on earlier visits. */
export async function earlierFolders(): Promise<Partial<Record<FolderUse, FileSystemDirectoryHandle>>> {
  try {
    // One that cannot be read any more is chosen anew.
    return Object.fromEntries((await db?.all(() => undefined)) ?? []);
  } catch (thrown) {
    // The page says so itself.
    if (toEaselError(thrown).code !== 'no-storage') notify(texts.earlierUnread(errorText(thrown)));
    return {};
  }
}
