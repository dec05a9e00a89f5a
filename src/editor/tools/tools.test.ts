import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, blankPicture } from '../../core/image/picture';
import { createDocument, documentOf, mapMask, readMask, readPicture } from '../document/document';
import { emptyLayer, readLayer } from '../document/tiles';
import { type Coverage, coverPolygon, emptyCoverage, stamp } from './coverage';
import { floodFill } from './flood-fill';
import { dragFrame, extendFrame, handleAt } from './frame';
import { beginPath, endPath, extendPath, type Sample, spacing } from './path';
import { applyInk, type Brush, beginStroke, endStroke, extendStroke, type Ink } from './stroke';

const CANVAS: Box = { x: 0, y: 0, width: 600, height: 600 };

function read(coverage: Coverage, box = CANVAS): Uint8Array {
  const out = new Uint8Array(box.width * box.height);
  readLayer({ ...emptyLayer(1), tiles: coverage.tiles }, box, out);
  return out;
}

const area = (coverage: Coverage) => read(coverage).reduce((sum, value) => sum + value, 0) / 255;

describe('dab', () => {
  /**
   * The integral of 2 pi d over 1 to a, then of 1 - (3 t^2 - 2 t^3) over a width w: pi a^2 + 2 pi w (a / 2 + 0.15 w).
   */
  const analytic = (a: number, w: number) => Math.PI * a * a + 2 * Math.PI * w * (a / 2 + 0.15 * w);

  it('covers the area of its circle wherever its centre lies', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 256 - 60, max: 256 + 60, noNaN: true }),
        fc.double({ min: 256 - 60, max: 256 + 60, noNaN: true }),
        fc.integer({ min: 32, max: 800 }),
        fc.constantFrom(1, 0.75, 0.5),
        (x, y, eighths, hardness) => {
          const radius = eighths / 8; // the table's own step
          const coverage = emptyCoverage();
          stamp(coverage, { x, y, radius, hardness, flow: 1 }, CANVAS);
          const inner = radius * hardness - 0.5;
          const wanted = analytic(inner, radius + 0.5 - inner);
          expect(Math.abs(area(coverage) - wanted)).toBeLessThanOrEqual(0.012 * wanted);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a hard dab of 100 pixels is a disk of pi r^2 to 0.1 %', () => {
    const coverage = emptyCoverage();
    stamp(coverage, { x: 300, y: 300, radius: 50, hardness: 1, flow: 1 }, CANVAS);
    expect(Math.abs(area(coverage) / (Math.PI * 2500) - 1)).toBeLessThan(1e-3);
    const data = read(coverage);
    expect(data[300 * 600 + 300]).toBe(255);
    expect(data[300 * 600 + 349]).toBeGreaterThan(128); // centre at 49.5 from the middle
    expect(data[300 * 600 + 351]).toBe(0);
  });

  it('one pixel for the smallest brush; nothing outside the clip', () => {
    const coverage = emptyCoverage();
    stamp(coverage, { x: 10.5, y: 10.5, radius: 0.5, hardness: 1, flow: 1 }, CANVAS);
    expect(read(coverage, { x: 9, y: 9, width: 3, height: 3 })).toEqual(Uint8Array.of(0, 0, 0, 0, 255, 0, 0, 0, 0));
    const clipped = emptyCoverage();
    stamp(clipped, { x: 10, y: 10, radius: 9, hardness: 0.5, flow: 1 }, { x: 10, y: 10, width: 3, height: 2 });
    expect(clipped.box).toEqual({ x: 10, y: 10, width: 3, height: 2 });
    expect(read(clipped).filter((value) => value > 0)).toHaveLength(6);
  });

  it('overlapping dabs keep the greater coverage', () => {
    const once = emptyCoverage();
    const thrice = emptyCoverage();
    const dab = { x: 50.3, y: 60.8, radius: 20, hardness: 0.2, flow: 0.6 };
    stamp(once, dab, CANVAS);
    for (let i = 0; i < 3; i++) stamp(thrice, dab, CANVAS);
    expect(Buffer.compare(read(once), read(thrice))).toBe(0);
    expect(read(once).reduce((most, value) => Math.max(most, value))).toBe(153); // 0.6 of 255
  });
});

describe('path', () => {
  const along = (samples: Sample[], radius: number): Sample[] => {
    const dabs: Sample[] = [samples[0]];
    const step = () => spacing(radius);
    let path = beginPath(samples[0], step);
    for (const sample of samples.slice(1)) path = extendPath(path, sample, step, (at) => dabs.push(at));
    endPath(path, step, (at) => dabs.push(at));
    return dabs;
  };

  it('dabs stand evenly on a straight line and end where the pointer did, however the samples fall', () => {
    const few = along(
      [
        { x: 0, y: 0, pressure: 1 },
        { x: 300, y: 0, pressure: 1 },
      ],
      20,
    );
    const many = along(
      Array.from({ length: 61 }, (_, i) => ({ x: i * 5, y: 0, pressure: 1 })),
      20,
    );
    for (const dabs of [few, many]) {
      expect(dabs.at(-1)!.x).toBeCloseTo(300, 6);
      for (let i = 1; i < dabs.length - 1; i++) expect(dabs[i].x - dabs[i - 1].x).toBeCloseTo(4, 6); // sqrt(0.8 * 20)
    }
    expect(many).toHaveLength(few.length);
  });

  it('rounds the corners of a coarse circle', () => {
    const samples = Array.from({ length: 13 }, (_, i) => {
      const angle = (i / 12) * 2 * Math.PI;
      return { x: 100 * Math.cos(angle), y: 100 * Math.sin(angle), pressure: 1 };
    });
    // The chords' middles are at 100 cos(15 degrees) = 96.6; a polyline's corners would jump by 30 degrees.
    const dabs = along(samples, 10).filter((_, i, all) => i > 20 && i < all.length - 20);
    for (const { x, y } of dabs) expect(Math.hypot(x, y)).toBeGreaterThan(96.5);
    const turns = dabs.slice(2).map((at, i) => {
      const [a, b] = [dabs[i], dabs[i + 1]];
      return Math.abs(
        Math.atan2(
          (b.x - a.x) * (at.y - b.y) - (b.y - a.y) * (at.x - b.x),
          (b.x - a.x) * (at.x - b.x) + (b.y - a.y) * (at.y - b.y),
        ),
      );
    });
    expect(Math.max(...turns)).toBeLessThan((8 / 180) * Math.PI);
  });
});

const BRUSH: Brush = { size: 40, hardness: 1, opacity: 1, pressure: 'none' };
const ink = (change: Partial<Ink> = {}): Ink => ({
  layer: 'mask',
  mode: 'paint',
  opacity: 1,
  colour: [200, 0, 0],
  ...change,
});
const at = (x: number, y: number, pressure = 1): Sample => ({ x, y, pressure });

describe('stroke', () => {
  it('opacity holds for the stroke as a whole: crossing itself adds nothing, a second stroke does', () => {
    const document = createDocument({ width: 200, height: 200 });
    const draw = () => {
      const stroke = beginStroke(ink({ opacity: 0.5 }), BRUSH, document.canvas, at(50, 100));
      extendStroke(stroke, [at(150, 100), at(50, 100), at(150, 100)]);
      endStroke(stroke);
      return stroke;
    };
    const once = applyInk(document, draw());
    expect(readMask(once, { x: 100, y: 100, width: 1, height: 1 }).data[0]).toBe(128); // round(255 / 2)
    // 128 + 127 / 2, rounded.
    expect(readMask(applyInk(once, draw()), { x: 100, y: 100, width: 1, height: 1 }).data[0]).toBe(192);
  });

  it('pressure sets size or opacity', () => {
    const document = createDocument({ width: 200, height: 200 });
    const width = (pressure: Brush['pressure'], force: number) => {
      const stroke = beginStroke(ink(), { ...BRUSH, pressure }, document.canvas, at(100, 100, force));
      const row = readMask(applyInk(document, stroke), { x: 0, y: 100, width: 200, height: 1 }).data;
      return [row.filter((value) => value > 0).length, row[100]];
    };
    expect(width('none', 0.5)).toEqual([40, 255]);
    expect(width('size', 0.5)).toEqual([20, 255]);
    expect(width('opacity', 0.5)).toEqual([40, 128]);
    expect(width('both', 0.5)).toEqual([20, 128]);
  });

  it('a scribble stays a smooth band: no scallops along a hard edge', () => {
    const document = createDocument({ width: 400, height: 100 });
    const stroke = beginStroke(ink(), BRUSH, document.canvas, at(50, 50));
    extendStroke(stroke, [at(350, 50)]);
    endStroke(stroke);
    const mask = readMask(applyInk(document, stroke), document.canvas);
    const columns = Array.from({ length: 300 }, (_, i) => {
      let sum = 0;
      for (let y = 0; y < 100; y++) sum += mask.data[y * 400 + 50 + i] / 255;
      return sum;
    });
    expect(Math.max(...columns) - Math.min(...columns)).toBeLessThan(0.3);
    expect(columns[150]).toBeGreaterThan(39.6);
  });

  it('paints and erases colour; what is erased is empty', () => {
    const document = documentOf(blankPicture({ width: 64, height: 64 }, [0, 0, 100, 255]));
    const painted = applyInk(
      document,
      beginStroke(ink({ layer: 'sketch', opacity: 0.5 }), BRUSH, document.canvas, at(32, 32)),
    );
    expect([...readPicture(painted, { x: 32, y: 32, width: 1, height: 1 }).data]).toEqual([100, 0, 50, 255]);
    const rubber = beginStroke(
      ink({ layer: 'sketch', mode: 'erase' }),
      { ...BRUSH, size: 90 },
      document.canvas,
      at(32, 32),
    );
    expect(applyInk(painted, rubber).sketch.tiles.size).toBe(0);
  });
});

describe('polygon', () => {
  it('covers its area with smooth edges', () => {
    const triangle = [
      { x: 10.5, y: 10 },
      { x: 110.5, y: 10 },
      { x: 10.5, y: 110 },
    ];
    expect(Math.abs(area(coverPolygon(triangle, CANVAS)) - 5000)).toBeLessThan(10);
    const square = coverPolygon(
      [
        { x: 3.25, y: 4 },
        { x: 9, y: 4 },
        { x: 9, y: 6 },
        { x: 3.25, y: 6 },
      ],
      CANVAS,
    );
    expect([...read(square, { x: 2, y: 4, width: 8, height: 1 })]).toEqual([0, 191, 255, 255, 255, 255, 255, 0]);
    expect(square.box).toEqual({ x: 3, y: 4, width: 6, height: 2 });
  });

  it('a line or what lies outside covers nothing', () => {
    expect(
      coverPolygon(
        [
          { x: 0, y: 0 },
          { x: 5, y: 5 },
        ],
        CANVAS,
      ).tiles.size,
    ).toBe(0);
    expect(
      coverPolygon(
        [
          { x: -50, y: -50 },
          { x: -10, y: -50 },
          { x: -10, y: -10 },
        ],
        CANVAS,
      ).tiles.size,
    ).toBe(0);
  });
});

describe('flood fill', () => {
  it('fills what is connected and alike, and stops at a ring', () => {
    let document = createDocument({ width: 300, height: 40 });
    const ring = (x: number, y: number) =>
      x === 100 || x === 279 || ((y === 5 || y === 30) && x > 100 && x < 280) ? 255 : 0;
    document = mapMask(document, document.canvas, (mask) => ({
      ...mask,
      data: mask.data.map((_, i) => ring(i % 300, Math.floor(i / 300))),
    }));
    const inside = floodFill(document, 'mask', document.canvas, 200.5, 20);
    expect(area(inside)).toBe(178 * 24); // columns 101..278, rows 6..29
    expect(inside.box).toEqual({ x: 101, y: 6, width: 178, height: 24 });
    expect(floodFill(document, 'mask', document.canvas, -1, 5).tiles.size).toBe(0);
  });

  it('on the sketch goes by the colours as seen', () => {
    const picture = blankPicture({ width: 20, height: 10 }, [10, 10, 10, 255]);
    for (let y = 0; y < 10; y++) picture.data.set([240, 240, 240, 255], 4 * (y * 20 + 8));
    expect(area(floodFill(documentOf(picture), 'sketch', { x: 0, y: 0, width: 20, height: 10 }, 3, 3))).toBe(80);
  });

  it('equals a plain search on random grounds', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 144, maxLength: 144 }), fc.nat(143), (walls, start) => {
        const document = mapMask(
          createDocument({ width: 12, height: 12 }),
          { x: 0, y: 0, width: 12, height: 12 },
          (mask) => ({
            ...mask,
            data: Uint8Array.from(walls, (wall) => (wall ? 255 : 0)),
          }),
        );
        const seen = new Set([start]);
        for (const cell of seen)
          for (const [dx, dy] of [
            [1, 0],
            [-1, 0],
            [0, 1],
            [0, -1],
          ]) {
            const [x, y] = [(cell % 12) + dx, Math.floor(cell / 12) + dy];
            if (x >= 0 && y >= 0 && x < 12 && y < 12 && walls[12 * y + x] === walls[start]) seen.add(12 * y + x);
          }
        const filled = read(
          floodFill(document, 'mask', document.canvas, start % 12, Math.floor(start / 12)),
          document.canvas,
        );
        expect([...filled].flatMap((value, i) => (value ? [i] : []))).toEqual([...seen].sort((a, b) => a - b));
      }),
      { numRuns: 100 },
    );
  });
});

describe('frame', () => {
  const frame = { x: 0, y: 0, width: 512, height: 389 };

  it('takes hold of corners, edges, or the whole', () => {
    expect(handleAt(frame, 2, 3, 8)).toBe('nw');
    expect(handleAt(frame, 515, 200, 8)).toBe('e');
    expect(handleAt(frame, 250, 385, 8)).toBe('s');
    expect(handleAt(frame, 250, 200, 8)).toBe('move');
    expect(handleAt(frame, 530, 200, 8)).toBeUndefined();
  });

  it('dragged sides are multiples of 8 and the opposite edge stays', () => {
    expect(dragFrame(frame, 'e', 61, 0, frame)).toEqual({ ...frame, width: 576 }); // 573 -> 576
    expect(dragFrame(frame, 'w', -64, 9, frame)).toEqual({ ...frame, x: -64, width: 576 });
    expect(dragFrame(frame, 'n', 0, -10, frame)).toEqual({ ...frame, y: -11, height: 400 }); // 399 -> 400
    expect(dragFrame(frame, 'se', -2000, -2000, frame)).toEqual({ ...frame, width: 64, height: 64 });
    expect(dragFrame(frame, 'move', 13, -3, frame)).toEqual({ ...frame, x: 16, y: -0 });
    expect(extendFrame(frame, 'e', 64, frame)).toEqual({ ...frame, width: 576 });
    expect(extendFrame(frame, 'n', 64, frame).y).toBe(-67); // 389 + 64 = 453 -> 456
  });

  it('stays within 8192 pixels together with the canvas', () => {
    expect(dragFrame(frame, 'e', 9000, 0, frame)).toEqual({ ...frame, width: 8192 });
    expect(dragFrame(frame, 'w', -9000, 0, { ...frame, width: 600 })).toEqual(frame);
  });
});
