import * as v from 'valibot';
import { asMessage, EaselError, said, saidIn } from '../../core/errors';
import type { Box } from '../../core/image/picture';
import type { TileXor } from '../history/delta';
import { type History, type HistoryEntry, historyHead, type TileChange } from '../history/history';
import { type CanvasDocument, checkCanvas, LAYER_CHANNELS, type LayerId } from './document';
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

const Whole = v.pipe(v.number(), v.integer());

export const BoxSchema = v.object({ x: Whole, y: Whole, width: Whole, height: Whole });

const boxOf = (name: string) => v.message(BoxSchema, asMessage(said`its ${name} is not in whole pixels`));

/** The bytes of a layer's tile. */
export const tileSchema = (id: LayerId) =>
  v.custom<Tile>(
    (value) =>
      value instanceof Uint8Array && value.length === TILE * TILE * LAYER_CHANNELS[id] && value.byteOffset % 4 === 0,
    asMessage(said`a tile of its ${id} has not the right size`),
  );

const layerOf = (id: LayerId) =>
  v.array(
    v.message(
      v.object({ column: Whole, row: Whole, bytes: tileSchema(id) }),
      asMessage(said`a tile of its ${id} has no place`),
    ),
    asMessage(said`its ${id} is missing`),
  );

/** Whether the runs cover a tile exactly. */
function isXor(value: unknown, id: LayerId): value is TileXor {
  if (!(value instanceof Uint32Array)) return false;
  let covered = 0;
  for (let at = 0; at < value.length; ) {
    const header = value[at];
    covered += header >>> 1;
    at += header & 1 ? 2 : 1 + (header >>> 1);
    if (at > value.length) return false;
  }
  return covered * 4 === TILE * TILE * LAYER_CHANNELS[id];
}

const changeOf = <Id extends LayerId>(id: Id) => {
  const place = { layer: v.literal(id), key: Whole };
  const xor = v.custom<TileXor>(
    (value) => isXor(value, id),
    asMessage(said`a step of its history has not the right size`),
  );
  const whole = v.strictObject({ ...place, other: v.optional(tileSchema(id)) });
  return [
    v.object({ ...place, xor }),
    v.pipe(
      whole,
      v.transform(({ other, ...at }): TileChange => ({ ...at, other })),
    ),
  ];
};

const Change = v.message(
  v.union([...changeOf('picture'), ...changeOf('sketch'), ...changeOf('mask')]),
  asMessage(said`a change in its history is damaged`),
);

const Entry = v.message(
  v.object({
    label: v.string(),
    canvas: boxOf('canvas'),
    frame: boxOf('frame'),
    changes: v.array(Change),
    bytes: v.number(),
  }),
  asMessage(said`a step of its history is damaged`),
);

const Saved = v.object(
  {
    canvas: boxOf('canvas'),
    frame: boxOf('frame'),
    layers: v.object(
      { picture: layerOf('picture'), sketch: layerOf('sketch'), mask: layerOf('mask') },
      asMessage(said`it has no layers`),
    ),
    history: v.object({ undo: v.array(Entry), redo: v.array(Entry) }, asMessage(said`it has no history`)),
  },
  asMessage(said`it is not a canvas`),
);

/**
 * A stored canvas brought back.
 * @throws EaselError `unsupported` when a newer Easel wrote it, `corrupt` when it is damaged, `bad-request` when it is
 * over 8192 a side
 */
export function restoreCanvas(saved: unknown): { document: CanvasDocument; history: History } {
  const version = Object(saved).v;
  if (typeof version === 'number' && version !== 1)
    throw new EaselError(
      'unsupported',
      said`The stored canvas has format ${version}; this Easel reads 1. Reload the page.`,
    );
  const read = v.safeParse(Saved, saved);
  if (!read.success)
    throw new EaselError(
      'corrupt',
      said`The stored canvas cannot be read: ${saidIn(read.issues[0].message)}. Start a new one.`,
    );
  const { canvas, frame, layers, history } = read.output;
  for (const box of [canvas, frame, ...[...history.undo, ...history.redo].flatMap((step) => [step.canvas, step.frame])])
    checkCanvas(box);
  const layer = (id: LayerId): Layer => {
    const tiles = new Map(layers[id].map(({ column, row, bytes }) => [tileKey(column, row), bytes]));
    return { channels: LAYER_CHANNELS[id], tiles };
  };
  const document = { canvas, frame, picture: layer('picture'), sketch: layer('sketch'), mask: layer('mask') };
  return { document, history };
}
