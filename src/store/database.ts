import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { EaselError } from '../core/errors';

/** Everything Easel keeps in IndexedDB. Records carry their own version; the database's counts its stores. */
export interface EaselSchema extends DBSchema {
  results: { key: string; value: unknown; indexes: { number: number; picture: string } };
  /** PNG files by the SHA-256 of their bytes, so that the same picture is kept once. */
  pictures: { key: string; value: Blob };
  /** Model folders and files opened from the disk, where the browser gives handles that outlive a visit. */
  folders: {
    key: string;
    value: { name: string; handle: FileSystemDirectoryHandle | FileSystemFileHandle; openedAt: number };
  };
  /** Canvases in parts, each under its canvas's id and a name of its own (see canvas-db.ts). */
  canvases: { key: [canvas: string, part: string]; value: unknown };
}

export type EaselDatabase = IDBPDatabase<EaselSchema>;

/** Opens (and on the first visit makes) the database. */
export function openDatabase(): Promise<EaselDatabase> {
  return openDB<EaselSchema>('easel', 2, {
    upgrade(database, from) {
      if (from < 1) {
        const results = database.createObjectStore('results', { keyPath: 'id' });
        results.createIndex('number', 'number');
        results.createIndex('picture', 'picture');
        database.createObjectStore('pictures');
        database.createObjectStore('folders', { keyPath: 'name' });
      }
      if (from < 2) database.createObjectStore('canvases');
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
