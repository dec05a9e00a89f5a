import type { SavedCanvas, SavedTile } from '../../editor/document/saved';
import type { HistoryEntry } from '../../editor/history/history';
import { type Claim, claimLock } from '../persistence/claim';
import type { Database, EaselDatabase } from '../persistence/database';

/** Keeps the canvas; in tests a map stands in for it. */
export interface CanvasDb {
  /**
   * This tab's canvas of before a reload, else the latest that no tab holds; undefined where there is none. It is the
   * editor's to check.
   */
  restore(): Promise<unknown>;
  /** Leaves the restored canvas as it lies there: what is saved from now on is another. */
  leave(): void;
  /**
   * Writes what changed since the last time, all or nothing. Where the database is open the write is on its way when
   * this returns, and is finished even if the page goes at once.
   */
  save(canvas: SavedCanvas): Promise<void>;
}

/** The id of the tab's canvas, remembered for as long as the tab lives. */
export interface TabMemory {
  get(): string | null;
  set(id: string): void;
}

const TAB_KEY = 'easel.canvas';

/** Session storage: it outlives a reload. A duplicate of the tab begins with a copy, and finds the canvas taken. */
const sessionMemory: TabMemory = {
  get: () => sessionStorage.getItem(TAB_KEY),
  set: (id) => sessionStorage.setItem(TAB_KEY, id),
};

/** The head of a stored canvas: everything but the bytes, which lie beside it under the names it lists. */
interface Head extends Omit<SavedCanvas, 'layers' | 'history'> {
  savedAt: number;
  layers: Record<keyof SavedCanvas['layers'], Omit<SavedTile, 'bytes'>[]>;
  history: { undo: string[]; redo: string[] };
}

const HEAD = 'head';
/** A page that was just reloaded may find that the browser has not let go of its lock yet. */
const RELOAD_MS = 2000;
/**
 * Canvases that no tab holds are kept this many: closing a tab must not lose one, nor fill the disk with all of them.
 */
const KEPT = 4;

type Layers = keyof SavedCanvas['layers'];
const LAYERS = ['picture', 'sketch', 'mask'] as const satisfies readonly Layers[];
const tileName = (layer: Layers, { column, row }: Omit<SavedTile, 'bytes'>) => `tile ${layer} ${column} ${row}`;

/**
 * The canvas over IndexedDB. Each tab has one of its own, since two hands on one canvas would undo each other's
 * strokes; a new tab takes up the latest that is free. Tiles and steps of the history are stored apart and only once:
 * they never change, so the same object has been written before.
 */
export function createCanvasDb(
  database: Database,
  claim: Claim = claimLock,
  now: () => number = Date.now,
  tab: TabMemory = sessionMemory,
): CanvasDb {
  let id: string | undefined;
  /**
   * What surely lies on the disk by its name; what a write has begun to change stands as that write until it is done.
   */
  let written = new Map<string, unknown>();
  /** The connection that `written` is known of. */
  let known: EaselDatabase | undefined;
  const stepNames = new WeakMap<HistoryEntry, string>();

  /** All parts of a canvas, named. */
  const partsOf = (canvas: SavedCanvas): Map<string, unknown> => {
    const parts = new Map<string, unknown>();
    for (const layer of LAYERS) for (const tile of canvas.layers[layer]) parts.set(tileName(layer, tile), tile.bytes);
    const named = (entries: readonly HistoryEntry[]) =>
      entries.map((entry) => {
        const name = stepNames.get(entry) ?? `step ${crypto.randomUUID()}`;
        stepNames.set(entry, name);
        parts.set(name, entry);
        return name;
      });
    const places = (tiles: readonly SavedTile[]) => tiles.map(({ column, row }) => ({ column, row }));
    const { v, canvas: box, frame, layers, history } = canvas;
    const head: Head = {
      v,
      canvas: box,
      frame,
      savedAt: now(),
      layers: { picture: places(layers.picture), sketch: places(layers.sketch), mask: places(layers.mask) },
      history: { undo: named(history.undo), redo: named(history.redo) },
    };
    return parts.set(HEAD, head);
  };

  const hold = (name: string): string => {
    id = name;
    tab.set(name);
    return name;
  };

  const begin = (): string => {
    const name = hold(crypto.randomUUID());
    void claim(lockName(name));
    return name;
  };

  return {
    async restore() {
      const db = await database.opened;
      const mine = tab.get();
      const heads = await headsOf(db);
      // A reload comes back to its own canvas, also where another tab has left a later one.
      heads.sort(([a], [b]) => Number(b === mine) - Number(a === mine));
      let found: SavedCanvas | undefined;
      for (const [place, [name, head]] of heads.entries()) {
        const wanted = found === undefined && place < KEPT;
        if (!(wanted || place >= KEPT)) continue;
        if (!(await claim(lockName(name), name === mine ? RELOAD_MS : 0))) continue;
        if (!wanted) {
          await db.delete('canvases', allOf(name));
          continue;
        }
        const parts = await readParts(db, name);
        if (id !== undefined) continue; // the page has saved meanwhile
        hold(name);
        [known, written] = [db, parts];
        found = assembled(head, parts);
      }
      return found;
    },

    leave() {
      [id, known] = [undefined, undefined];
    },

    save: (canvas) =>
      database.run(async (db) => {
        const name = id ?? begin();
        const write = Symbol('being written');
        const parts = partsOf(canvas);
        const writing = db.transaction('canvases', 'readwrite');
        const work: Promise<unknown>[] = [];
        if (known !== db) {
          // The first write, or the browser closed the connection, perhaps since the person cleared what is kept.
          work.push(writing.store.delete(allOf(name)));
          [known, written] = [db, new Map()];
        }
        const changed: string[] = [];
        for (const [part, value] of parts) {
          if (written.get(part) === value) continue;
          work.push(writing.store.put(value, [name, part]));
          changed.push(part);
        }
        for (const part of written.keys()) {
          if (parts.has(part)) continue;
          work.push(writing.store.delete([name, part]));
          changed.push(part);
        }
        for (const part of changed) written.set(part, write);
        // Without it the browser waits for the requests' answers first, and a page that goes would never commit.
        writing.commit();
        await Promise.all([...work, writing.done]);
        for (const part of changed) {
          if (written.get(part) !== write) continue;
          if (parts.has(part)) written.set(part, parts.get(part));
          else written.delete(part);
        }
      }),
  };
}

const lockName = (id: string) => `easel.canvas.${id}`;
const allOf = (id: string) => IDBKeyRange.bound([id], [id, []]);

/** The stored canvases, the latest first. */
export async function headsOf(db: EaselDatabase): Promise<[string, Head][]> {
  const keys = await db.getAllKeys('canvases');
  const ids = new Set(keys.map(([id]) => id));
  const heads = await Promise.all(Array.from(ids, async (id) => [id, await db.get('canvases', [id, HEAD])] as const));
  return heads
    .filter((entry): entry is [string, Head] => entry[1] !== undefined)
    .sort(([, a], [, b]) => b.savedAt - a.savedAt);
}

export async function readParts(db: EaselDatabase, id: string): Promise<Map<string, unknown>> {
  const range = allOf(id);
  const [keys, values] = await Promise.all([db.getAllKeys('canvases', range), db.getAll('canvases', range)]);
  return new Map(keys.map(([, name], i) => [name, values[i]]));
}

/** A canvas from its parts; what is missing is left for the editor to refuse. */
export function assembled(
  { savedAt: _, layers, history, ...rest }: Head,
  parts: ReadonlyMap<string, unknown>,
): SavedCanvas {
  const tiles = (layer: Layers) =>
    layers[layer].map((place) => ({ ...place, bytes: parts.get(tileName(layer, place)) }) as SavedTile);
  const entries = (names: readonly string[]) => names.map((name) => parts.get(name) as HistoryEntry);
  return {
    ...rest,
    layers: { picture: tiles('picture'), sketch: tiles('sketch'), mask: tiles('mask') },
    history: { undo: entries(history.undo), redo: entries(history.redo) },
  };
}
