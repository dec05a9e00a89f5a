import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import { EaselError } from '../core/errors';
import { readLibraryRecord } from './library-record';

/** Everything Easel keeps in IndexedDB. Records carry their own version; the database's counts its stores. */
export interface EaselSchema extends DBSchema {
  results: { key: string; value: unknown; indexes: { number: number; picture: string } };
  /** PNG files by the SHA-256 of their bytes, so that the same picture is kept once; and a number (see gallery-db.ts). */
  pictures: { key: string; value: Blob | number };
  /** Models, LoRAs, embeddings and autoencoders that are known (see library-record.ts). */
  library: { key: string; value: unknown };
  /** Canvases in parts, each under its canvas's id and a name of its own (see canvas-db.ts). */
  canvases: { key: [canvas: string, part: string]; value: unknown };
}

export type EaselDatabase = IDBPDatabase<EaselSchema>;

/** Opens (and on the first visit makes) the database. */
export function openDatabase(): Promise<EaselDatabase> {
  return openDB<EaselSchema>('easel', 3, {
    async upgrade(database, from, _, upgrading) {
      if (from < 1) {
        const results = database.createObjectStore('results', { keyPath: 'id' });
        results.createIndex('number', 'number');
        results.createIndex('picture', 'picture');
        database.createObjectStore('pictures');
      }
      if (from < 2) database.createObjectStore('canvases');
      if (from < 3) {
        database.createObjectStore('library', { keyPath: 'id' });
        // Models were remembered in a store of their own before; its records become the library's.
        const before = database as unknown as IDBPDatabase;
        if (!before.objectStoreNames.contains('folders')) return;
        const folders = (upgrading as unknown as IDBPTransaction<unknown, string[], 'versionchange'>).objectStore(
          'folders',
        );
        for (const folder of await folders.getAll()) {
          const record = readLibraryRecord(folder);
          if (record) await upgrading.objectStore('library').put(record);
        }
        before.deleteObjectStore('folders');
      }
    },
  });
}

/** What a write threw, with what to do about it where the disk is full. */
export function diskError(thrown: unknown): unknown {
  if (!(thrown instanceof DOMException && thrown.name === 'QuotaExceededError')) return thrown;
  return new EaselError('quota', 'The disk space for this page is full. Download and delete some results.', {
    cause: thrown,
  });
}
