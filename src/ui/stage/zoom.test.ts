import { expect, it } from 'vitest';
import { FIT, pinch, toggled, truePixels, zoomAt } from './zoom';

/** Where a place of the fitted picture is seen in a view. */
const seen = (view: { zoom: number; x: number; y: number }, x: number) => x * view.zoom + view.x;

it('leaves what is under the pointer where it is', () => {
  const once = zoomAt(FIT, 2, { x: 100, y: -50 });
  expect(seen(once, 100)).toBe(100);
  const twice = zoomAt(once, 1.5, { x: -30, y: 0 });
  const under = (-30 - once.x) / once.zoom;
  expect(seen(twice, under)).toBeCloseTo(-30, 10);
});

it('stops at its limits', () => {
  expect(zoomAt(FIT, 1e6, FIT).zoom).toBe(24);
  expect(zoomAt(FIT, 1e-6, FIT).zoom).toBe(0.2);
});

it('goes to true pixels and back', () => {
  // 256 pixels shown 640 wide on a screen of two device pixels each.
  const zoom = truePixels(256, 640, 2);
  expect(zoom).toBe(0.2);
  expect(toggled(FIT, zoom, { x: 50, y: 50 })).toEqual({ zoom: 0.2, x: 0, y: 0 });
  expect(toggled({ zoom: 3, x: 9, y: 9 }, zoom, FIT)).toBe(FIT);
  expect(toggled(FIT, 1.01, { x: 10, y: 0 })).toEqual({ zoom: 2, x: -10, y: 0 });
});

it('reads two fingers', () => {
  const before = [
    { x: -10, y: 0 },
    { x: 10, y: 0 },
  ] as const;
  const after = [
    { x: -20, y: 4 },
    { x: 20, y: 4 },
  ] as const;
  expect(pinch(before, after)).toEqual({ factor: 2, at: { x: 0, y: 4 } });
});
