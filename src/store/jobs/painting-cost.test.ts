import { expect, it } from 'vitest';
import { DEFAULT_REQUEST } from '../../core/request/request';
import { paintingMs, timesAsLong } from './painting-cost';

const SMALL = { width: 256, height: 256 };
const record = {
  request: { ...DEFAULT_REQUEST, ...SMALL, steps: 20, cfgScale: 5 },
  timings: { encodeMs: 100, denoiseMs: 6000, decodeMs: 400, totalMs: 6500 },
};

it('a size of four times the pixels takes about nine times as long, as the starter did', () => {
  expect(timesAsLong({ width: 512, height: 512 }, SMALL)).toBeCloseTo(9.19, 1);
});

it('a picture like the one before takes as long; fewer steps and no guidance less', () => {
  expect(paintingMs(record.request, record)).toBe(6500);
  expect(paintingMs({ ...record.request, steps: 10 }, record)).toBe(3500);
  expect(paintingMs({ ...record.request, cfgScale: 1 }, record)).toBe(3500);
});
