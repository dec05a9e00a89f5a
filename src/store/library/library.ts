import { create } from 'zustand';
import { toEaselError } from '../../core/errors';
import type { FileKind } from '../../core/file-kinds';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { notify, undoBy } from '../notices';
import { tellUnreadable } from '../persistence/database';
import type { LibraryDb } from './library-db';
import { type Access, accessTo, sweepCopies } from './library-files';
import type { LibraryRecord, ModelChoices } from './library-record';
import { STARTER_ID, STARTER_RECORD } from './starter';
import { removeStored, restoreStored, tellChanged } from './stored-models';

/** A thing that is known, and whether it can be used just now. */
export interface LibraryEntry {
  record: LibraryRecord;
  access: Access;
}

/** What Easel knows: the starter, and the person's models, LoRAs, embeddings and autoencoders. */
export interface LibraryState {
  /** The starter first, then the one used last. */
  entries: readonly LibraryEntry[];
  /** Those that were removed and can be put back: their files are there until their space is needed. */
  removed: readonly LibraryRecord[];
  /** False until those of earlier visits are read. */
  loaded: boolean;
}

const STARTER_ENTRY: LibraryEntry = { record: STARTER_RECORD, access: 'ready' };

export const useLibrary = create<LibraryState>(() => ({ entries: [STARTER_ENTRY], removed: [], loaded: false }));

let db: LibraryDb | undefined;

/** Reads what earlier visits knew, and keeps what comes from now on. */
export async function connectLibrary(database: LibraryDb): Promise<void> {
  db = database;
  try {
    let unreadable = 0;
    const records = await database.all((count) => {
      unreadable = count;
    });
    useLibrary.setState({ removed: records.filter(({ removedAt }) => removedAt !== undefined) });
    unreadable += await showKnown(records.filter(({ removedAt }) => removedAt === undefined));
    if (unreadable > 0) tellUnreadable('files', texts.filesUnreadable)(unreadable);
    // A record that cannot be read may speak of a copy, too.
    else await sweepCopies(records);
  } catch (thrown) {
    const { code } = toEaselError(thrown);
    // The page says so itself.
    if (code !== 'no-storage') notify(texts.libraryUnread(errorText(thrown)));
  } finally {
    useLibrary.setState({ loaded: true });
  }
}

/**
 * Lists what earlier visits knew at once, behind what has come meanwhile: one by one, each would draw all before it
 * again.
 * @param records the one used last first
 * @returns of how many the browser refuses to say anything
 */
async function showKnown(records: readonly LibraryRecord[]): Promise<number> {
  const looked = await Promise.allSettled(
    records.map(async (record): Promise<LibraryEntry> => ({ record, access: await accessTo(record) })),
  );
  const known = looked.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []));
  useLibrary.setState(({ entries: [starter, ...others] }) => {
    const listed = new Set(others.map(({ record }) => record.id));
    const [own = starter] = known.filter(({ record }) => record.id === STARTER_ID);
    return { entries: [own, ...others, ...known.filter((entry) => entry !== own && !listed.has(entry.record.id))] };
  });
  return looked.length - known.length;
}

export function entryOf(id: string, { entries }: LibraryState = useLibrary.getState()): LibraryEntry | undefined {
  return entries.find(({ record }) => record.id === id);
}

export function entriesOf(kinds: readonly FileKind[], { entries }: LibraryState): readonly LibraryEntry[] {
  return entries.filter(({ record }) => kinds.includes(record.kind));
}

/** A thing whose hash begins so, where that is known. */
export function recordOfHash(kinds: readonly FileKind[], hash: string): LibraryRecord | undefined {
  const records = entriesOf(kinds, useLibrary.getState()).map(({ record }) => record);
  return records.find((record) => record.hash?.sha256.startsWith(hash));
}

/** Puts a record at the head of the list, in the place of one with its id; it is on the disk already. */
export async function showRecord(record: LibraryRecord): Promise<void> {
  const entry = { record, access: await accessTo(record) };
  useLibrary.setState(({ entries }) => {
    const others = entries.filter(({ record: { id } }) => id !== record.id);
    if (record.id === STARTER_ID) return { entries: [entry, ...others] };
    return { entries: others.toSpliced(1, 0, entry) };
  });
}

/** Adds a thing, in the place of one of its kind and name. */
export async function addRecord(record: LibraryRecord): Promise<void> {
  const known = entryOf(record.id)?.record;
  const { choices, test } = known ?? {};
  const added = { choices, test, ...record, facts: { ...known?.facts, ...record.facts } };
  await showRecord(added);
  await keep(added);
}

/** Changes what is known of a thing; nothing where it was removed meanwhile. */
export async function changeRecord(id: string, change: Partial<LibraryRecord>): Promise<void> {
  const entry = entryOf(id);
  if (!entry) return;
  const record = { ...entry.record, ...change };
  replace({ record, access: await accessTo(record) });
  await keep(record);
}

export function changeChoices(id: string, change: ModelChoices): Promise<void> {
  return changeRecord(id, { choices: { ...entryOf(id)?.record.choices, ...change } });
}

/** Looks again whether a thing can be used. */
export async function refreshAccess(id: string): Promise<void> {
  const entry = entryOf(id);
  if (entry) replace({ ...entry, access: await accessTo(entry.record) });
}

function replace(entry: LibraryEntry): void {
  useLibrary.setState(({ entries }) => ({
    entries: entries.map((other) => (other.record.id === entry.record.id ? entry : other)),
  }));
}

/**
 * Takes a thing off the list. What the browser keeps goes to the bin, a file on the disk stays where it is.
 * @param undone called when the person takes it back
 */
export async function removeRecord(id: string, undone: () => void = () => undefined): Promise<void> {
  const { entries } = useLibrary.getState();
  const at = entries.findIndex(({ record }) => record.id === id);
  const entry = entries[at];
  if (!entry || id === STARTER_ID) return;
  const { record } = entry;
  const { name, place } = record;
  const isStored = place.kind === 'stored';
  if (isStored) inTransit.add(place.model);
  useLibrary.setState(({ removed }) => ({
    entries: entries.toSpliced(at, 1),
    removed: isStored ? [...removed, record] : removed,
  }));
  const restore = async () => {
    if (await restoreRecord(record, at)) undone();
  };
  const told = isStored ? texts.movedToBin : place.kind === 'copy' ? texts.removedFromList : texts.removedFileStays;
  notify(
    told(name),
    undoBy(() => void restore()),
  );
  if (!isStored) return void (await db?.remove(id).catch(report));
  await keep({ ...record, removedAt: Date.now() });
  await removeStored(place.model).catch(report);
  inTransit.delete(place.model);
}

/** Models of the store that are being removed or put back: the list and the store do not agree on them just now. */
const inTransit = new Set<string>();

export const isInTransit = (model: string) => inTransit.has(model);

/** Puts a removed thing back to its place on the list. @returns whether its files are still there */
export async function restoreRecord(record: LibraryRecord, at = 1): Promise<boolean> {
  const { place } = record;
  if (place.kind !== 'stored') {
    await showRestored(record, at);
    return true;
  }
  inTransit.add(place.model);
  try {
    const isThere = await restoreStored(place.model);
    if (isThere) await showRestored(record, at);
    else {
      notify(texts.isGone(record.name));
      await dropRemoved([record]);
    }
    return isThere;
  } finally {
    inTransit.delete(place.model);
    tellChanged();
  }
}

async function showRestored({ removedAt: _, ...record }: LibraryRecord, at: number): Promise<void> {
  const entry = { record, access: await accessTo(record) };
  useLibrary.setState(({ removed }) => ({ removed: removed.filter(({ id }) => id !== record.id) }));
  // Another of its name has come meanwhile: what the store has of it is listed under a new one.
  if (entryOf(record.id)) return;
  useLibrary.setState(({ entries }) => ({ entries: entries.toSpliced(at, 0, entry) }));
  await keep(record);
}

/** Forgets removed things whose files are gone. */
export async function dropRemoved(gone: readonly LibraryRecord[]): Promise<void> {
  useLibrary.setState(({ removed }) => ({ removed: removed.filter((record) => !gone.includes(record)) }));
  for (const { id } of gone) if (!entryOf(id)) await db?.remove(id).catch(report);
}

/** What lies on the disk of a thing now; another tab may have changed it. */
export async function recordsOnDisk(): Promise<readonly LibraryRecord[]> {
  return (await db?.all(() => undefined)) ?? [];
}

/** Takes things off this tab's list that another tab has taken off. */
export function hideRecords(gone: (record: LibraryRecord) => boolean): void {
  useLibrary.setState(({ entries }) => {
    const left = entries.filter(({ record }) => !gone(record));
    return left.length === entries.length ? {} : { entries: left };
  });
}

/** Takes a thing off the list that turned out to be of no use. */
export async function forgetRecord(id: string): Promise<void> {
  useLibrary.setState(({ entries }) => ({ entries: entries.filter(({ record }) => record.id !== id) }));
  await db?.remove(id).catch(report);
}

async function keep(record: LibraryRecord): Promise<void> {
  await db?.put(record).catch(report);
}

function report(thrown: unknown): void {
  notify(texts.libraryUnchanged(errorText(thrown)));
}
