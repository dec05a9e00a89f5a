import { type Database, diskError } from '../persistence/database';
import { type LibraryRecord, readLibraryRecord } from './library-record';

/** Keeps what is known; in tests a map stands in for it. */
export interface LibraryDb {
  /**
   * Every readable record, the one used last first.
   * @param onUnreadable is told how many others there are, if any
   */
  all(onUnreadable: (count: number) => void): Promise<LibraryRecord[]>;
  put(record: LibraryRecord): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Runs work while no other tab writes. */
type Exclusive = <T>(work: () => Promise<T>) => Promise<T>;

/** A Web Lock: two tabs may add, remove and copy at the same time. */
export const withLibraryLock: Exclusive = (work) =>
  navigator.locks.request('easel.library', work) as ReturnType<typeof work>;

/** The library over IndexedDB. */
export function createLibraryDb(database: Database, exclusive: Exclusive = withLibraryLock): LibraryDb {
  return {
    async all(onUnreadable) {
      const values = await (await database.opened).getAll('library');
      const records = values.map(readLibraryRecord).filter((record) => record !== undefined);
      if (records.length < values.length) onUnreadable(values.length - records.length);
      return records.sort((a, b) => b.usedAt - a.usedAt);
    },
    put: (record) =>
      database.run((opened) =>
        exclusive(async () => {
          try {
            await opened.put('library', record);
          } catch (thrown) {
            throw diskError(thrown);
          }
        }),
      ),
    remove: (id) => database.run((opened) => exclusive(() => opened.delete('library', id))),
  };
}
