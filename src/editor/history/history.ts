import type { Box } from '../../core/image/picture';
import { type CanvasDocument, LAYER_CHANNELS, LAYER_IDS, type LayerId } from '../document/document';
import { TILE, type Tile, withTiles } from '../document/tiles';
import { applyXor, type TileXor, tileXor } from './delta';

/**
 * One tile's other version: as a difference, or whole where that is smaller or the tile is absent there
 * (a fresh stroke on empty ground costs nothing to take back).
 */
export type TileChange = { layer: LayerId; key: number } & ({ xor: TileXor } | { other: Tile | undefined });

/** What leads from one document to its neighbour in time. Plain data: it can be stored as it is. */
export interface HistoryEntry {
  /** What was done, for the undo button's tooltip: a `StepLabel`, or what an Easel before or after this one wrote. */
  readonly label: string;
  readonly canvas: Box;
  readonly frame: Box;
  readonly changes: readonly TileChange[];
  /** Bytes that the entry holds on to. */
  readonly bytes: number;
}

/** Past steps, the latest last, and those taken back, the next to redo last. */
export interface History {
  readonly undo: readonly HistoryEntry[];
  readonly redo: readonly HistoryEntry[];
}

export const EMPTY_HISTORY: History = { undo: [], redo: [] };

/** Past this the oldest steps are dropped: thousands of strokes, while leaving a phone's browser room for the model. */
export const HISTORY_BUDGET = 192 * 2 ** 20;

/** What an entry costs besides its tiles: objects, boxes, keys. */
const ENTRY_BYTES = 256;
const CHANGE_BYTES = 96;

const tileBytes = (layer: LayerId) => TILE * TILE * LAYER_CHANNELS[layer];

function changeOf(layer: LayerId, key: number, held: Tile | undefined, shown: Tile | undefined): TileChange {
  if (held === undefined) return { layer, key, other: undefined };
  const xor = tileXor(held, shown, held.length);
  return xor.byteLength < held.length ? { layer, key, xor } : { layer, key, other: held };
}

function sizeOf(change: TileChange): number {
  return CHANGE_BYTES + ('xor' in change ? change.xor.byteLength : (change.other?.length ?? 0));
}

/**
 * The entry that leads from `shown` back to `held`. Tiles that both share are the same object, so only changed ones are
 * looked at.
 */
export function entryBetween(label: string, held: CanvasDocument, shown: CanvasDocument): HistoryEntry {
  const changes: TileChange[] = [];
  for (const layer of LAYER_IDS) {
    const [from, to] = [held[layer].tiles, shown[layer].tiles];
    if (from === to) continue;
    for (const [key, tile] of from) if (to.get(key) !== tile) changes.push(changeOf(layer, key, tile, to.get(key)));
    for (const [key, tile] of to) if (!from.has(key)) changes.push(changeOf(layer, key, undefined, tile));
  }
  const bytes = changes.reduce((sum, change) => sum + sizeOf(change), ENTRY_BYTES);
  return { label, canvas: held.canvas, frame: held.frame, changes, bytes };
}

/** The document that an entry leads to. */
function follow(document: CanvasDocument, { canvas, frame, changes }: HistoryEntry): CanvasDocument {
  const layers = Object.fromEntries(
    LAYER_IDS.map((id) => {
      const mine = changes.filter(({ layer }) => layer === id);
      if (mine.length === 0) return [id, document[id]];
      const tiles = mine.map((change): [number, Tile | undefined] => {
        if (!('xor' in change)) return [change.key, change.other];
        return [change.key, applyXor(document[id].tiles.get(change.key), change.xor, tileBytes(id))];
      });
      return [id, withTiles(document[id], tiles)];
    }),
  ) as Pick<CanvasDocument, LayerId>;
  return { canvas, frame, ...layers };
}

/** Drops the oldest entries that a budget has no room for; the latest always stays. */
function within(entries: readonly HistoryEntry[], budget: number): readonly HistoryEntry[] {
  let room = budget;
  for (let i = entries.length - 1; i >= 0; i--) {
    room -= entries[i].bytes;
    if (room < 0 && i < entries.length - 1) return entries.slice(i + 1);
  }
  return entries;
}

export const historyBytes = ({ undo, redo }: History): number =>
  [...undo, ...redo].reduce((sum, { bytes }) => sum + bytes, 0);

/** A step done: what was taken back before is gone, and the oldest steps go where the budget is passed. */
export function record(history: History, entry: HistoryEntry, budget = HISTORY_BUDGET): History {
  return { undo: within([...history.undo, entry], budget), redo: [] };
}

/** One step back. Undefined when there is none. */
export function stepBack(document: CanvasDocument, { undo, redo }: History) {
  return step(document, undo, redo, (from, to) => ({ undo: from, redo: to }));
}

/** One step forward again. Undefined when there is none. */
export function stepForward(document: CanvasDocument, { undo, redo }: History) {
  return step(document, redo, undo, (from, to) => ({ undo: to, redo: from }));
}

type Entries = readonly HistoryEntry[];

function step(document: CanvasDocument, from: Entries, to: Entries, join: (from: Entries, to: Entries) => History) {
  const entry = from.at(-1);
  if (!entry) return undefined;
  const next = follow(document, entry);
  return { document: next, history: join(from.slice(0, -1), [...to, entryBetween(entry.label, document, next)]) };
}

/** The nearest steps that fit in a budget, for storing: half of it for each direction at most. */
export function historyHead({ undo, redo }: History, budget: number): History {
  const fitting = (entries: Entries) => {
    const kept = within(entries, budget / 2);
    return kept.length === 1 && kept[0].bytes > budget / 2 ? [] : kept;
  };
  return { undo: fitting(undo), redo: fitting(redo) };
}
