import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  actualSize,
  fitView,
  MAX_SCALE,
  MIN_SCALE,
  panBy,
  pinch,
  resized,
  toCanvas,
  toScreen,
  type Viewport,
  visibleBox,
  zoomAbout,
  zoomByWheel,
} from './viewport';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const anyPoint = fc.record({ x: number(-500, 1500), y: number(-500, 1500) });
const anyView: fc.Arbitrary<Viewport> = fc.record({
  width: fc.integer({ min: 100, max: 2000 }),
  height: fc.integer({ min: 100, max: 2000 }),
  x: number(-4000, 4000),
  y: number(-4000, 4000),
  scale: number(0.05, 20),
});

describe('viewport', () => {
  it('screen and canvas coordinates are each other inverted', () => {
    fc.assert(
      fc.property(anyView, anyPoint, (view, at) => {
        const back = toScreen(view, toCanvas(view, at));
        expect(back.x).toBeCloseTo(at.x, 6);
        expect(back.y).toBeCloseTo(at.y, 6);
      }),
    );
  });

  it('zooming leaves what is under the pointer there, at any factor, within the limits', () => {
    fc.assert(
      fc.property(anyView, anyPoint, number(-9000, 9000), (view, about, delta) => {
        const zoomed = zoomByWheel(view, about, delta);
        const [before, after] = [toCanvas(view, about), toCanvas(zoomed, about)];
        expect(after.x).toBeCloseTo(before.x, 4);
        expect(after.y).toBeCloseTo(before.y, 4);
        expect(zoomed.scale).toBeGreaterThanOrEqual(MIN_SCALE);
        expect(zoomed.scale).toBeLessThanOrEqual(MAX_SCALE);
      }),
    );
  });

  it('a pinch takes what lies under each finger along', () => {
    const view = { width: 800, height: 600, x: 10, y: 20, scale: 0.5 };
    const before = [
      { x: 100, y: 100 },
      { x: 300, y: 100 },
    ] as const;
    const now = [
      { x: 50, y: 150 },
      { x: 450, y: 150 },
    ] as const; // twice the spread
    const after = pinch(view, before, now);
    expect(after.scale).toBeCloseTo(1, 9);
    for (const i of [0, 1]) {
      expect(toCanvas(after, now[i]).x).toBeCloseTo(toCanvas(view, before[i]).x, 9);
      expect(toCanvas(after, now[i]).y).toBeCloseTo(toCanvas(view, before[i]).y, 9);
    }
  });

  it('fits, shows 100 %, pans and keeps its middle when resized', () => {
    const view = { width: 1048, height: 548, x: 0, y: 0, scale: 3 };
    const fitted = fitView(view, { x: 0, y: 0, width: 2000, height: 500 });
    expect(fitted.scale).toBe(0.5); // (1048 - 48) / 2000
    expect(toScreen(fitted, { x: 1000, y: 250 })).toEqual({ x: 524, y: 274 });
    // 500 / 200 is two and a half: whole factors only, and never more than four.
    expect(fitView(view, { x: 0, y: 0, width: 200, height: 200 }).scale).toBe(2);
    expect(fitView(view, { x: 0, y: 0, width: 64, height: 64 }).scale).toBe(4);
    expect(toScreen(actualSize(fitted, { x: -10, y: 0, width: 20, height: 20 }), { x: 0, y: 10 })).toEqual({
      x: 524,
      y: 274,
    });
    expect(panBy({ ...view, scale: 2 }, 10, -4)).toMatchObject({ x: -5, y: 2 });
    const smaller = resized(fitted, { width: 500, height: 300 });
    expect(toScreen(smaller, { x: 1000, y: 250 })).toEqual({ x: 250, y: 150 });
    expect(visibleBox({ width: 100, height: 50, x: -0.5, y: 2, scale: 2 })).toEqual({
      x: -1,
      y: 2,
      width: 51,
      height: 25,
    });
    expect(zoomAbout(view, { x: 0, y: 0 }, 1e9).scale).toBe(64);
  });
});
