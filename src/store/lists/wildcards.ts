import * as v from 'valibot';
import { create } from 'zustand';
import { wildcardName } from '../../core/text/dynamic/template';
import { wildcardKey, wildcardLines, type Wildcards, wildcardsFrom } from '../../core/text/dynamic/wildcards';
import { notify, undoBy } from '../notices';
import type { Database } from '../persistence/database';
import { createNamedDb, type NamedDb } from './named-db';
import { keepNamed, removeNamed, takeUpNamed } from './keep-named';

interface WildcardsState {
  /** The text of each list by its name, comments and all. */
  texts: ReadonlyMap<string, string>;
  /** The same for templates. */
  wildcards: Wildcards;
  /** Those of earlier visits are being read. */
  loading: boolean;
}

const NONE: WildcardsState = { texts: new Map(), wildcards: wildcardsFrom([]), loading: false };

/** The person's wildcards. */
export const useWildcards = create<WildcardsState>(() => NONE);

let db: NamedDb<string> | undefined;

/** Longer than any list that is used: it would be held in memory and looked through. */
const MAX_TEXT = 20_000_000;

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
  const earlier = await takeUpNamed(database, 'wildcard list');
  // What was added meanwhile is newer.
  setTexts(new Map([...earlier, ...useWildcards.getState().texts]));
  useWildcards.setState({ loading: false });
}

/** When those of earlier visits are there. */
export function wildcardsRead(): Promise<void> {
  return new Promise((resolve) => {
    if (!useWildcards.getState().loading) resolve();
    const stop = useWildcards.subscribe(({ loading }) => {
      if (loading) return;
      stop();
      resolve();
    });
  });
}

function setTexts(texts: ReadonlyMap<string, string>): void {
  const sorted = new Map([...texts].sort(([a], [b]) => (wildcardKey(a) < wildcardKey(b) ? -1 : 1)));
  const lists = Array.from(sorted, ([name, text]) => [name, wildcardLines(text)] as const);
  useWildcards.setState({ texts: sorted, wildcards: wildcardsFrom(lists) });
}

/** The name that a list has already, in whatever case; undefined where there is none such. */
const knownName = (name: string): string | undefined =>
  [...useWildcards.getState().texts.keys()].find((known) => wildcardKey(known) === wildcardKey(name));

/**
 * Keeps a list under a name; one of that name is replaced.
 * @param before the name that it had, where it is called otherwise now
 * @returns the name, which templates can say
 */
export function saveWildcard(name: string, text: string, before?: string): string {
  const kept = wildcardName(name);
  const replaced = [knownName(kept), before].filter((old) => old !== undefined && old !== kept);
  const texts = new Map(useWildcards.getState().texts);
  for (const old of replaced) {
    texts.delete(old ?? '');
    if (old !== undefined) removeNamed(db, 'wildcard', old);
  }
  setTexts(texts.set(kept, text));
  keepNamed(db, { kind: 'wildcard', label: `the wildcard list ${kept}`, name: kept, value: text });
  return kept;
}

/** Deletes a list, and offers to take it back. */
export function deleteWildcard(name: string): void {
  const texts = new Map(useWildcards.getState().texts);
  const text = texts.get(name);
  if (text === undefined) return;
  texts.delete(name);
  setTexts(texts);
  removeNamed(db, 'wildcard', name);
  notify(
    `Deleted the wildcard list ${name}.`,
    undoBy(() => saveWildcard(name, text)),
  );
}

/** A text file, and where it lay in a folder: its list's name without the ending. */
export interface WildcardFile {
  path: string;
  file: Blob;
}

/**
 * Adds lists from text files, which replace those of the same names; what was there can be put back. What is no text,
 * or holds no lines, is named.
 */
export async function addWildcards(files: readonly WildcardFile[]): Promise<void> {
  const before = useWildcards.getState().texts;
  const added: string[] = [];
  const left: string[] = [];
  for (const { path, file } of files) {
    const reason = file.size > MAX_TEXT ? 'larger than 20 MB' : undefined;
    const text = reason === undefined ? await file.text() : '';
    if (reason !== undefined) left.push(`${path}: ${reason}`);
    else if (text.includes('\0')) left.push(`${path}: no text`);
    else if (wildcardLines(text).length === 0) left.push(`${path}: no lines`);
    else added.push(saveWildcard(path.replace(/\.txt$/i, ''), text));
  }
  const shown = added.slice(0, MAX_NAMED).map((name) => `__${name}__`);
  const more = added.length > MAX_NAMED ? ` and ${added.length - MAX_NAMED} more` : '';
  const undo = added.length > 0 ? undoBy(() => putBack(added, before)) : undefined;
  notify(added.length > 0 ? `Added wildcards: ${shown.join(', ')}${more}.` : 'No wildcards were added.', undo, {
    details: { summary: `Not taken: ${left.length}`, lines: left },
  });
}

/** As many as a message can name. */
const MAX_NAMED = 4;

function putBack(names: readonly string[], before: ReadonlyMap<string, string>): void {
  for (const name of names) {
    const text = before.get(name);
    if (text !== undefined) saveWildcard(name, text);
    else {
      const texts = new Map(useWildcards.getState().texts);
      texts.delete(name);
      setTexts(texts);
      removeNamed(db, 'wildcard', name);
    }
  }
}
