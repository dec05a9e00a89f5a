import { expect, it } from 'vitest';
import { plotCells } from '../core/request/axes';
import { MAX_SEED } from '../core/request/fields';
import { wildcardsFrom } from '../core/text/dynamic/wildcards';
import { jobOf } from './fixtures/grids';
import { batchGrid, changeGrid, plotGrid, resolveGrid, walkGrid } from './grid';
import { recipeFor } from './job';

it('a batch has a child for each picture: the seeds count on from the parent’s, past the last one to 0', () => {
  const parent = jobOf('a', { request: { ...jobOf('a').request, seed: MAX_SEED, batchCount: 3 } });
  const { children, of } = batchGrid(parent);
  expect(of).toBe(3);
  expect(children.map(({ request: { seed, batchCount } }) => [seed, batchCount])).toEqual([
    [MAX_SEED, 1],
    [0, 1],
    [1, 1],
  ]);
  expect(children.map(({ id, parent }) => [id, parent])).toEqual([
    ['a/0', 'a'],
    ['a/1', 'a'],
    ['a/2', 'a'],
  ]);
});

it('a batch of variations keeps the seed, and counts the variation’s on', () => {
  const parent = jobOf('a');
  const request = { ...parent.request, seed: 3, variationSeed: 9, variationStrength: 0.2, batchCount: 2 };
  const { children } = batchGrid({ ...parent, request });
  expect(children.map(({ request: { seed, variationSeed } }) => [seed, variationSeed])).toEqual([
    [3, 9],
    [3, 10],
  ]);
});

it('a walk’s children all begin at the parent, each with the other end and its share of it', () => {
  const { children } = walkGrid(jobOf('a', {}, 4), { seed: 9 }, 3);
  expect(children.map(({ mix }) => mix)).toEqual([
    { seed: 9, share: 0 },
    { seed: 9, share: 0.5 },
    { seed: 9, share: 1 },
  ]);
  expect(new Set(children.map(({ request: { seed, batchCount } }) => `${seed} ${batchCount}`))).toEqual(
    new Set(['1 1']),
  );
});

it('a change reaches the parent and every child, and leaves their seeds', () => {
  const { parent, children } = changeGrid(batchGrid(jobOf('a', {}, 2)), (job) => ({
    ...job,
    model: 'other',
    request: { ...job.request, steps: 5 },
  }));
  expect([parent, ...children].map(({ model, request: { steps } }) => [model, steps])).toEqual(
    Array(3).fill(['other', 5]),
  );
  expect(children.map(({ request: { seed } }) => seed)).toEqual([1, 2]);
});

it('the inputs say the recipe', () => {
  expect(recipeFor([])).toBe('text-to-image');
  expect(recipeFor([], { hires: true })).toBe('hires');
  expect(recipeFor([{ kind: 'picture' }], { hires: true })).toBe('image-to-image');
  expect(recipeFor([{ kind: 'picture' }])).toBe('image-to-image');
  expect(recipeFor([{ kind: 'picture' }, { kind: 'mask' }])).toBe('inpaint');
});

it('a plot’s cells keep their places, and those of one model come together', () => {
  const { request } = jobOf('a');
  const axes = [
    { id: 'checkpoint', text: 'one, two' },
    { id: 'steps', text: '5,6' },
  ] as const;
  const { parent, children, of } = plotGrid(
    jobOf('a'),
    plotCells(request, axes, { checkpoints: ['one', 'two'] }),
    (kind, name) => `${kind}:${name}`,
  );
  expect([of, parent.plot?.axes.map(({ name }) => name)]).toEqual([4, ['Checkpoint name', 'Steps']]);
  expect(children.map(({ model, cell, request: { steps } }) => [model, cell?.at, steps])).toEqual([
    ['model:one', 0, 5],
    ['model:one', 2, 6],
    ['model:two', 1, 5],
    ['model:two', 3, 6],
  ]);
});

it('each picture of a grid says what its templates come to by its seed; the parent keeps what was asked for', () => {
  const parent = jobOf('a', {}, 40);
  const request = { ...parent.request, prompt: '{a|b} {a|b}', hires: true, hiresPrompt: '__x__' };
  const { parent: asked, children } = resolveGrid(batchGrid({ ...parent, request }), wildcardsFrom([['x', ['y']]]));
  expect(asked.request.prompt).toBe('{a|b} {a|b}');
  expect(new Set(children.map(({ request }) => request.prompt))).toEqual(new Set(['a a', 'a b', 'b a', 'b b']));
  expect(new Set(children.map(({ request: { template, hiresPrompt } }) => `${template} ${hiresPrompt}`))).toEqual(
    new Set(['{a|b} {a|b} y']),
  );
});
