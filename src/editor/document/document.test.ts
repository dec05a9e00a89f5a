import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EaselError } from '../../core/errors';
import { type Box, blankMask, blankPicture, type Picture } from '../../core/image/picture';
import { EMPTY_HISTORY, entryBetween, record, stepBack } from '../history/history';
import {
  type CanvasDocument,
  colourAt,
  createDocument,
  cropToFrame,
  documentOf,
  exportMask,
  exportPicture,
  LAYER_IDS,
  mapMask,
  placePainting,
  readMask,
  withFrame,
} from './document';
import { restoreCanvas, saveCanvas } from './saved';
import {
  editLayer,
  emptyLayer,
  readLayer,
  TILE,
  tileBox,
  tileColumn,
  tileKey,
  tileRow,
  tilesIn,
  writeLayer,
} from './tiles';

const solid = (width: number, height: number, rgba: readonly [number, number, number, number]): Picture =>
  blankPicture({ width, height }, rgba);

const bytesOf = (document: CanvasDocument, box: Box) =>
  LAYER_IDS.map((id) => {
    const out = new Uint8Array(box.width * box.height * document[id].channels);
    readLayer(document[id], box, out);
    return createHash('sha1').update(out).digest('hex');
  });

describe('tiles', () => {
  it('keys name columns and rows, negative ones too', () => {
    for (const [column, row] of [
      [0, 0],
      [-1, -1],
      [31, 5],
      [-4096, 4095],
    ]) {
      const key = tileKey(column, row);
      expect([tileColumn(key), tileRow(key)]).toEqual([column, row]);
      expect(tileBox(key)).toEqual({ x: column * TILE, y: row * TILE, width: TILE, height: TILE });
    }
    expect(tilesIn({ x: -1, y: 255, width: 2, height: 2 })).toHaveLength(4);
    expect(tilesIn({ x: 0, y: 0, width: 256, height: 256 })).toHaveLength(1);
    expect(tilesIn({ x: 0, y: 0, width: 0, height: 9 })).toEqual([]);
  });

  it('reads back what was written, anywhere, and 0 around it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -700, max: 700 }),
        fc.integer({ min: -700, max: 700 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        (x, y, width, height) => {
          const bytes = Uint8Array.from({ length: width * height }, (_, i) => (i * 31 + x) & 255 || 1);
          const layer = writeLayer(emptyLayer(1), { x, y, width, height }, bytes);
          const around = { x: x - 1, y: y - 1, width: width + 2, height: height + 2 };
          const out = new Uint8Array(around.width * around.height).fill(9);
          readLayer(layer, around, out);
          expect(out[0]).toBe(0);
          expect(out.at(-1)).toBe(0);
          for (const row of [0, height >> 1, height - 1])
            expect(out.subarray((row + 1) * around.width + 1, (row + 1) * around.width + 1 + width)).toEqual(
              bytes.subarray(row * width, (row + 1) * width),
            );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('shares untouched tiles, keeps equal ones, drops blank ones', () => {
    const layer = writeLayer(emptyLayer(1), { x: 0, y: 0, width: 512, height: 256 }, new Uint8Array(512 * 256).fill(7));
    const changed = writeLayer(layer, { x: 300, y: 0, width: 1, height: 1 }, Uint8Array.of(9));
    expect(changed.tiles.get(tileKey(0, 0))).toBe(layer.tiles.get(tileKey(0, 0)));
    expect(changed.tiles.get(tileKey(1, 0))).not.toBe(layer.tiles.get(tileKey(1, 0)));
    expect(layer.tiles.get(tileKey(1, 0))![44]).toBe(7);
    const rewritten = writeLayer(layer, { x: 3, y: 3, width: 1, height: 1 }, Uint8Array.of(7));
    expect(rewritten.tiles.get(tileKey(0, 0))).toBe(layer.tiles.get(tileKey(0, 0)));
    const wiped = editLayer(layer, { x: 0, y: 0, width: 256, height: 256 }, (tile) => tile.fill(0));
    expect([...wiped.tiles.keys()]).toEqual([tileKey(1, 0)]);
  });
});

describe('document', () => {
  it('an imported picture: alpha on white, or as mask', () => {
    const picture = { width: 2, height: 1, data: Uint8ClampedArray.of(0, 100, 200, 255, 0, 100, 200, 51) };
    const white = documentOf(picture);
    expect([...exportPicture(white).data]).toEqual([0, 100, 200, 255, 204, 224, 244, 255]);
    expect([...exportMask(white).data]).toEqual([0, 0]);
    const masked = documentOf(picture, 'mask');
    expect([...exportPicture(masked).data]).toEqual([0, 100, 200, 255, 0, 100, 200, 255]);
    expect([...exportMask(masked).data]).toEqual([0, 204]);
  });

  it('a frame beyond the picture is masked where there is no picture', () => {
    const document = withFrame(documentOf(solid(16, 16, [9, 9, 9, 255])), { x: -8, y: 0, width: 24, height: 16 });
    const { data } = exportMask(document);
    expect([...data.subarray(0, 24)]).toEqual([...Array(8).fill(255), ...Array(16).fill(0)]);
    expect(exportPicture(document).data[3]).toBe(0);
    expect(() => withFrame(document, { x: 0, y: 0, width: 9000, height: 8 })).toThrow(/9000 x 16.*8192/);
  });

  it('a finished painting joins the picture, grows the canvas and takes the sketch under it', () => {
    let document = documentOf(solid(16, 16, [9, 9, 9, 255]));
    document = {
      ...document,
      sketch: writeLayer(document.sketch, { x: 0, y: 0, width: 16, height: 1 }, solid(16, 1, [255, 0, 0, 255]).data),
    };
    const painting = solid(16, 16, [1, 2, 3, 255]);
    painting.data[3] = 0; // its first pixel is not painted
    const placed = placePainting(document, painting, 8, 0);
    expect(placed.canvas).toEqual({ x: 0, y: 0, width: 24, height: 16 });
    expect(colourAt(placed, 7, 0)).toEqual([255, 0, 0]);
    expect(colourAt(placed, 8, 0)).toEqual([255, 0, 0]);
    expect(colourAt(placed, 9, 0)).toEqual([1, 2, 3]);
    expect(colourAt(placed, 23.9, 15.9)).toEqual([1, 2, 3]);
    expect(colourAt(placed, 24, 0)).toBeUndefined();
  });

  it('crops to the frame, rewrites the mask', () => {
    let document = documentOf(solid(40, 40, [5, 6, 7, 255]));
    document = mapMask(document, { x: 10, y: 10, width: 4, height: 4 }, (mask) => blankMask(mask, 200));
    expect(readMask(document, { x: 9, y: 9, width: 2, height: 2 }).data).toEqual(Uint8Array.of(0, 0, 0, 200));
    const cropped = cropToFrame(withFrame(document, { x: 12, y: 12, width: 16, height: 16 }));
    expect(cropped.canvas).toEqual({ x: 12, y: 12, width: 16, height: 16 });
    expect(colourAt(cropped, 11, 12)).toBeUndefined();
    expect(exportMask(cropped).data[0]).toBe(200);
    expect(cropToFrame(document).picture.tiles).toEqual(document.picture.tiles);
  });

  it('refuses a canvas that is too large', () => {
    expect(() => createDocument({ width: 30000, height: 10 })).toThrow(/30000.*8192/);
  });
});

describe('stored canvas', () => {
  const before = documentOf(solid(300, 20, [1, 2, 3, 255]));
  const after = mapMask(before, { x: 250, y: 0, width: 20, height: 20 }, (mask) => blankMask(mask, 77));
  const again = mapMask(after, { x: 250, y: 3, width: 2, height: 2 }, (mask) => blankMask(mask));
  const history = record(
    record(EMPTY_HISTORY, entryBetween('Brush', before, after)),
    entryBetween('Eraser', after, again),
  );

  it('comes back byte for byte through a structured clone, and undoes as before', () => {
    const restored = restoreCanvas(structuredClone(saveCanvas(again, history)));
    expect(bytesOf(restored.document, again.canvas)).toEqual(bytesOf(again, again.canvas));
    const back = stepBack(restored.document, restored.history)!;
    expect(bytesOf(back.document, again.canvas)).toEqual(bytesOf(after, again.canvas));
    expect(bytesOf(stepBack(back.document, back.history)!.document, again.canvas)).toEqual(
      bytesOf(before, again.canvas),
    );
  });

  it('keeps only as much history as is asked for', () => {
    expect(saveCanvas(again, history, 0).history).toEqual({ undo: [], redo: [] });
    expect(saveCanvas(again, history, 2 * history.undo[1].bytes).history.undo).toHaveLength(1);
  });

  it('names what is wrong with a damaged one', () => {
    const good = structuredClone(saveCanvas(again, history));
    expect(() => restoreCanvas({ ...good, v: 2 })).toThrow(/format 2/);
    expect(() => restoreCanvas('nonsense')).toThrow(/not a canvas/);
    expect(() => restoreCanvas({ ...good, frame: { x: 0.5 } })).toThrow(/frame/);
    expect(() => restoreCanvas({ ...good, frame: { x: 0, y: 0, width: 30000, height: 8 } })).toThrow(/30000/);
    const short = structuredClone(good);
    short.layers.mask[0].bytes = new Uint8Array(5);
    expect(() => restoreCanvas(short)).toThrow(/tile of its mask/);
    const broken = structuredClone(good);
    const change = broken.history.undo[1].changes[0];
    if (!('xor' in change)) throw new Error('the eraser changed a tile that both versions have');
    change.xor = change.xor.slice(0, -1);
    expect(() => restoreCanvas(broken)).toThrow(/history/);
  });

  it('whatever stands in its place, an error says so or a document comes of it', () => {
    const good = structuredClone(saveCanvas(again, history));
    const whole = fc.anything({ withTypedArray: true, withNullPrototype: true });
    const parts = fc
      .tuple(fc.constantFrom('v', 'canvas', 'frame', 'layers', 'history'), whole)
      .map(([key, value]) => ({ ...good, [key]: value }));
    const layers = fc
      .tuple(fc.constantFrom(...LAYER_IDS), fc.array(whole))
      .map(([id, value]) => ({ ...good, layers: { ...good.layers, [id]: value } }));
    const changes = fc.array(whole).map((value) => {
      const [first, ...rest] = good.history.undo;
      return { ...good, history: { ...good.history, undo: [{ ...first, changes: value }, ...rest] } };
    });
    fc.assert(
      fc.property(fc.oneof(whole, parts, layers, changes), (saved) => {
        try {
          expect(restoreCanvas(saved).document.canvas.width).toBeGreaterThan(0);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(EaselError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
