import { expect, it } from 'vitest';
import { walkedTo } from './walk-rows';

it('walks rows of three as they lie, and stays at the ends', () => {
  // 0 1 2
  // 3 4 5
  // 6 7
  const rows = { count: 8, columns: 3 };
  expect(walkedTo('ArrowDown', 1, rows)).toBe(4);
  expect(walkedTo('ArrowUp', 4, rows)).toBe(1);
  expect(walkedTo('ArrowRight', 2, rows)).toBe(3);
  expect(walkedTo('ArrowLeft', 3, rows)).toBe(2);
  expect(walkedTo('ArrowDown', 5, rows)).toBe(7); // there is nothing under it, but there is a row
  expect(walkedTo('ArrowDown', 6, rows)).toBeUndefined();
  expect(walkedTo('ArrowUp', 2, rows)).toBeUndefined();
  expect(walkedTo('ArrowLeft', 0, rows)).toBeUndefined();
  expect(walkedTo('ArrowRight', 7, rows)).toBeUndefined();
  expect([walkedTo('Home', 5, rows), walkedTo('End', 5, rows)]).toEqual([0, 7]);
  expect(walkedTo('a', 5, rows)).toBeUndefined();
});

it('walks a strip either way', () => {
  const strip = { count: 3, columns: 1 };
  expect([walkedTo('ArrowDown', 0, strip), walkedTo('ArrowRight', 0, strip)]).toEqual([1, 1]);
});
