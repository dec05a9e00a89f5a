import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

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
}

export type EaselDatabase = IDBPDatabase<EaselSchema>;

/** Opens (and on the first visit makes) the database. */
export function openDatabase(): Promise<EaselDatabase> {
  return openDB<EaselSchema>('easel', 1, {
    upgrade(database) {
      const results = database.createObjectStore('results', { keyPath: 'id' });
      results.createIndex('number', 'number');
      results.createIndex('picture', 'picture');
      database.createObjectStore('pictures');
      database.createObjectStore('folders', { keyPath: 'name' });
    },
  });
}
