import { type Database, diskError, type EaselDatabase } from './database';
import { type ResultRecord, readResultRecord } from './result-record';

/** Keeps results; in tests a map stands in for it. */
export interface GalleryDb {
  /** Every readable result, oldest first, with its PNG. */
  all(): Promise<{ record: ResultRecord; png: Blob }[]>;
  /** Keeps a new result and gives it its number. */
  add(result: Omit<ResultRecord, 'number'>, png: Blob): Promise<ResultRecord>;
  /** Puts a removed result back as it was. */
  restore(record: ResultRecord, png: Blob): Promise<void>;
  remove(record: ResultRecord): Promise<void>;
}

/** Runs work while no other tab writes. */
export type Exclusive = <T>(work: () => Promise<T>) => Promise<T>;

/** A Web Lock: people open two tabs, and both number their pictures. */
export const withGalleryLock: Exclusive = (work) =>
  navigator.locks.request('easel.gallery', work) as ReturnType<typeof work>;

/** The gallery over IndexedDB. */
export function createGalleryDb(database: Database, exclusive: Exclusive = withGalleryLock): GalleryDb {
  return {
    all: async () => readAll(await database.opened),
    add: (result, png) => database.run((opened) => exclusive(() => addResult(opened, result, png))),
    restore: (record, png) => database.run((opened) => exclusive(() => putResult(opened, record, png))),
    remove: (record) => database.run((opened) => exclusive(() => removeResult(opened, record))),
  };
}

async function readAll(database: EaselDatabase) {
  const values = await database.getAllFromIndex('results', 'number');
  const found = values.map(readResultRecord).filter((record) => record !== undefined);
  const pictures = await Promise.all(found.map(({ picture }) => database.get('pictures', picture)));
  return found.flatMap((record, i) => {
    const png = pictures[i];
    return png ? [{ record, png }] : [];
  });
}

async function addResult(database: EaselDatabase, result: Omit<ResultRecord, 'number'>, png: Blob) {
  const newest = await database.transaction('results').store.index('number').openKeyCursor(null, 'prev');
  const record = { ...result, number: Number(newest?.key ?? 0) + 1 };
  await putResult(database, record, png);
  return record;
}

/** Record and picture are written together or not at all. */
async function putResult(database: EaselDatabase, record: ResultRecord, png: Blob): Promise<void> {
  const writing = database.transaction(['results', 'pictures'], 'readwrite');
  try {
    await Promise.all([
      writing.objectStore('pictures').put(png, record.picture),
      writing.objectStore('results').put(record),
      writing.done,
    ]);
  } catch (thrown) {
    throw diskError(thrown);
  }
}

/** The picture goes with the last record that shows it. */
async function removeResult(database: EaselDatabase, { id, picture }: ResultRecord): Promise<void> {
  const writing = database.transaction(['results', 'pictures'], 'readwrite');
  await writing.objectStore('results').delete(id);
  const users = await writing.objectStore('results').index('picture').count(picture);
  if (users === 0) await writing.objectStore('pictures').delete(picture);
  await writing.done;
}

/** SHA-256 of a file in hex: what its picture is stored under. */
export async function contentHash(file: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
