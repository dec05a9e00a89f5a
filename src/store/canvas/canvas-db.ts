import * as v from 'valibot';
import { EaselError, said } from '../../core/errors';
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
   * Writes ahead what is new, a part of it in each task, so that the `save` that follows has little left to do. Until
   * that is done, what is stored stays as it was.
   * @returns undefined where a `save` is short without it
   */
  writeAhead(canvas: SavedCanvas): Promise<void> | undefined;
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

type Layers = keyof SavedCanvas['layers'];

/** Where the tiles of a layer stand, and the names of their bytes. */
const PlacesSchema = v.array(v.object({ column: v.number(), row: v.number(), part: v.optional(v.string()) }));
type Place = v.InferOutput<typeof PlacesSchema>[number];

/**
 * The head of a stored canvas: everything but the bytes, which lie beside it under the names it lists. Canvas and frame
 * are the editor's to check, as the bytes are.
 */
const HeadSchema = v.object({
  v: v.number(),
  /** Milliseconds since 1970; it orders canvases, no more. */
  savedAt: v.fallback(v.number(), 0),
  canvas: v.optional(v.unknown()),
  frame: v.optional(v.unknown()),
  layers: v.object({ picture: PlacesSchema, sketch: PlacesSchema, mask: PlacesSchema }),
  history: v.object({ undo: v.array(v.string()), redo: v.array(v.string()) }),
});
type Head = v.InferOutput<typeof HeadSchema>;

const HEAD = 'head';
/** Of the head: before 2 a tile's bytes lay under the name of its place. An older Easel says that it cannot read it. */
const HEAD_VERSION = 2;
/** A page that was just reloaded may find that the browser has not let go of its lock yet. */
const RELOAD_MS = 2000;
/**
 * Canvases that no tab holds are kept this many: closing a tab must not lose one, nor fill the disk with all of them.
 */
const KEPT = 4;

const partName = (layer: Layers, { column, row, part }: Place) => part ?? `tile ${layer} ${column} ${row}`;

/** What is written ahead in one task: at 2 ms a tile of 256 KiB well below what a person feels. */
const AHEAD_BYTES = 4 * 2 ** 20;

/** Gives each tile and step a name of its own, as it has where it was read. */
class PartNames {
  readonly #names = new WeakMap<object, string>();

  set(part: object, name: string): void {
    this.#names.set(part, name);
  }

  of(kind: 'tile' | 'step', part: object): string {
    const name = this.#names.get(part) ?? `${kind} ${crypto.randomUUID()}`;
    this.#names.set(part, name);
    return name;
  }

  /** All parts of a canvas, named. */
  partsOf(canvas: SavedCanvas, savedAt: number): Map<string, unknown> {
    const parts = new Map<string, unknown>();
    const named = (kind: 'tile' | 'step', part: object): string => {
      const name = this.of(kind, part);
      parts.set(name, part);
      return name;
    };
    const places = (tiles: readonly SavedTile[]) =>
      tiles.map(({ column, row, bytes }): Place => ({ column, row, part: named('tile', bytes) }));
    const steps = (entries: readonly HistoryEntry[]) => entries.map((entry) => named('step', entry));
    const { canvas: box, frame, layers, history } = canvas;
    const head: Head = {
      v: HEAD_VERSION,
      canvas: box,
      frame,
      savedAt,
      layers: { picture: places(layers.picture), sketch: places(layers.sketch), mask: places(layers.mask) },
      history: { undo: steps(history.undo), redo: steps(history.redo) },
    };
    return parts.set(HEAD, head);
  }
}

/** What lies on the disk of one canvas. */
class WrittenParts {
  /**
   * What surely lies on the disk by its name; what a write has begun to change stands as that write until it is done.
   */
  #written = new Map<string, unknown>();
  /** The connection that this is known of. */
  #known: EaselDatabase | undefined;

  set(db: EaselDatabase | undefined, parts: Map<string, unknown> = new Map()): void {
    [this.#known, this.#written] = [db, parts];
  }

  isKnownOf(db: EaselDatabase): boolean {
    return this.#known === db;
  }

  has(part: string, value: unknown): boolean {
    return this.#written.get(part) === value;
  }

  /** Writes parts in one transaction. A head among them names all there is: what it does not name goes. */
  async write(db: EaselDatabase, name: string, parts: ReadonlyMap<string, unknown>): Promise<void> {
    const write = Symbol('write');
    const writing = db.transaction('canvases', 'readwrite');
    const work: Promise<unknown>[] = [];
    if (this.#known !== db) {
      // The first write, or the browser closed the connection, perhaps since the person cleared what is kept.
      work.push(writing.store.delete(allOf(name)));
      this.set(db);
    }
    const written = this.#written;
    const changed: string[] = [];
    for (const [part, value] of parts) {
      if (written.get(part) === value) continue;
      work.push(writing.store.put(value, [name, part]));
      changed.push(part);
    }
    for (const part of parts.has(HEAD) ? written.keys() : []) {
      if (parts.has(part)) continue;
      work.push(writing.store.delete([name, part]));
      changed.push(part);
    }
    for (const part of changed) written.set(part, write);
    // Without it the browser waits for the requests' answers first, and a page that goes would never commit.
    writing.commit();
    await Promise.all([...work, writing.done]);
    for (const part of changed) {
      if (this.#written.get(part) !== write) continue;
      if (parts.has(part)) this.#written.set(part, parts.get(part));
      else this.#written.delete(part);
    }
  }
}

/** The stored canvas that a tab holds: none until it saves, or takes one up. */
class HeldCanvas {
  #id: string | undefined;
  readonly #written = new WrittenParts();
  readonly names = new PartNames();

  constructor(
    readonly database: Database,
    readonly claim: Claim,
    readonly tab: TabMemory,
  ) {}

  #hold(name: string): string {
    this.#id = name;
    this.tab.set(name);
    return name;
  }

  #begin(): string {
    const name = this.#hold(crypto.randomUUID());
    void this.claim(lockName(name));
    return name;
  }

  leave(): void {
    this.#id = undefined;
    this.#written.set(undefined);
  }

  isWritten(part: string, value: unknown): boolean {
    return this.#written.has(part, value);
  }

  write(db: EaselDatabase, parts: ReadonlyMap<string, unknown>): Promise<void> {
    return this.#written.write(db, this.#id ?? this.#begin(), parts);
  }

  async writeSlices(slices: readonly ReadonlyMap<string, unknown>[]): Promise<void> {
    // On another connection only a whole canvas may take the place of what lies there.
    const mayWrite = (db: EaselDatabase) => this.#id === undefined || this.#written.isKnownOf(db);
    const writing: Promise<void>[] = [];
    for (const slice of slices) {
      // None waits for the disk: a page that goes meanwhile has the less left to write.
      const written = this.database.run(async (db) => void (mayWrite(db) && (await this.write(db, slice))));
      written.catch(() => undefined); // heard below, once all have begun
      writing.push(written);
      await new Promise((resolve) => setTimeout(resolve));
    }
    await Promise.all(writing);
  }

  /** Takes up a stored canvas; undefined where the page has saved meanwhile. */
  async takeUp(db: EaselDatabase, name: string): Promise<unknown> {
    // The head, too: whoever held the canvas until now may have written another since the list was read.
    const parts = await readParts(db, name);
    if (this.#id !== undefined) return undefined;
    this.#hold(name);
    this.#written.set(db, parts);
    for (const [part, value] of parts) if (value instanceof Uint8Array) this.names.set(value, part);
    return assemble(parts.get(HEAD), parts);
  }

  /** What lies there of the tab's own canvas, else of the latest that is free; those that are too many go. */
  async restore(): Promise<unknown> {
    const db = await this.database.opened;
    const mine = this.tab.get();
    // A reload comes back to its own canvas, also where another tab has left a later one.
    const heads = (await headsOf(db)).sort(([a], [b]) => Number(b === mine) - Number(a === mine));
    let found: unknown;
    for (const [place, [name]] of heads.entries()) {
      const wanted = found === undefined && place < KEPT;
      if (!(wanted || place >= KEPT)) continue;
      if (!(await this.claim(lockName(name), name === mine ? RELOAD_MS : 0))) continue;
      if (wanted) found = await this.takeUp(db, name);
      else await db.delete('canvases', allOf(name));
    }
    return found;
  }
}

/**
 * The canvas over IndexedDB. Each tab has one of its own, since two hands on one canvas would undo each other's
 * strokes; a new tab takes up the latest that is free. Tiles and steps of the history are stored apart, each once and
 * under a name of its own: they never change, so what was written under its name need not be written again.
 */
export function createCanvasDb(
  database: Database,
  claim: Claim = claimLock,
  now: () => number = Date.now,
  tab: TabMemory = sessionMemory,
): CanvasDb {
  const held = new HeldCanvas(database, claim, tab);
  const partsOf = (canvas: SavedCanvas) => held.names.partsOf(canvas, now());
  return {
    restore: () => held.restore(),
    leave: () => held.leave(),
    writeAhead(canvas) {
      const slices = slicesOf([...partsOf(canvas)].filter(([part, value]) => !held.isWritten(part, value)));
      return slices.length > 1 ? held.writeSlices(slices) : undefined;
    },
    save: (canvas) => database.run((db) => held.write(db, partsOf(canvas))),
  };
}

/** The tiles and steps among some parts, few enough in each slice for one task. */
function slicesOf(parts: readonly [string, unknown][]): Map<string, unknown>[] {
  const slices: Map<string, unknown>[] = [];
  let room = 0;
  for (const [part, value] of parts) {
    if (part === HEAD) continue;
    if (room <= 0) {
      slices.push(new Map());
      room = AHEAD_BYTES;
    }
    slices.at(-1)?.set(part, value);
    room -= value instanceof Uint8Array ? value.length : (value as HistoryEntry).bytes;
  }
  return slices;
}

const lockName = (id: string) => `easel.canvas.${id}`;
const allOf = (id: string) => IDBKeyRange.bound([id], [id, []]);

/** The heads of the stored canvases, unchecked, the latest first. */
export async function headsOf(db: EaselDatabase): Promise<[id: string, head: unknown][]> {
  const keys = await db.getAllKeys('canvases');
  const ids = [...new Set(keys.map(([id]) => id))];
  const heads = await Promise.all(
    ids.map(async (id): Promise<[string, unknown]> => [id, await db.get('canvases', [id, HEAD])]),
  );
  return heads.filter(([, head]) => head !== undefined).sort(([, a], [, b]) => savedAt(b) - savedAt(a));
}

/** When a canvas was saved; long ago where its head does not say. */
const savedAt = (head: unknown): number =>
  v.parse(v.fallback(v.object({ savedAt: v.number() }), { savedAt: 0 }), head).savedAt;

export async function readParts(db: EaselDatabase, id: string): Promise<Map<string, unknown>> {
  const range = allOf(id);
  const [keys, values] = await Promise.all([db.getAllKeys('canvases', range), db.getAll('canvases', range)]);
  return new Map(keys.map(([, name], i) => [name, values[i]]));
}

/**
 * A canvas from its parts, for the editor to check: what is missing it refuses.
 * @throws EaselError `corrupt` where its head is damaged
 */
export function assemble(head: unknown, parts: ReadonlyMap<string, unknown>): unknown {
  const read = v.safeParse(HeadSchema, head);
  if (!read.success) {
    const field = v.getDotPath(read.issues[0]) ?? said`all of it`;
    throw new EaselError('corrupt', said`what the disk says of it is damaged (${field}). Start a new one.`);
  }
  const { v: version, canvas, frame, layers, history } = read.output;
  const tiles = (layer: Layers) =>
    layers[layer].map((place) => {
      const { column, row } = place;
      return { column, row, bytes: parts.get(partName(layer, place)) };
    });
  const entries = (names: readonly string[]) => names.map((name) => parts.get(name));
  return {
    v: version <= HEAD_VERSION ? 1 : version,
    canvas,
    frame,
    layers: { picture: tiles('picture'), sketch: tiles('sketch'), mask: tiles('mask') },
    history: { undo: entries(history.undo), redo: entries(history.redo) },
  };
}
