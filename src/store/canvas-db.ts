import type { SavedCanvas, SavedTile } from '../editor/document/saved';
import type { HistoryEntry } from '../editor/history/history';
import type { EaselDatabase } from './database';

/** Keeps the canvas; in tests a map stands in for it. */
export interface CanvasDb {
  /** The canvas of the last visit that no other tab holds; undefined where there is none. It is the editor's to check. */
  restore(): Promise<unknown>;
  /** Writes what changed since the last time, all or nothing. */
  save(canvas: SavedCanvas): Promise<void>;
}

/** Holds a name until the page goes. @returns false when another tab has it */
export type Claim = (name: string) => Promise<boolean>;

/** A Web Lock that is never let go: the browser does so when the tab is closed or reloaded. */
export const claimLock: Claim = (name) =>
  new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock ? new Promise<never>(() => {}) : undefined;
      })
      .catch(reject);
  });

/** The head of a stored canvas: everything but the bytes, which lie beside it under the names it lists. */
interface Head extends Omit<SavedCanvas, 'layers' | 'history'> {
  savedAt: number;
  layers: Record<keyof SavedCanvas['layers'], Omit<SavedTile, 'bytes'>[]>;
  history: { undo: string[]; redo: string[] };
}

const HEAD = 'head';
/** Canvases that no tab holds are kept this many: closing a tab must not lose one, nor fill the disk with all of them. */
const KEPT = 4;

type Layers = keyof SavedCanvas['layers'];
const LAYERS = ['picture', 'sketch', 'mask'] as const satisfies readonly Layers[];
const tileName = (layer: Layers, { column, row }: Omit<SavedTile, 'bytes'>) => `tile ${layer} ${column} ${row}`;

/**
 * The canvas over IndexedDB. Each tab has one of its own, since two hands on one canvas would undo each other's strokes; a new tab takes up the latest that is
 * free. Tiles and steps of the history are stored apart and only once: they never change, so the same object has been written before.
 */
export function createCanvasDb(
  database: Promise<EaselDatabase>,
  claim: Claim = claimLock,
  now: () => number = Date.now,
): CanvasDb {
  let id: string | undefined;
  let written = new Map<string, unknown>();
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

  return {
    async restore() {
      const db = await database;
      let found: SavedCanvas | undefined;
      for (const [place, [name, head]] of (await headsOf(db)).entries()) {
        const wanted = found === undefined && place < KEPT;
        if (!(wanted || place >= KEPT) || !(await claim(lockName(name)))) continue;
        if (wanted) {
          id = name;
          written = await readParts(db, name);
          found = assembled(head, written);
        } else await db.delete('canvases', allOf(name));
      }
      return found;
    },

    async save(canvas) {
      const db = await database;
      if (id === undefined) {
        id = crypto.randomUUID();
        await claim(lockName(id));
      }
      const parts = partsOf(canvas);
      const writing = db.transaction('canvases', 'readwrite');
      const work: Promise<unknown>[] = [];
      for (const [name, value] of parts)
        if (written.get(name) !== value) work.push(writing.store.put(value, [id, name]));
      for (const name of written.keys()) if (!parts.has(name)) work.push(writing.store.delete([id, name]));
      await Promise.all([...work, writing.done]);
      written = parts;
    },
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
