import * as v from 'valibot';
import { create } from 'zustand';
import { toEaselError } from '../../core/errors';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { createNamedDb, type NamedDb } from '../lists/named-db';
import { dismissNotice, notify, useNotices } from '../notices';
import type { Database } from '../persistence/database';
import { DirectoryHandleSchema } from '../persistence/directory-handle';
import { canPickFolders } from '../persistence/write-whole';
import { type GalleryState, lastResultNumber, resultsAfter, storedPicture, useGallery } from './gallery';
import { saveArchive } from './save-archive';
import { writerInto } from './write-into-folder';

/** A folder into which every result is written. */
interface Autosave {
  folder: FileSystemDirectoryHandle;
  /** The number of the last result that is done: those after it are still to be written. */
  upTo: number;
}

interface AutosaveState {
  /** Where results are written by themselves, if anywhere. */
  folder?: FileSystemDirectoryHandle;
  /** Why the last of them could not be: a sentence. */
  trouble?: string;
  /** While all results are being saved. */
  saving?: { done: number; of: number };
}

export const useAutosave = create<AutosaveState>(() => ({}));

/** The one name in its kind. */
const FOLDER = 'folder';

const RecordSchema = v.object({
  v: v.literal(1),
  folder: DirectoryHandleSchema,
  upTo: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

/** The folder's place on the disk: browsers keep a folder's handle, and ask the person again now and then. */
export const createAutosaveDb = (database: Database): NamedDb<Autosave> =>
  createNamedDb(database, {
    kind: 'autosave',
    write: (autosave) => ({ v: 1, ...autosave }),
    read: (record) => {
      const read = v.safeParse(RecordSchema, record);
      return read.success ? read.output : undefined;
    },
  });

let db: NamedDb<Autosave> | undefined;

/** Takes up the folder of earlier visits, and writes results into it from now on. */
export async function connectAutosave(database: NamedDb<Autosave>): Promise<void> {
  db = database;
  useGallery.subscribe((now, before) => newestSaved(now) !== newestSaved(before) && void saveNew());
  try {
    useAutosave.setState({ folder: (await kept())?.folder });
  } catch (thrown) {
    // The page says so itself.
    if (toEaselError(thrown).code !== 'no-storage') notify(texts.autosaveUnread(errorText(thrown)));
  }
  await saveNew();
}

const kept = async (): Promise<Autosave | undefined> =>
  (await db?.all(() => notify(texts.autosaveUnreadable)))?.get(FOLDER);

const newestSaved = ({ ids, results }: GalleryState) => (results[ids[0]]?.saved ? ids[0] : undefined);

/** Lets the person pick a folder. @returns undefined where none was picked */
async function pickFolder(): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    return await window.showDirectoryPicker?.({ id: 'results', mode: 'readwrite' });
  } catch (thrown) {
    if (!(thrown instanceof DOMException && thrown.name === 'AbortError')) notify(errorText(thrown));
    return undefined;
  }
}

/** Writes every result from now on into a folder that the person picks. */
export async function chooseAutosave(): Promise<void> {
  const folder = await pickFolder();
  if (!folder) return;
  useAutosave.setState({ folder });
  settle();
  await change(() => db?.put(FOLDER, { folder, upTo: lastResultNumber() }));
}

/** Writes no more results by itself; the files stay. */
export async function stopAutosave(): Promise<void> {
  useAutosave.setState({ folder: undefined });
  settle();
  await change(() => db?.remove(FOLDER));
}

/** One tab at a time, and no choice while a picture is being written. */
const alone = <T>(work: () => Promise<T> | undefined) => navigator.locks.request('easel.autosave', async () => work());

async function change(work: () => Promise<void> | undefined): Promise<void> {
  await alone(work).catch((thrown) => notify(texts.autosaveNotKept(errorText(thrown))));
}

let running: Promise<void> | undefined;
let isAsked = false;

/** Writes what is not in the folder yet, oldest first; also what comes meanwhile. */
function saveNew(): Promise<void> {
  isAsked = true;
  running ??= (async () => {
    while (isAsked) {
      isAsked = false;
      await writeAll().catch(tellTrouble);
    }
    running = undefined;
  })();
  return running;
}

async function writeAll(): Promise<void> {
  const missing = new Set<string>();
  while (await alone(() => writeNext(missing)));
}

/**
 * Writes the oldest result that is not in the folder yet.
 * @param missing those that cannot be read, or were deleted
 * @returns whether there may be another
 */
async function writeNext(missing: Set<string>): Promise<boolean> {
  const autosave = await kept();
  const ids = autosave ? (await resultsAfter(autosave.upTo)).filter((id) => !missing.has(id)) : [];
  if (!autosave || ids.length === 0) {
    settle();
    return false;
  }
  const { folder } = autosave;
  if ((await folder.queryPermission?.({ mode: 'readwrite' })) === 'prompt') {
    tellPermission(folder, ids.length);
    return false;
  }
  const stored = await storedPicture(ids[0]);
  if (stored) {
    await writerInto(folder)(stored);
    await db?.put(FOLDER, { folder, upTo: stored.record.number });
  } else missing.add(ids[0]);
  return true;
}

/** Nothing tells a page that there is room on a disk again, or that a drive is back. */
const RETRY_MS = 30_000;
let retrying: ReturnType<typeof setTimeout> | undefined;

/** What is said of autosave: one message at a time. */
const ABOUT = 'autosave';

function settle(): void {
  clearTimeout(retrying);
  useAutosave.setState({ trouble: undefined });
  for (const { id, about } of useNotices.getState().notices) if (about === ABOUT) dismissNotice(id);
}

function tellPermission(folder: FileSystemDirectoryHandle, count: number): void {
  tell(texts.autosavePermission(folder.name, count), { label: texts.allow, run: () => void allowAutosave() });
}

/** Asks the browser for the folder again, which it answers to a click only. */
export async function allowAutosave(): Promise<void> {
  await useAutosave.getState().folder?.requestPermission?.({ mode: 'readwrite' });
  await saveNew();
}

function tellTrouble(thrown: unknown): void {
  const { folder } = useAutosave.getState();
  if (!folder) return;
  tell(texts.autosaveFailed(folder.name, reasonOf(thrown)), { label: texts.tryAgain, run: () => void allowAutosave() });
}

/** It stays until it is dismissed, is said anew only where it is another, and is tried again by itself. */
function tell(trouble: string, action: { label: string; run(): void }): void {
  if (useAutosave.getState().trouble !== trouble) notify(trouble, action, { stays: true, about: ABOUT });
  useAutosave.setState({ trouble });
  clearTimeout(retrying);
  retrying = setTimeout(() => void saveNew(), RETRY_MS);
}

/** Why a folder took no file, in words. */
function reasonOf(thrown: unknown): string {
  switch (thrown instanceof DOMException ? thrown.name : undefined) {
    case 'NotAllowedError':
    case 'SecurityError':
      return texts.folderNotAllowed;
    case 'NotFoundError':
      return texts.folderGone;
    case 'QuotaExceededError':
      return texts.folderFull;
    default:
      return errorText(thrown);
  }
}

let isCancelled = false;

/** Ends the saving of all results; what is saved stays. */
export function cancelSaveAll(): void {
  isCancelled = true;
}

/**
 * Saves all results: into autosave's folder, or one that the person picks; as a ZIP where the browser writes into none.
 * Files that are there already stay, so that what was stopped goes on.
 * @param save hands over a ZIP
 */
export async function saveAll(save: (file: Blob, name: string) => void): Promise<void> {
  const ids = useGallery.getState().ids.toReversed();
  if (!canPickFolders()) return saveArchive(ids, save);
  const folder = useAutosave.getState().folder ?? (await pickFolder());
  if (!folder || useAutosave.getState().saving) return;
  await folder.requestPermission?.({ mode: 'readwrite' });
  isCancelled = false;
  let done = 0;
  let missing = 0;
  try {
    const write = writerInto(folder);
    for (const id of ids) {
      if (isCancelled) break;
      useAutosave.setState({ saving: { done, of: ids.length } });
      const stored = await storedPicture(id);
      if (stored) await write(stored);
      else missing++;
      done++;
    }
    notify(texts.savedAll(done - missing, ids.length, folder.name));
  } catch (thrown) {
    notify(texts.savedPart(done - missing, ids.length, folder.name, reasonOf(thrown)), undefined, { stays: true });
  } finally {
    useAutosave.setState({ saving: undefined });
  }
}
