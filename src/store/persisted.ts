/** Where small values are kept between visits: localStorage in the page, a map in tests. */
export type KeyValueStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** One kept value. It lies in an envelope `{ v, value }`; older envelopes are lifted one version at a time. */
export interface Slot<T> {
  key: string;
  v: number;
  /** `migrations[n]` turns a value of version n into one of version n + 1. */
  migrations: Readonly<Record<number, (value: unknown) => unknown>>;
  /** Checks a value of the newest version; throws when it is not one. */
  parse(value: unknown): T;
}

/**
 * Reads a slot. What cannot be read (never written, foreign, from a newer Easel) is undefined: the page then starts with its
 * defaults rather than not at all.
 */
export function readSlot<T>(slot: Slot<T>, storage: KeyValueStorage): T | undefined {
  try {
    const text = storage.getItem(slot.key);
    if (text === null) return undefined;
    const { v, value } = JSON.parse(text) as { v: number; value: unknown };
    return slot.parse(migrated(slot, v, value));
  } catch {
    return undefined;
  }
}

function migrated<T>(slot: Slot<T>, from: number, value: unknown): unknown {
  let lifted = value;
  for (let v = from; v < slot.v; v++) {
    const migrate = slot.migrations[v];
    if (!migrate) throw new RangeError(`${slot.key} has no migration from version ${v}.`);
    lifted = migrate(lifted);
  }
  if (from > slot.v) throw new RangeError(`${slot.key} was written by a newer version.`);
  return lifted;
}

/** Writes a slot; a full or forbidden storage must not stop anyone's work, so its refusal is dropped. */
export function writeSlot<T>(slot: Slot<T>, value: T, storage: KeyValueStorage): void {
  try {
    storage.setItem(slot.key, JSON.stringify({ v: slot.v, value }));
  } catch {
    // Private windows and full disks refuse; settings then last as long as the page.
  }
}
