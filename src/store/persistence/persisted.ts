import * as v from 'valibot';
import type { StoreApi } from 'zustand';
import { EaselError, said } from '../../core/errors';
import { errorText } from '../../texts/errors';
import { markSaved, markUnsaved } from './unsaved';

/** Where small values are kept between visits: localStorage in the page, a map in tests. */
export type KeyValueStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** A state that is kept. It lies in an envelope `{ v, value }`; older envelopes are lifted one version at a time. */
export interface Slot<T> {
  key: string;
  /** As it stands in a list of what is not saved: "the settings". */
  label: string;
  v: number;
  /** `migrations[n]` turns a value of version n into one of version n + 1. */
  migrations: Readonly<Record<number, (value: unknown) => unknown>>;
  /**
   * Reads a value of the newest version field by field: one that cannot stand takes its default, and `onBroken` hears
   * its label. Throws where there are no fields at all.
   */
  parse(value: unknown, onBroken: (label: string) => void): T;
  /** What `parse` reads; the state itself where left out. */
  format?(state: T): unknown;
  /** Joins what two tabs made of `base`, field by field: `mine` where it is not as in `base`, else `theirs`. */
  merge(base: T, mine: T, theirs: T): T;
  /** What this tab may take over of what another one left; all of it where left out. */
  offered?(mine: T, theirs: T): T;
}

/** An object's fields, none of them checked. Throws where it is no object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new TypeError('There are no fields.');
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A merge of any two states: each field by itself, and so within fields that are records. */
export function mergedFields<T>(base: T, mine: T, theirs: T): T {
  if (!isRecord(mine) || !isRecord(theirs)) return Object.is(base, mine) ? theirs : mine;
  const before: Readonly<Record<string, unknown>> = isRecord(base) ? base : {};
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(mine)])];
  return Object.fromEntries(names.map((name) => [name, mergedFields(before[name], mine[name], theirs[name])])) as T;
}

/**
 * Reads a slot. What cannot be read at all (never written, foreign, from a newer Easel) is undefined: the page then
 * starts with its defaults rather than not at all.
 */
export function readSlot<T>(
  slot: Slot<T>,
  storage: KeyValueStorage,
  onBroken: (label: string) => void = () => undefined,
): T | undefined {
  try {
    const { v: from, value } = envelopeIn(slot, storage);
    return slot.parse(migrated(slot, from, value), onBroken);
  } catch {
    return undefined;
  }
}

/** What lies within is its slot's to check. */
const EnvelopeSchema = v.object({ v: v.number(), value: v.optional(v.unknown()) });

function envelopeIn<T>({ key }: Slot<T>, storage: KeyValueStorage): v.InferOutput<typeof EnvelopeSchema> {
  return v.parse(EnvelopeSchema, JSON.parse(storage.getItem(key) ?? '{}'));
}

function migrated<T>(slot: Slot<T>, from: number, value: unknown): unknown {
  let lifted = value;
  for (let version = from; version < slot.v; version++) {
    const migrate = slot.migrations[version];
    if (!migrate) throw new RangeError(`${slot.key} has no migration from version ${version}.`);
    lifted = migrate(lifted);
  }
  if (from > slot.v) throw new RangeError(`${slot.key} was written by a newer version.`);
  return lifted;
}

/**
 * Writes what changed since `base`, beside what other tabs wrote meanwhile.
 * @throws EaselError `quota` where there is no room, `unsupported` where a newer Easel's values would be lost
 */
function writeSlot<T>(slot: Slot<T>, base: T, mine: T, storage: KeyValueStorage): void {
  const theirs = readSlot(slot, storage);
  if (theirs === undefined && isNewer(slot, storage))
    throw new EaselError('unsupported', said`A newer Easel has written them. Reload to get it.`);
  const state = theirs === undefined ? mine : slot.merge(base, mine, theirs);
  const text = JSON.stringify({ v: slot.v, value: slot.format?.(state) ?? state });
  try {
    storage.setItem(slot.key, text);
  } catch (thrown) {
    if (!(thrown instanceof DOMException && thrown.name === 'QuotaExceededError')) throw thrown;
    throw new EaselError(
      'quota',
      said`The browser’s room for the settings of this site is full. A shorter prompt makes room, and so does clearing what other pages of this site keep.`,
      { cause: thrown },
    );
  }
}

function isNewer<T>(slot: Slot<T>, storage: KeyValueStorage): boolean {
  try {
    return envelopeIn(slot, storage).v > slot.v;
  } catch {
    return false;
  }
}

/**
 * Takes up what earlier visits left in a slot and keeps every change from now on. Of each field the last change counts,
 * whichever tab made it; a tab that is shown again takes over what others changed, but no field that it has changed
 * itself.
 * @param onBroken hears the label of each field that could not be read
 * @returns what ends it
 */
export function persistSlot<T>(
  slot: Slot<T>,
  store: Pick<StoreApi<T>, 'getState' | 'setState' | 'subscribe'>,
  storage: KeyValueStorage,
  onBroken?: (label: string) => void,
): () => void {
  store.setState(readSlot(slot, storage, onBroken) ?? {});
  let written = store.getState();
  // A field that differs from what it was taken up as is one that this tab has changed itself.
  let taken = written;
  const write = (): void => {
    const mine = store.getState();
    try {
      writeSlot(slot, written, mine, storage);
      written = mine;
      markSaved(slot.key);
    } catch (thrown) {
      markUnsaved(slot.key, { what: slot.label, why: errorText(thrown), retry: write });
    }
  };
  const takeOver = (): void => {
    const theirs = readSlot(slot, storage);
    if (globalThis.document.visibilityState !== 'visible' || theirs === undefined) return;
    const mine = store.getState();
    const now = slot.merge(taken, mine, slot.offered?.(mine, theirs) ?? theirs);
    // What is its own still differs from what was taken, and what was not written from what was.
    taken = slot.merge(mine, taken, now);
    written = slot.merge(mine, written, now);
    store.setState(now);
  };
  const stop = store.subscribe(write);
  globalThis.document?.addEventListener('visibilitychange', takeOver);
  return () => {
    stop();
    globalThis.document?.removeEventListener('visibilitychange', takeOver);
  };
}
