import { expect, it } from 'vitest';
import { batchOf, jobOf } from './fixtures/grids';
import { batchGrid } from './grid';
import { JobQueue } from './queue';
import { type JobSink, Sinks } from './sinks';

it('begins each grid once with what is left of it, delivers to the sink of the job, and ends it', async () => {
  const seen: string[] = [];
  const recording = (name: string): JobSink<string> => ({
    begin: ({ parent, children }) => void seen.push(`${name} begins ${parent.id} of ${children.length}`),
    deliver: async (picture, { id }) => void seen.push(`${name} has ${picture} of ${id}`),
    end: ({ id }) => void seen.push(`${name} ends ${id}`),
  });
  const sinks = new Sinks({ gallery: recording('gallery'), walk: recording('walk') });
  const queue = new JobQueue();
  queue.enqueue(batchOf('a', 2));
  queue.enqueue(batchGrid(jobOf('b', { sink: 'walk' })));
  for (let next = queue.take(); next; next = queue.take()) {
    sinks.begin(next);
    await sinks.deliver('one', next.child);
    if (!queue.finish()) sinks.end(next.grid.parent);
  }
  expect(seen).toEqual([
    'gallery begins a of 2',
    'gallery has one of a/0',
    'gallery has one of a/1',
    'gallery ends a',
    'walk begins b of 1',
    'walk has one of b/0',
    'walk ends b',
  ]);
  expect([sinks.has('walk'), sinks.has('elsewhere'), sinks.has('toString')]).toEqual([true, false, false]);
});
