import { beforeEach, describe, expect, it } from 'vitest';
import { batchOf } from './fixtures/grids';
import { isMoreToCome, JobQueue, persistQueue, pictureIndex, remainingOf } from './queue';

let queue: JobQueue;

beforeEach(() => {
  queue = new JobQueue();
});

const add = (...grids: [id: string, pictures?: number][]) => {
  for (const [id, pictures] of grids) queue.enqueue(batchOf(id, pictures));
};
const waiting = () => queue.state.waiting.map(({ parent, children }) => `${parent.id}${children.length}`);
const taken = () => queue.take()?.child.id;

describe('taking', () => {
  it('takes a grid’s children in turn, then the next grid, one at a time', () => {
    add(['a', 2], ['b']);
    const order: (string | undefined)[] = [];
    for (let i = 0; i < 4; i++) {
      order.push(taken());
      expect(queue.take()).toBeUndefined();
      queue.finish();
    }
    expect(order).toEqual(['a/0', 'a/1', 'b/0', undefined]);
  });

  it('says which picture of its grid it is, and whether more of it is to come', () => {
    add(['a', 2]);
    expect(queue.take()).toSatisfy((running: Parameters<typeof pictureIndex>[0]) => pictureIndex(running) === 0);
    expect(isMoreToCome(queue.state)).toBe(true);
    expect(queue.finish()).toBe(true);
    expect(queue.take()).toSatisfy((running: Parameters<typeof pictureIndex>[0]) => pictureIndex(running) === 1);
    expect(isMoreToCome(queue.state)).toBe(false);
    expect(queue.finish()).toBe(false);
  });

  it('paints a child again before its grid goes on', () => {
    add(['a', 2], ['b']);
    taken();
    queue.retry();
    expect(taken()).toBe('a/0');
    queue.finish();
    expect(taken()).toBe('a/1');
  });
});

describe('moving', () => {
  it('brings a grid to another place and keeps the others in order', () => {
    add(['a'], ['b'], ['c']);
    queue.move('c', 0);
    expect(waiting()).toEqual(['c1', 'a1', 'b1']);
    queue.move('c', 9);
    expect(waiting()).toEqual(['a1', 'b1', 'c1']);
    queue.move('a', -1);
    queue.move('gone', 0);
    expect(waiting()).toEqual(['a1', 'b1', 'c1']);
  });
});

describe('cancelling one', () => {
  it('takes it off and leaves the others, and puts it back at its place', () => {
    add(['a'], ['b', 2], ['c']);
    const removed = queue.cancel('b');
    expect(waiting()).toEqual(['a1', 'c1']);
    queue.putBack(removed);
    expect(waiting()).toEqual(['a1', 'b2', 'c1']);
  });

  it('of the running one ends its child and takes off the rest; both come back', () => {
    add(['a', 3], ['b']);
    taken();
    queue.finish();
    taken();
    const removed = queue.cancel('a');
    expect(queue.state.running).toMatchObject({ child: { id: 'a/1' }, skipped: true, grid: { children: [] } });
    queue.finish();
    expect(waiting()).toEqual(['b1']);
    queue.putBack(removed);
    expect(waiting()).toEqual(['a2', 'b1']);
    expect(taken()).toBe('a/1');
  });

  it('of none changes nothing', () => {
    add(['a']);
    const { state } = queue;
    expect(queue.cancel('gone').grids).toEqual([]);
    expect(queue.state).toBe(state);
  });
});

describe('skipping', () => {
  it('ends the running child alone', () => {
    add(['a', 2], ['b']);
    taken();
    queue.skip();
    expect(queue.state.running?.skipped).toBe(true);
    expect(waiting()).toEqual(['b1']);
    queue.finish();
    expect(taken()).toBe('a/1');
    expect(queue.state.running?.skipped).toBe(false);
  });
});

describe('clearing', () => {
  it('gives back what was left of the running grid, without the child that was skipped before, and all that waited', () => {
    add(['a', 3], ['b'], ['c']);
    taken();
    queue.skip();
    const removed = queue.clear();
    expect([waiting(), queue.state.running?.grid.children]).toEqual([[], []]);
    // Also while that child has not ended yet.
    queue.putBack(removed);
    expect(waiting()).toEqual(['a2', 'b1', 'c1']);
    queue.finish();
    expect(taken()).toBe('a/1');
  });

  it('gives back a child that only the clearing ended', () => {
    add(['a', 2]);
    taken();
    const removed = queue.clear();
    queue.finish();
    queue.putBack(removed);
    expect(waiting()).toEqual(['a2']);
  });

  it('puts back each once, behind what was asked for first', () => {
    add(['a'], ['b']);
    const removed = queue.clear();
    add(['c']);
    queue.putBack(removed);
    queue.putBack(removed);
    expect(waiting()).toEqual(['a1', 'b1', 'c1']);
  });
});

describe('what remains', () => {
  it('is what is being painted, the rest of its grid and what waits; not a child that is to end', () => {
    add(['a', 2], ['b']);
    taken();
    const remaining = () => remainingOf(queue.state).map(({ parent, children }) => `${parent.id}${children.length}`);
    expect(remaining()).toEqual(['a2', 'b1']);
    queue.skip();
    expect(remaining()).toEqual(['a1', 'b1']);
    queue.finish();
    taken();
    queue.skip();
    expect(remaining()).toEqual(['b1']);
  });

  it('is kept after every change: one write at a time, and of the changes meanwhile the last', async () => {
    const writes: { ids: string[]; done: () => void }[] = [];
    const stop = persistQueue(queue, (grids) => {
      return new Promise((resolve) => writes.push({ ids: grids.map(({ parent }) => parent.id), done: resolve }));
    });
    add(['a'], ['b'], ['c']);
    expect(writes.map(({ ids }) => ids)).toEqual([['a']]);
    writes[0].done();
    await expect.poll(() => writes.length).toBe(2);
    expect(writes[1].ids).toEqual(['a', 'b', 'c']);
    writes[1].done();
    stop();
    add(['d']);
    expect(writes).toHaveLength(2);
  });
});
