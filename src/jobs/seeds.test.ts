import { expect, it } from 'vitest';
import { DEFAULT_REQUEST } from '../core/request/request';
import { resolveSeeds } from './seeds';

it('draws a seed where a random one is asked for, and keeps any other', () => {
  expect(resolveSeeds({ ...DEFAULT_REQUEST, seed: -1 }, () => 7)).toEqual({ ...DEFAULT_REQUEST, seed: 7 });
  expect(resolveSeeds({ ...DEFAULT_REQUEST, seed: 0 }, () => 7).seed).toBe(0);
  const varied = { ...DEFAULT_REQUEST, seed: 3, variationStrength: 0.1 };
  expect(resolveSeeds(varied, () => 7).variationSeed).toBe(7);
  expect(resolveSeeds({ ...varied, variationSeed: 5 }, () => 7).variationSeed).toBe(5);
});
