import type { IDBPTransaction } from 'idb';
import { type Database, diskError, type EaselDatabase, type EaselSchema } from '../persistence/database';
import { type ResultRecord, readResultRecord } from './result-record';

/** Which results there are, before any of them is read. */
interface ResultList {
  /** Oldest first. */
  ids: string[];
  /** The highest number that was ever given. */
  lastNumber: number;
  /** How many more there are whose records have no number. */
  unreadable: number;
}

/** A result as it was read: its thumbnail, or its PNG where there is none yet. */
export type StoredResult =
  | { record: ResultRecord; thumbnail: Blob; png?: undefined }
  | { record: ResultRecord; thumbnail?: undefined; png: Blob };

/** Keeps results; in tests a map stands in for it. */
export interface GalleryDb {
  list(): Promise<ResultList>;
  /** By id; `unreadable` where the record is damaged, is of a newer Easel or has lost its picture. Others are gone. */
  read(ids: readonly string[]): Promise<ReadonlyMap<string, StoredResult | 'unreadable'>>;
  /** Ids of the results with a higher number, oldest first. */
  after(number: number): Promise<readonly string[]>;
  /** All records as they lie there, newest first, some at a time; nothing is checked. */
  records(): AsyncIterable<readonly unknown[]>;
  /** The PNG; undefined where it is gone. */
  picture(record: ResultRecord): Promise<Blob | undefined>;
  /** Keeps what shows a result while it is small, as long as its picture is there. */
  addThumbnail(record: ResultRecord, thumbnail: Blob): Promise<void>;
  /**
   * Keeps a new result, under the number that it has or, where that was given before, in whatever tab, under the next.
   */
  add(result: ResultRecord, png: Blob): Promise<ResultRecord>;
  /** Puts a removed result back as it was. */
  restore(record: ResultRecord, png: Blob): Promise<void>;
  remove(records: readonly ResultRecord[]): Promise<void>;
  /** Marks results as favourites, or no longer; those that are gone are left out. */
  mark(ids: readonly string[], favourite: boolean): Promise<void>;
}

/**
 * The gallery over IndexedDB. Each change is one transaction, so that two tabs may number their pictures at the same
 * time.
 */
export function createGalleryDb(database: Database): GalleryDb {
  return {
    list: async () => listResults(await database.opened),
    read: (ids) => database.run((opened) => readResults(opened, ids)),
    records: () => recordsOf(database),
    after: (number) => database.run((opened) => idsAfter(opened, number)),
    picture: (record) => database.run((opened) => pictureIn(opened.transaction(['pictures']), record)),
    addThumbnail: (record, thumbnail) => database.run((opened) => addThumbnail(opened, record, thumbnail)),
    add: (result, png) => database.run((opened) => addResult(opened, result, png)),
    restore: (record, png) => database.run((opened) => restoreResult(opened, record, png)),
    remove: (records) => database.run((opened) => removeResults(opened, records)),
    mark: (ids, favourite) => database.run((opened) => markResults(opened, ids, favourite)),
  };
}

type Store = 'results' | 'pictures' | 'thumbnails';
type Transaction = IDBPTransaction<EaselSchema, Store[], IDBTransactionMode>;

/** Only their keys: 2,000 records take a while to copy and check. */
async function listResults(database: EaselDatabase): Promise<ResultList> {
  const reading = database.transaction(['results', 'pictures']);
  const results = reading.objectStore('results');
  const [ids, count, last] = await Promise.all([
    results.index('number').getAllKeys(numbers()),
    results.count(),
    lastNumber(reading),
  ]);
  return { ids, lastNumber: last, unreadable: count - ids.length };
}

async function readResults(database: EaselDatabase, ids: readonly string[]) {
  const reading = database.transaction(['results', 'pictures', 'thumbnails']);
  const read = new Map<string, StoredResult | 'unreadable'>();
  await Promise.all(
    ids.map(async (id) => {
      const value = await reading.objectStore('results').get(id);
      if (value !== undefined) read.set(id, (await storedResult(reading, value)) ?? 'unreadable');
    }),
  );
  return read;
}

/** How many numbers are read at a time: as many records, which a page's thread takes a few milliseconds to copy. */
const NUMBERS_AT_A_TIME = 250;

async function* recordsOf(database: Database): AsyncGenerator<readonly unknown[]> {
  let range = numbers();
  for (;;) {
    const read = await database.run((opened) => newestOf(opened, range));
    if (!read) return;
    yield read.records;
    range = IDBKeyRange.upperBound(read.from, true);
  }
}

const idsAfter = (database: EaselDatabase, number: number): Promise<string[]> =>
  database.getAllKeysFromIndex('results', 'number', IDBKeyRange.bound(number, Number.MAX_SAFE_INTEGER, true));

async function newestOf(database: EaselDatabase, range: IDBKeyRange) {
  const byNumber = database.transaction('results').store.index('number');
  const newest = await byNumber.openKeyCursor(range, 'prev');
  if (!newest) return undefined;
  const from = newest.key - NUMBERS_AT_A_TIME + 1;
  const records: unknown[] = await byNumber.getAll(IDBKeyRange.bound(from, newest.key));
  return { records: records.reverse(), from };
}

async function storedResult(reading: Transaction, value: unknown): Promise<StoredResult | undefined> {
  const record = readResultRecord(value);
  if (!record) return undefined;
  const thumbnail: unknown = await reading.objectStore('thumbnails').get(record.picture);
  const isThere = (await reading.objectStore('pictures').getKey(record.picture)) !== undefined;
  if (isThere && thumbnail instanceof Blob) return { record, thumbnail };
  const png = await pictureIn(reading, record);
  return png && { record, png };
}

async function pictureIn(reading: Transaction, { picture }: ResultRecord): Promise<Blob | undefined> {
  const png: unknown = await reading.objectStore('pictures').get(picture);
  return png instanceof Blob ? png : undefined;
}

async function addThumbnail(database: EaselDatabase, { picture }: ResultRecord, thumbnail: Blob): Promise<void> {
  const writing = database.transaction(['pictures', 'thumbnails'], 'readwrite');
  const isThere = (await writing.objectStore('pictures').getKey(picture)) !== undefined;
  if (isThere) await writing.objectStore('thumbnails').put(thumbnail, picture);
  await writing.done;
}

/** Where the highest number lies that was ever given: the newest result may have been deleted. */
const LAST_NUMBER = 'last-number';

/** A damaged record may have a text in a number's place, which comes after all numbers. */
const numbers = () => IDBKeyRange.upperBound(Number.MAX_SAFE_INTEGER);

type Writing = IDBPTransaction<EaselSchema, Store[], 'readwrite'>;

async function lastNumber(reading: Transaction): Promise<number> {
  const newest = await reading.objectStore('results').index('number').openKeyCursor(numbers(), 'prev');
  return Math.max(Number(newest?.key ?? 0), Number((await reading.objectStore('pictures').get(LAST_NUMBER)) ?? 0));
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

/** The picture goes with the last record that shows it, and its thumbnail with it. */
async function removeResults(database: EaselDatabase, records: readonly ResultRecord[]): Promise<void> {
  await keepLastNumber(database);
  const writing = database.transaction(['results', 'pictures', 'thumbnails'], 'readwrite');
  for (const { id, picture } of records) {
    await writing.objectStore('results').delete(id);
    const users = await writing.objectStore('results').index('picture').count(picture);
    if (users === 0)
      for (const store of ['pictures', 'thumbnails'] as const) await writing.objectStore(store).delete(picture);
  }
  await writing.done;
}

/** Changes the mark alone: a record may hold what only a newer Easel knows of. */
async function markResults(database: EaselDatabase, ids: readonly string[], favourite: boolean): Promise<void> {
  const writing = database.transaction('results', 'readwrite');
  try {
    for (const id of ids) {
      const value: unknown = await writing.store.get(id);
      if (typeof value === 'object') await writing.store.put({ ...value, favourite });
    }
    await writing.done;
  } catch (thrown) {
    throw diskError(thrown);
  }
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
