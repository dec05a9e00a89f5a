import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from '../../core/image/picture';
import { type CanvasDocument, createDocument, LAYER_IDS, type LayerId, withFrame } from '../document/document';
import { readLayer, TILE, type Tile, writeLayer } from '../document/tiles';
import { applyXor, tileXor } from './delta';
import { EMPTY_HISTORY, entryBetween, type History, historyBytes, record, stepBack, stepForward } from './history';

const everything = (document: CanvasDocument) => ({
  frame: document.frame,
  canvas: document.canvas,
  layers: LAYER_IDS.map((id) => {
    const out = new Uint8Array(600 * 300 * document[id].channels);
    readLayer(document[id], { x: 0, y: 0, width: 600, height: 300 }, out);
    return createHash('sha1').update(out).digest('hex');
  }),
});

describe('differences of tiles', () => {
  const anyTile = fc.option(
    fc.array(
      fc.tuple(fc.integer({ min: 0, max: 4095 }), fc.integer({ min: 1, max: 700 }), fc.integer({ min: 0, max: 255 })),
      { maxLength: 12 },
    ),
    { nil: undefined },
  );
  const tileOf = (runs: [number, number, number][] | undefined): Tile | undefined => {
    if (!runs) return undefined;
    const tile = new Uint8Array(4096);
    for (const [start, length, value] of runs) tile.fill(value, start, start + length);
    return tile;
  };

  it('lead from either version to the other', () => {
    fc.assert(
      fc.property(anyTile, anyTile, (a, b) => {
        const [left, right] = [tileOf(a), tileOf(b)];
        const xor = tileXor(left, right, 4096);
        expect(applyXor(left, xor, 4096)).toEqual(right ?? new Uint8Array(4096));
        expect(applyXor(right, xor, 4096)).toEqual(left ?? new Uint8Array(4096));
      }),
    );
  });

  it('cost little for a flat stroke and no more than the words and headers for noise', () => {
    const noise = Uint8Array.from({ length: 4096 }, (_, i) => (i * i * 7919) >> 5);
    expect(tileXor(undefined, new Uint8Array(4096).fill(255), 4096)).toHaveLength(2);
    expect(tileXor(undefined, noise, 4096).byteLength).toBeLessThanOrEqual(4096 + 8);
  });
});

interface Edit {
  layer: LayerId;
  box: Box;
  value: number;
}

const anyEdit: fc.Arbitrary<Edit> = fc.record({
  layer: fc.constantFrom(...LAYER_IDS),
  box: fc.record({
    x: fc.integer({ min: 0, max: 500 }),
    y: fc.integer({ min: 0, max: 250 }),
    width: fc.integer({ min: 1, max: 90 }),
    height: fc.integer({ min: 1, max: 40 }),
  }),
  value: fc.integer({ min: 0, max: 255 }),
});

const edited = (document: CanvasDocument, { layer, box, value }: Edit): CanvasDocument => ({
  ...document,
  [layer]: writeLayer(
    document[layer],
    box,
    new Uint8Array(box.width * box.height * document[layer].channels).fill(value),
  ),
});

describe('undo and redo', () => {
  it('return identical bytes for any sequence of edits, steps back and steps forward', () => {
    const command = fc.oneof(
      { weight: 3, arbitrary: anyEdit },
      { weight: 2, arbitrary: fc.constantFrom('undo' as const, 'redo' as const) },
    );
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 25 }), (commands) => {
        let document = createDocument({ width: 600, height: 300 });
        let history: History = EMPTY_HISTORY;
        // The same by keeping every version.
        let versions = [everything(document)];
        let at = 0;
        for (const item of commands) {
          if (typeof item === 'string') {
            const step = item === 'undo' ? stepBack(document, history) : stepForward(document, history);
            at = Math.min(versions.length - 1, Math.max(0, at + (item === 'undo' ? -1 : 1)));
            if (step) ({ document, history } = step);
          } else {
            const next = edited(document, item);
            history = record(history, entryBetween('edit', document, next));
            document = next;
            versions = [...versions.slice(0, ++at), everything(document)];
          }
          expect(everything(document)).toEqual(versions[at]);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('takes back a moved frame', () => {
    const before = createDocument({ width: 64, height: 64 });
    const after = withFrame(before, { x: 0, y: 0, width: 128, height: 64 });
    const step = stepBack(after, record(EMPTY_HISTORY, entryBetween('Frame', before, after)))!;
    expect(step.document.frame).toEqual(before.frame);
    expect(stepForward(step.document, step.history)!.document.frame).toEqual(after.frame);
    expect(stepBack(before, EMPTY_HISTORY)).toBeUndefined();
  });

  it('fresh ground costs nothing to take back; a new step forgets what was taken back', () => {
    const empty = createDocument({ width: 600, height: 300 });
    const filled = edited(empty, { layer: 'picture', box: { x: 0, y: 0, width: 600, height: 256 }, value: 200 });
    const entry = entryBetween('Picture', empty, filled);
    expect(entry.changes).toHaveLength(3);
    expect(entry.bytes).toBeLessThan(1000);
    const back = stepBack(filled, record(EMPTY_HISTORY, entry))!;
    expect(back.history.redo).toHaveLength(1);
    expect(record(back.history, entry).redo).toEqual([]);
  });

  it('drops the oldest steps past the budget, never the latest', () => {
    let document = createDocument({ width: 600, height: 300 });
    let history: History = EMPTY_HISTORY;
    for (let i = 0; i < 40; i++) {
      const bytes = Uint8Array.from({ length: TILE * TILE }, (_, k) => (k * k * (i + 3)) >> 4);
      const next = { ...document, mask: writeLayer(document.mask, { x: 0, y: 0, width: TILE, height: TILE }, bytes) };
      history = record(history, entryBetween(`${i}`, document, next), 5 * TILE * TILE);
      document = next;
      expect(historyBytes(history)).toBeLessThanOrEqual(5 * TILE * TILE);
    }
    expect(history.undo.map(({ label }) => label)).toEqual(['36', '37', '38', '39']);
    const next = edited(document, { layer: 'mask', box: { x: 0, y: 0, width: 90, height: 40 }, value: 1 });
    expect(record(history, entryBetween('last', document, next), 1).undo.map(({ label }) => label)).toEqual(['last']);
  });
});
