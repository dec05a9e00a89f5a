import * as v from 'valibot';
import { create } from 'zustand';
import { wildcardName } from '../../core/text/dynamic/template';
import { type Wildcards, wildcardKey, wildcardLines, wildcardsFrom } from '../../core/text/dynamic/wildcards';
import { texts } from '../../texts/studio';
import { notify, undoBy } from '../notices';
import type { Database } from '../persistence/database';
import { changeNamed, type NamedChange, takeUpNamed } from './keep-named';
import { createNamedDb, type NamedDb } from './named-db';

interface WildcardsState {
  /** The text of each list by its name, comments and all, in the order of the names. */
  lists: ReadonlyMap<string, string>;
  /** The same for templates. */
  wildcards: Wildcards;
  /** Those of earlier visits are being read. */
  loading: boolean;
}

/** The person's wildcards. */
export const useWildcards = create<WildcardsState>(() => ({
  lists: new Map(),
  wildcards: wildcardsFrom([]),
  loading: false,
}));

let db: NamedDb<string> | undefined;

/** Longer than any list that is used: all are held in memory. */
const MAX_BYTES = 20_000_000;

const RecordSchema = v.object({ v: v.literal(1), text: v.string() });

/** The wildcards' place on the disk. */
export const createWildcardsDb = (database: Database): NamedDb<string> =>
  createNamedDb(database, {
    kind: 'wildcard',
    write: (text) => ({ v: 1, text }),
    read: (record) => {
      const read = v.safeParse(RecordSchema, record);
      return read.success ? read.output.text : undefined;
    },
  });

/** Takes up the lists of earlier visits and keeps every change from now on. */
export async function connectWildcards(database: NamedDb<string>): Promise<void> {
  db = database;
  useWildcards.setState({ loading: true });
  const earlier = await takeUpNamed(database, 'wildcard', texts.unread);
  // What was added meanwhile is newer.
  show(new Map([...earlier, ...useWildcards.getState().lists]));
  useWildcards.setState({ loading: false });
}

/** Longer than a disk takes; where another tab holds the database, they do not come at all. */
const PATIENCE_MS = 5000;

/** Comes when those of earlier visits are there, or do not come. */
export function wildcardsRead(): Promise<void> {
  if (!useWildcards.getState().loading) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      stop();
      clearTimeout(given);
      resolve();
    };
    const stop = useWildcards.subscribe(({ loading }) => !loading && end());
    const given = setTimeout(end, PATIENCE_MS);
  });
}

function show(lists: ReadonlyMap<string, string>): void {
  const sorted = new Map([...lists].sort(([a], [b]) => (wildcardKey(a) < wildcardKey(b) ? -1 : 1)));
  const lines = Array.from(sorted, ([name, text]) => [name, wildcardLines(text)] as const);
  useWildcards.setState({ lists: sorted, wildcards: wildcardsFrom(lines) });
}

/** Keeps lists under their names, and takes those off that have no text. */
function change(changes: Iterable<NamedChange<string>>): void {
  show(changeNamed(useWildcards.getState().lists, changes, { db, kind: 'wildcard', labelOf: texts.wildcardList }));
}

/** The list that has a name already, in whatever case. */
function namedAlready(name: string): string | undefined {
  const key = wildcardKey(name);
  return [...useWildcards.getState().lists.keys()].find((known) => wildcardKey(known) === key);
}

/**
 * Keeps a list under a name that templates can say; one of that name is replaced.
 * @param before the name that it had, where it is called otherwise now
 * @returns the name
 */
export function saveWildcard(name: string, text: string, before?: string): string {
  const kept = wildcardName(name);
  const replaced = [namedAlready(kept), before].filter((old) => old !== undefined && old !== kept);
  change([...replaced.map((old) => [old as string, undefined] as const), [kept, text]]);
  return kept;
}

/** Deletes a list, and offers to take it back. */
export function deleteWildcard(name: string): void {
  const text = useWildcards.getState().lists.get(name);
  if (text === undefined) return;
  change([[name, undefined]]);
  notify(
    texts.deletedWildcard(name),
    undoBy(() => change([[name, text]])),
  );
}

/** A text file, and where it lay in a folder: its list's name with the ending. */
export interface WildcardFile {
  path: string;
  file: Blob;
}

/**
 * Adds lists from text files, which replace those of the same names; what was there can be put back. What is no text,
 * or holds no lines, is named.
 */
export async function addWildcards(files: readonly WildcardFile[]): Promise<void> {
  const added = new Map<string, string>();
  const left: string[] = [];
  for (const { path, file } of files) {
    const text = file.size > MAX_BYTES ? undefined : await file.text();
    const name = wildcardName(path.replace(/\.txt$/i, ''));
    if (text === undefined) left.push(texts.tooLarge(path));
    else if (text.includes('\0')) left.push(texts.noText(path));
    else if (wildcardLines(text).length === 0) left.push(texts.noLines(path));
    else added.set(namedAlready(name) ?? name, text);
  }
  const { lists } = useWildcards.getState();
  const before = Array.from(added.keys(), (name) => [name, lists.get(name)] as const);
  change(added);
  notify(texts.addedWildcards([...added.keys()]), added.size > 0 ? undoBy(() => change(before)) : undefined, {
    details: { summary: texts.notTaken(left.length), lines: left },
  });
}
