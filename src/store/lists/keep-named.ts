import { toEaselError } from '../../core/errors';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { notify } from '../notices';
import { tellUnreadable } from '../persistence/database';
import { markSaved, markUnsaved } from '../persistence/unsaved';
import type { NamedDb } from './named-db';

/** A thing that is to be kept under a name. */
interface Kept<T> {
  kind: string;
  /** As it stands in a list of what is not saved. */
  label: string;
  name: string;
  value: T;
}

/** Of each name, what was asked last: an older write that fails late says nothing of it. */
const newest = new Map<string, unknown>();

const idOf = (kind: string, name: string) => `easel.${kind} ${name}`;

/** Writes a thing to the disk; what the disk refuses is tried again, and told until then. */
export function keepNamed<T>(db: NamedDb<T> | undefined, kept: Kept<T>): void {
  const { kind, label, name, value } = kept;
  const id = idOf(kind, name);
  newest.set(id, kept);
  db?.put(name, value).then(
    () => newest.get(id) === kept && markSaved(id),
    (thrown) => {
      if (newest.get(id) !== kept) return;
      markUnsaved(id, { what: label, why: errorText(thrown), retry: () => keepNamed(db, kept) });
    },
  );
}

/** Takes a thing off the disk; what was not saved of it yet need not be. */
function removeNamed<T>(db: NamedDb<T> | undefined, kind: string, name: string): void {
  const id = idOf(kind, name);
  newest.delete(id);
  markSaved(id);
  db?.remove(name).catch((thrown) => notify(texts.staysOnDisk(name, errorText(thrown))));
}

/** What a thing becomes by its name; undefined where it goes. */
export type NamedChange<T> = readonly [name: string, value: T | undefined];

/** Where a kind of things is kept, and how one is called in a list of what is not saved. */
interface NamedPlace<T> {
  db: NamedDb<T> | undefined;
  kind: string;
  labelOf(name: string): string;
}

/** Things by their names after changes, which the disk follows. */
export function changeNamed<T>(
  before: ReadonlyMap<string, T>,
  changes: Iterable<NamedChange<T>>,
  { db, kind, labelOf }: NamedPlace<T>,
): Map<string, T> {
  const after = new Map(before);
  for (const [name, value] of changes) {
    if (value === undefined) {
      after.delete(name);
      removeNamed(db, kind, name);
    } else {
      after.set(name, value);
      keepNamed(db, { kind, label: labelOf(name), name, value });
    }
  }
  return after;
}

/** What is said where some of a kind cannot be read, and where none can. */
interface Unread {
  some(count: number): string;
  all(why: string): string;
}

/** What earlier visits left; nothing, with a message, where it cannot be read. */
export async function takeUpNamed<T>(db: NamedDb<T>, kind: string, unread: Unread): Promise<Map<string, T>> {
  try {
    return await db.all(tellUnreadable(kind, unread.some));
  } catch (thrown) {
    const { code } = toEaselError(thrown);
    // The page says so itself.
    if (code !== 'no-storage') notify(unread.all(errorText(thrown)));
    return new Map();
  }
}
