import { deleteDB, openDB } from 'idb';
import { errorText } from '../../texts/errors';

import { texts } from '../../texts/store';
import { type ArchivedFile, createArchives } from '../persistence/archive';
import type { EaselDatabase, EaselSchema } from '../persistence/database';

// What a page does that cannot go on with what is stored: it hands over a copy and begins anew. Nothing here may need a
// store that works, and a part that cannot be read must cost that part only.

const DATABASE = 'easel';
const OWN_KEYS = /^easel\./;
/** People's access tokens, which no copy holds. */
const SECRET_KEYS = /^easel\.secret\./;

/** A database that another tab is changing answers late or never. */
const OPEN_WITHIN_MS = 10_000;

/**
 * Hands over all that is stored but the models: pictures, records, settings, canvases.
 * @param save called with each archive; one unless there is more than a gigabyte
 * @returns what could not be read, in words
 */
export async function exportStored(save: (archive: Blob, index: number) => void, zipBytes?: number): Promise<string[]> {
  const missing: string[] = [];
  const archives = createArchives(save, zipBytes);
  const add = async (what: string, files: () => AsyncGenerator<ArchivedFile> | Generator<ArchivedFile>) => {
    try {
      for await (const file of files()) archives.add(file);
    } catch (thrown) {
      missing.push(texts.because(what, errorText(thrown)));
    }
  };
  await add(texts.theSettings, settingsFiles);
  try {
    const database = await openExisting();
    if (database) {
      await add(texts.listOfResults, () => recordFiles(database, 'results'));
      await add(texts.listOfModels, () => recordFiles(database, 'library'));
      if (database.objectStoreNames.contains('named')) await add(texts.listsAndPresets, () => namedFiles(database));
      await add(texts.picturesThemselves, () => pictureFiles(database));
      await add(texts.theCanvas, () => canvasFiles(database));
      database.close();
    }
  } catch (thrown) {
    missing.push(texts.because(texts.resultsModelsCanvas, errorText(thrown)));
  }
  archives.end();
  return missing;
}

/** The database as it is, of whatever version; undefined where there is none. */
async function openExisting(): Promise<EaselDatabase | undefined> {
  let isNew = false;
  const opening = openDB<EaselSchema>(DATABASE, undefined, {
    upgrade(_, __, ___, upgrading) {
      // Made empty here, it would lack its stores for good.
      isNew = true;
      upgrading.done.catch(() => undefined);
      upgrading.abort();
    },
  });
  const late = new Promise<never>((_, reject) => {
    setTimeout(reject, OPEN_WITHIN_MS, new Error('the database does not open; close the other tabs of Easel'));
  });
  try {
    return await Promise.race([opening, late]);
  } catch (thrown) {
    if (isNew) return undefined;
    throw thrown;
  }
}

const textFile = (path: string, value: unknown): ArchivedFile => {
  const text = JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner), 2);
  return { path, bytes: new TextEncoder().encode(text) };
};

function* settingsFiles(): Generator<ArchivedFile> {
  const own = Object.entries(localStorage).filter(([key]) => OWN_KEYS.test(key) && !SECRET_KEYS.test(key));
  yield textFile('settings.json', Object.fromEntries(own));
}

async function* recordFiles(database: EaselDatabase, store: 'results' | 'library'): AsyncGenerator<ArchivedFile> {
  yield textFile(`${store}.json`, await database.getAll(store));
}

/** Wildcards, styles and what else has a name of the person's: each under it, where there are any. */
async function* namedFiles(database: EaselDatabase): AsyncGenerator<ArchivedFile> {
  const keys = await database.getAllKeys('named');
  const values = await database.getAll('named');
  if (keys.length > 0)
    yield textFile(
      'named.json',
      keys.map((key, at) => ({ key, value: values[at] })),
    );
}

/** Every PNG, those of records that cannot be read too. Its settings stand in it. */
async function* pictureFiles(database: EaselDatabase): AsyncGenerator<ArchivedFile> {
  for (const hash of await database.getAllKeys('pictures')) {
    const png: unknown = await database.get('pictures', hash);
    if (png instanceof Blob) yield { path: `pictures/${hash}.png`, bytes: new Uint8Array(await png.arrayBuffer()) };
  }
}

async function* canvasFiles(database: EaselDatabase): AsyncGenerator<ArchivedFile> {
  // Loaded here alone: the copy must not need the editor.
  const { storedCanvases } = await import('../canvas/stored-canvases');
  let number = 0;
  for await (const bytes of storedCanvases(database)) yield { path: `canvas-${++number}.png`, bytes };
}

const RESET = 'easel.reset';

/** Opens the page anew, which then deletes all that is stored: nothing of this visit can write it again. */
export function resetStored(): void {
  sessionStorage.setItem(RESET, 'asked');
  location.reload();
}

/**
 * Deletes what is stored where the visit before asked for it.
 * @param onBlocked called where another tab must be closed first; the deletion goes on once it is
 */
export async function resetIfAsked(onBlocked: () => void): Promise<void> {
  if (!isResetAsked()) return;
  sessionStorage.removeItem(RESET);
  for (const key of Object.keys(localStorage)) if (OWN_KEYS.test(key)) localStorage.removeItem(key);
  await deleteDB(DATABASE, { blocked: onBlocked });
  // Rejects where there are no such files, or no place for them (private windows).
  await navigator.storage
    .getDirectory()
    .then((files) => files.removeEntry('library', { recursive: true }))
    .catch(() => undefined);
}

function isResetAsked(): boolean {
  try {
    return sessionStorage.getItem(RESET) !== null;
  } catch {
    return false; // where site data is blocked, nothing is stored
  }
}
