import type { IDBPTransaction } from 'idb';
import { type Database, diskError, type EaselDatabase, type EaselSchema } from '../persistence/database';
import { type ResultRecord, readResultRecord } from './result-record';

/** Keeps results; in tests a map stands in for it. */
export interface GalleryDb {
  /**
   * Every readable result, oldest first, with its PNG.
   * @param onUnreadable is told how many others there are, if any
   */
  all(onUnreadable: (count: number) => void): Promise<{ record: ResultRecord; png: Blob }[]>;
  /**
   * Keeps a new result, under the number that it has or, where that was given before, in whatever tab, under the next.
   */
  add(result: ResultRecord, png: Blob): Promise<ResultRecord>;
  /** Puts a removed result back as it was. */
  restore(record: ResultRecord, png: Blob): Promise<void>;
  remove(record: ResultRecord): Promise<void>;
}

/**
 * The gallery over IndexedDB. Each change is one transaction, so that two tabs may number their pictures at the same
 * time.
 */
export function createGalleryDb(database: Database): GalleryDb {
  return {
    all: async (onUnreadable) => readAll(await database.opened, onUnreadable),
    add: (result, png) => database.run((opened) => addResult(opened, result, png)),
    restore: (record, png) => database.run((opened) => restoreResult(opened, record, png)),
    remove: (record) => database.run((opened) => removeResult(opened, record)),
  };
}

async function readAll(database: EaselDatabase, onUnreadable: (count: number) => void) {
  // Not by the index of numbers, which leaves out a record without one.
  const values = await database.getAll('results');
  const records = values.map(readResultRecord).filter((record) => record !== undefined);
  records.sort((a, b) => a.number - b.number);
  const pngs = await Promise.all(records.map(({ picture }) => database.get('pictures', picture)));
  const results = records.flatMap((record, i) => {
    const png: unknown = pngs[i];
    return png instanceof Blob ? [{ record, png }] : [];
  });
  if (results.length < values.length) onUnreadable(values.length - results.length);
  return results;
}

/** Where the highest number lies that was ever given: the newest result may have been deleted. */
const LAST_NUMBER = 'last-number';

type Writing = IDBPTransaction<EaselSchema, ('results' | 'pictures')[], 'readwrite'>;

async function lastNumber(writing: Writing): Promise<number> {
  const newest = await writing.objectStore('results').index('number').openKeyCursor(null, 'prev');
  return Math.max(Number(newest?.key ?? 0), Number((await writing.objectStore('pictures').get(LAST_NUMBER)) ?? 0));
}

async function addResult(database: EaselDatabase, result: ResultRecord, png: Blob): Promise<ResultRecord> {
  const writing = database.transaction(['results', 'pictures'], 'readwrite');
  const last = await lastNumber(writing);
  const record = { ...result, number: Math.max(result.number, last + 1) };
  await putResult(writing, record, png, record.number);
  return record;
}

async function restoreResult(database: EaselDatabase, record: ResultRecord, png: Blob): Promise<void> {
  const writing = database.transaction(['results', 'pictures'], 'readwrite');
  await putResult(writing, record, png, Math.max(record.number, await lastNumber(writing)));
}

/** Record and picture are written together or not at all. */
async function putResult(writing: Writing, record: ResultRecord, png: Blob, last: number): Promise<void> {
  const pictures = writing.objectStore('pictures');
  try {
    const puts = [
      pictures.put(png, record.picture),
      writing.objectStore('results').put(record),
      pictures.put(last, LAST_NUMBER),
    ];
    // A page that is left before the browser commits by itself would lose them.
    writing.commit();
    await Promise.all([...puts, writing.done]);
  } catch (thrown) {
    throw diskError(thrown);
  }
}

/** The picture goes with the last record that shows it. */
async function removeResult(database: EaselDatabase, { id, picture }: ResultRecord): Promise<void> {
  await keepLastNumber(database);
  const writing = database.transaction(['results', 'pictures'], 'readwrite');
  await writing.objectStore('results').delete(id);
  const users = await writing.objectStore('results').index('picture').count(picture);
  if (users === 0) await writing.objectStore('pictures').delete(picture);
  await writing.done;
}

/**
 * Of results that version 0.1 added, only their own numbers tell the highest. A full disk, which refuses it, must not
 * keep anyone from making room.
 */
async function keepLastNumber(database: EaselDatabase): Promise<void> {
  const writing = database.transaction(['results', 'pictures'], 'readwrite');
  const put = lastNumber(writing).then((last) => writing.objectStore('pictures').put(last, LAST_NUMBER));
  await Promise.allSettled([put, writing.done]);
}

/** SHA-256 of a file in hex: what its picture is stored under. */
export async function contentHash(file: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
