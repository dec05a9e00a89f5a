import { EaselError } from '../../core/errors';
import type { Box } from '../../core/image/picture';
import type { TileXor } from '../history/delta';
import { type History, type HistoryEntry, historyHead, type TileChange } from '../history/history';
import { type CanvasDocument, checkCanvas, LAYER_CHANNELS, LAYER_IDS, type LayerId } from './document';
import { type Layer, TILE, type Tile, tileColumn, tileKey, tileRow } from './tiles';

/** A tile as it is stored: its column and row, and its bytes (shared with the document, to be cloned by the store). */
export interface SavedTile {
  column: number;
  row: number;
  bytes: Tile;
}

/** A document and its nearest history as plain data for IndexedDB. */
export interface SavedCanvas {
  v: 1;
  canvas: Box;
  frame: Box;
  layers: Record<LayerId, SavedTile[]>;
  history: { undo: readonly HistoryEntry[]; redo: readonly HistoryEntry[] };
}

/**
 * What of the history is stored by default: enough for hundreds of strokes, little enough to write while painting goes
 * on.
 */
const SAVED_HISTORY_BUDGET = 32 * 2 ** 20;

/** A canvas as plain data. @param budget bytes of history to keep */
export function saveCanvas(document: CanvasDocument, history: History, budget = SAVED_HISTORY_BUDGET): SavedCanvas {
  const tilesOf = (id: LayerId) =>
    [...document[id].tiles].map(([key, bytes]): SavedTile => ({ column: tileColumn(key), row: tileRow(key), bytes }));
  return {
    v: 1,
    canvas: document.canvas,
    frame: document.frame,
    layers: { picture: tilesOf('picture'), sketch: tilesOf('sketch'), mask: tilesOf('mask') },
    history: historyHead(history, budget),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function corrupt(what: string): never {
  throw new EaselError('corrupt', `The stored canvas cannot be read: ${what}. Start a new one.`);
}

function parseBox(value: unknown, name: string): Box {
  if (!isRecord(value)) return corrupt(`its ${name} is missing`);
  const { x, y, width, height } = value;
  for (const side of [x, y, width, height]) if (!Number.isInteger(side)) corrupt(`its ${name} is not in whole pixels`);
  const box = { x, y, width, height } as Box;
  checkCanvas(box);
  return box;
}

function parseTile(value: unknown, id: LayerId): Tile {
  if (value instanceof Uint8Array && value.length === TILE * TILE * LAYER_CHANNELS[id] && value.byteOffset % 4 === 0)
    return value as Tile;
  return corrupt(`a tile of its ${id} has not the right size`);
}

function parseLayer(value: unknown, id: LayerId): Layer {
  if (!Array.isArray(value)) return corrupt(`its ${id} is missing`);
  const tiles = new Map<number, Tile>();
  for (const tile of value) {
    if (!isRecord(tile) || !Number.isInteger(tile.column) || !Number.isInteger(tile.row))
      corrupt(`a tile of its ${id} has no place`);
    tiles.set(tileKey(tile.column as number, tile.row as number), parseTile(tile.bytes, id));
  }
  return { channels: LAYER_CHANNELS[id], tiles };
}

/** @throws unless the runs cover a tile exactly */
function parseXor(value: unknown, id: LayerId): TileXor {
  if (!(value instanceof Uint32Array)) return corrupt('a step of its history has no difference');
  let covered = 0;
  for (let at = 0; at < value.length; ) {
    const header = value[at];
    covered += header >>> 1;
    at += header & 1 ? 2 : 1 + (header >>> 1);
    if (at > value.length) return corrupt('a step of its history is cut short');
  }
  if (covered * 4 !== TILE * TILE * LAYER_CHANNELS[id]) return corrupt('a step of its history has not the right size');
  return value as TileXor;
}

function parseChange(value: unknown): TileChange {
  if (!isRecord(value) || !Number.isInteger(value.key)) return corrupt('a step of its history has no place');
  const layer = LAYER_IDS.find((id) => id === value.layer) ?? corrupt('a step of its history names no layer');
  const key = value.key as number;
  if ('xor' in value) return { layer, key, xor: parseXor(value.xor, layer) };
  return { layer, key, other: value.other === undefined ? undefined : parseTile(value.other, layer) };
}

function parseEntries(value: unknown): HistoryEntry[] {
  if (!Array.isArray(value)) return corrupt('its history is missing');
  return value.map((entry: unknown) => {
    if (!isRecord(entry) || typeof entry.label !== 'string' || typeof entry.bytes !== 'number')
      return corrupt('a step of its history has no name');
    if (!Array.isArray(entry.changes)) return corrupt('a step of its history is empty');
    return {
      label: entry.label,
      canvas: parseBox(entry.canvas, 'canvas'),
      frame: parseBox(entry.frame, 'frame'),
      changes: entry.changes.map(parseChange),
      bytes: entry.bytes,
    };
  });
}

/**
 * A stored canvas brought back.
 * @throws EaselError `unsupported` when a newer Easel wrote it, `corrupt` when it is damaged, `bad-request` when it is
 * over 8192 a side
 */
export function restoreCanvas(saved: unknown): { document: CanvasDocument; history: History } {
  if (!isRecord(saved)) return corrupt('it is no canvas');
  if (saved.v !== 1)
    throw new EaselError(
      'unsupported',
      `The stored canvas has format ${typeof saved.v === 'number' ? saved.v : 'unknown'}; this Easel reads 1. Reload the page.`,
    );
  if (!isRecord(saved.layers)) return corrupt('it has no layers');
  if (!isRecord(saved.history)) return corrupt('it has no history');
  return {
    document: {
      canvas: parseBox(saved.canvas, 'canvas'),
      frame: parseBox(saved.frame, 'frame'),
      picture: parseLayer(saved.layers.picture, 'picture'),
      sketch: parseLayer(saved.layers.sketch, 'sketch'),
      mask: parseLayer(saved.layers.mask, 'mask'),
    },
    history: { undo: parseEntries(saved.history.undo), redo: parseEntries(saved.history.redo) },
  };
}
