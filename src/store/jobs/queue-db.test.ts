import 'fake-indexeddb/auto';
import { beforeEach, expect, it } from 'vitest';
import { blankMask, blankPicture } from '../../core/image/picture';
import { batchOf, jobOf } from '../../jobs/fixtures/grids';
import { batchGrid, walkGrid } from '../../jobs/grid';
import { recipeFor } from '../../jobs/job';
import { FakeLocks } from '../fixtures/fake-locks';
import { openDatabase } from '../persistence/database';
import { givenOf, keepInputs } from './inputs';
import { createQueueDb } from './queue-db';

const database = openDatabase();
const opened = await database.opened;
let locks: FakeLocks;

beforeEach(async () => {
  locks = new FakeLocks();
  await opened.clear('jobs');
});

const page = (name: string) => createQueueDb(database, locks.claimOf(name), name);
const ids = async (name: string) =>
  (await page(name).earlier(() => undefined)).grids.map(({ parent, children }) => `${parent.id}${children.length}`);
const parts = async () => (await opened.getAllKeys('jobs')).map(([owner, part]) => `${owner} ${part.slice(0, 5)}`);

it('gives what a page left to the next, with what it was to be painted from, byte for byte', async () => {
  const given = {
    picture: blankPicture({ width: 3, height: 2 }, [1, 2, 3, 0]),
    mask: { ...blankMask({ width: 3, height: 2 }), data: Uint8Array.of(0, 1, 2, 3, 4, 255) },
  };
  const inputs = await keepInputs(given);
  const place = { x: -8, y: 0, width: 3, height: 2 };
  const canvas = batchGrid(
    jobOf(
      'canvas',
      { inputs, recipe: recipeFor(inputs), sink: 'canvas', place, origin: { number: 3, way: 'hires' } },
      2,
    ),
  );
  const walk = walkGrid(jobOf('walk', { sink: 'walk' }), { seed: 9, prompt: 'a dog' }, 3);
  await page('a').save([canvas, walk]);
  locks.close('a');
  const { grids } = await page('b').earlier(() => undefined);
  expect(grids).toEqual([canvas, walk]);
  const [parent, ...children] = [grids[0].parent, ...grids[0].children];
  for (const job of [parent, ...children]) expect(await givenOf(job.inputs)).toEqual(given);
  // One reference for all of them: the bytes stay as long as one of them needs them, and no longer.
  for (const child of children) expect(child.inputs[0]).toBe(parent.inputs[0]);
});

it('does not offer the queue of a page that is open, nor one that another page was offered', async () => {
  const a = page('a');
  await a.save([batchOf('one')]);
  expect(await ids('b')).toEqual([]);
  locks.close('a');
  expect(await ids('b')).toEqual(['one1']);
  expect(await ids('c')).toEqual([]);
  // Nobody has answered: it is there for the next one.
  locks.close('b');
  expect(await ids('d')).toEqual(['one1']);
});

it('joins what several pages left, and forgets it all', async () => {
  await page('a').save([batchOf('one')]);
  await page('b').save([batchOf('two', 2)]);
  locks.close('a');
  locks.close('b');
  const { grids, forget } = await page('c').earlier(() => undefined);
  expect(grids.map(({ parent: { id } }) => id)).toEqual(['one', 'two']);
  await forget();
  expect(await parts()).toEqual([]);
});

it('keeps inputs as long as something needs them, and nothing of an empty queue', async () => {
  const inputsOf = (level: number) =>
    keepInputs({ picture: blankPicture({ width: 1, height: 1 }, [level, 0, 0, 255]) });
  const [first, second] = [await inputsOf(1), await inputsOf(2)];
  const a = page('a');
  await a.save([batchGrid(jobOf('one', { inputs: first })), batchGrid(jobOf('two', { inputs: second }))]);
  expect(await parts()).toHaveLength(3);
  await a.save([batchGrid(jobOf('two', { inputs: second }))]);
  expect(await parts()).toEqual([`a ${second[0].hash.slice(0, 5)}`, 'a queue'].sort());
  await a.save([]);
  expect(await parts()).toEqual([]);
});

it('leaves out a job whose input is gone', async () => {
  const inputs = await keepInputs({ picture: blankPicture({ width: 1, height: 1 }) });
  await page('a').save([batchGrid(jobOf('one', { inputs })), batchOf('two')]);
  await opened.delete('jobs', ['a', inputs[0].hash]);
  locks.close('a');
  expect(await ids('b')).toEqual(['two1']);
});

/** As version 1 wrote it; it must be readable for good. */
const FROZEN = {
  v: 1,
  grids: [
    {
      parent: {
        id: '5b0c',
        model: 'starter',
        request: {
          prompt: 'a red fox',
          negativePrompt: '',
          sampler: 'ddim',
          schedule: 'automatic',
          steps: 2,
          cfgScale: 5,
          seed: 7,
          width: 64,
          height: 64,
          batchCount: 2,
        },
        sink: 'gallery',
        place: undefined,
        recipe: 'text-to-image',
        inputs: [],
      },
      children: [
        {
          id: '5b0c/1',
          parent: '5b0c',
          model: 'starter',
          request: {
            prompt: 'a red fox',
            negativePrompt: '',
            sampler: 'ddim',
            schedule: 'automatic',
            steps: 2,
            cfgScale: 5,
            seed: 8,
            width: 64,
            height: 64,
            batchCount: 1,
          },
          sink: 'gallery',
          place: undefined,
          recipe: 'text-to-image',
          inputs: [],
        },
      ],
      of: 2,
    },
  ],
};

it('reads what version 1 wrote; what is damaged or newer stays on the disk and is told', async () => {
  await opened.put('jobs', FROZEN, ['old', 'queue']);
  await opened.put('jobs', { ...FROZEN, v: 2 }, ['newer', 'queue']);
  await opened.put('jobs', { v: 1, grids: [{ ...FROZEN.grids[0], of: 0 }] }, ['damaged', 'queue']);
  const sunk = { ...FROZEN.grids[0].parent, sink: 'elsewhere' };
  await opened.put('jobs', { v: 1, grids: [{ ...FROZEN.grids[0], parent: sunk }] }, ['unknown', 'queue']);
  const unreadable: number[] = [];
  const { grids, forget } = await page('b').earlier((count) => unreadable.push(count));
  expect(grids).toEqual(FROZEN.grids);
  expect(unreadable).toEqual([3]);
  await forget();
  expect(await parts()).toEqual(['damaged queue', 'newer queue', 'unknown queue']);
});
