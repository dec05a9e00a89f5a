import { type DBSchema, type IDBPDatabase, type IDBPTransaction, type OpenDBCallbacks, openDB } from 'idb';
import { create } from 'zustand';
import { EaselError, said } from '../../core/errors';
import { texts } from '../../texts/store';
import { notify } from '../notices';

/** Everything Easel keeps in IndexedDB. Records carry their own version; the database's counts its stores. */
export interface EaselSchema extends DBSchema {
  results: { key: string; value: unknown; indexes: { number: number; picture: string } };
  /**
   * PNG files by the SHA-256 of their bytes, so that the same picture is kept once; and a number (see gallery-db.ts).
   */
  pictures: { key: string; value: Blob | number };
  /** Small pictures of those, by the same key; made again where they are missing. */
  thumbnails: { key: string; value: Blob };
  /** Models, LoRAs, embeddings and autoencoders that are known (see library-record.ts). */
  library: { key: string; value: unknown };
  /** Canvases in parts, each under its canvas's id and a name of its own (see canvas-db.ts). */
  canvases: { key: [canvas: string, part: string]; value: unknown };
  /** What each page has queued, in parts under an id of the page's and a name of their own (see jobs/queue-db.ts). */
  jobs: { key: [page: string, part: string]; value: unknown };
  /** What people keep by a name of theirs: wildcards, tag lists, styles, presets (see lists/named-db.ts). */
  named: { key: [kind: string, name: string]; value: unknown };
}

export type EaselDatabase = IDBPDatabase<EaselSchema>;

/** The database as the page uses it: it may come late, go, or never come, and nothing on the page hangs with it. */
export interface Database {
  /**
   * The connection when there is one, however late: for what may come late. Rejects with `no-storage` where there will
   * be none.
   */
  readonly opened: Promise<EaselDatabase>;
  /**
   * Does work on the connection. Where it is open the work begins at once, in the same task: a page that goes has no
   * other.
   * @throws EaselError `no-storage` at once where there is no connection to wait for, else after the limit
   */
  run<T>(work: (database: EaselDatabase) => Promise<T>): Promise<T>;
}

type StorageState =
  | 'opening'
  | 'open'
  /** A tab with an older Easel holds the database. It opens when that tab goes. */
  | 'blocked'
  /** The browser has not answered within the limit; it still may. */
  | 'silent'
  /** A newer Easel has changed the database, before this page asked for it or since. */
  | 'outdated'
  /** The browser keeps nothing for this page. */
  | 'refused';

/** How the page stands to what it keeps, and what to tell the person where that is not well. */
export const useStorage = create<{
  state: StorageState;
  trouble?: string;
  /** The same of settings and prompts, which are kept apart from the database. */
  settingsTrouble?: string;
}>(() => ({ state: 'opening' }));

/** Read when it is said: this may be here before the language is chosen. */
const troubleOf = (state: StorageState): string | undefined =>
  ({
    opening: undefined,
    open: undefined,
    blocked: texts.storageBlocked,
    silent: texts.storageSilent,
    outdated: texts.storageOutdated,
    refused: texts.storageRefused,
  })[state];

function become(state: StorageState): void {
  useStorage.setState({ state, trouble: troubleOf(state) });
}

const noStorage = (cause?: unknown) =>
  new EaselError('no-storage', said`The browser’s storage is not open: the top of the page says more.`, { cause });

/** Far above what a write takes, and about as long as anyone waits for a picture that is done. */
const LIMIT_MS = 10_000;

/** Opens (and on the first visit makes) the database, and opens it again where the browser closes it. */
export function openDatabase(limitMs = LIMIT_MS): Database {
  let connection: EaselDatabase | undefined;
  const running = new Set<Promise<unknown>>();

  const open = (): Promise<EaselDatabase> => {
    const terminated = () => {
      connection = undefined;
      opening = open();
    };
    const opened = connect(limitMs, {
      opened: (database) => {
        connection = database;
      },
      blocking: () => void giveWay(),
      terminated,
    });
    opened.catch(() => undefined); // the state tells it, also where nobody waits
    return opened;
  };

  /** Lets a newer Easel have the database. Who listens to the state writes what it has left, and it is waited for. */
  const giveWay = async (): Promise<void> => {
    const closing = connection;
    become('outdated');
    connection = undefined;
    await Promise.allSettled(running);
    closing?.close();
  };

  const begin = async <T>(work: (database: EaselDatabase) => Promise<T>): Promise<T> => {
    if (connection) return work(connection);
    if (useStorage.getState().trouble !== undefined) throw noStorage();
    return work(await opening);
  };

  let opening = open();
  return {
    opened: opening,
    run(work) {
      const done = withinLimit(begin(work), limitMs);
      running.add(done);
      return done.finally(() => running.delete(done));
    },
  };
}

/** What becomes of a connection: it stands, a newer Easel wants it, the browser has closed it. */
interface Connected {
  opened(database: EaselDatabase): void;
  blocking(): void;
  terminated(): void;
}

/** @throws EaselError `no-storage` where there will be none */
async function connect(limitMs: number, { opened, blocking, terminated }: Connected): Promise<EaselDatabase> {
  become('opening');
  const silence = setTimeout(() => become('silent'), limitMs);
  const blocked = () => {
    clearTimeout(silence);
    become('blocked');
  };
  try {
    const database = await openDB<EaselSchema>('easel', 6, { upgrade, blocked, blocking, terminated });
    opened(database);
    become('open');
    return database;
  } catch (thrown) {
    const isNewer = thrown instanceof DOMException && thrown.name === 'VersionError';
    become(isNewer ? 'outdated' : 'refused');
    throw noStorage(thrown);
  } finally {
    clearTimeout(silence);
  }
}

/**
 * A promise waited for so long and no longer. What it stands for goes on.
 * @throws EaselError `no-storage` after the limit
 */
function withinLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new EaselError('no-storage', said`${texts.storageSilent}`)), limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

const upgrade: OpenDBCallbacks<EaselSchema>['upgrade'] = async (database, from, _, upgrading) => {
  if (from < 1) {
    const results = database.createObjectStore('results', { keyPath: 'id' });
    results.createIndex('number', 'number');
    results.createIndex('picture', 'picture');
    database.createObjectStore('pictures');
  }
  if (from < 2) database.createObjectStore('canvases');
  if (from < 4) database.createObjectStore('thumbnails');
  if (from < 5) database.createObjectStore('jobs');
  if (from < 6) database.createObjectStore('named');
  if (from < 3) {
    database.createObjectStore('library', { keyPath: 'id' });
    // Models were remembered in a store of their own before. Its records become the library's, which knows how to read
    // them, under the ids that it has for them.
    const before = database as unknown as IDBPDatabase;
    if (!before.objectStoreNames.contains('folders')) return;
    const folders = (upgrading as unknown as IDBPTransaction<unknown, string[], 'versionchange'>).objectStore(
      'folders',
    );
    for (const folder of await folders.getAll())
      await upgrading.objectStore('library').put({ ...folder, id: `model:${nameOf(folder)}` });
    before.deleteObjectStore('folders');
  }
};

const nameOf = ({ name }: { name?: unknown }) => String(name).replace(/\.safetensors$/i, '');

/** Says that records are left out: damaged, or written by a newer Easel. They stay where they are. */
export const tellUnreadable =
  (what: string, message: (count: number) => string) =>
  (count: number): void =>
    notify(message(count), undefined, { about: `unreadable:${what}` });

/** What a write threw, with what to do about it where the disk is full. */
export function diskError(thrown: unknown): unknown {
  if (!(thrown instanceof DOMException && thrown.name === 'QuotaExceededError')) return thrown;
  return new EaselError('quota', said`The disk space for this page is full. Download and delete some results.`, {
    cause: thrown,
  });
}
