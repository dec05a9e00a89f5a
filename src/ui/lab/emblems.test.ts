import { expect, it } from 'vitest';
import measured from './emblems.json';

it('was measured on both sorts of drawings, with terms that add up to no more than the whole bound', () => {
  const { timesteps, bounds } = measured;
  expect([timesteps[0], timesteps.at(-1)]).toEqual([0, 999]);
  expect(new Set(bounds.map(({ drawings }) => drawings))).toEqual(new Set(['heldOut', 'trainedOn']));
  for (const { terms, prior, total } of bounds) {
    expect(terms).toHaveLength(timesteps.length);
    expect(terms.reduce((sum, term) => sum + term, prior)).toBeLessThan(total);
  }
});
