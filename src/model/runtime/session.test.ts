import { afterEach, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import type { BuiltGraph } from '../graph/types';
import { chooseDevice } from './device';
import { createSession, type Session, sessionCounts, startRuntime } from './session';

/** Adds a weight to what it is given. */
function addition(): BuiltGraph {
  const graph = GraphBuilder.create('addition', { operators: 'plain', precision: 'float32' });
  const sum = graph.node('Add', [graph.input('x', 'float32', [2]), graph.weight('weight', [2])]);
  graph.output('y', sum, [2]);
  return graph.finish();
}

const weights = (...values: number[]) => ({
  read: async () => new Uint8Array(Float32Array.from(values).buffer),
});

const feeds = { x: { data: Float32Array.of(1, 2), dims: [2] } };

describe('sessions', () => {
  const open: Session[] = [];
  const create = async (from: { read(): Promise<Uint8Array> }) => {
    const session = await createSession(addition(), from, await chooseDevice('wasm', 2));
    open.push(session);
    return session;
  };
  afterEach(async () => {
    for (const session of open.splice(0)) await session.release();
  });

  it('find the runtime started, which counts as none', async () => {
    const { created } = sessionCounts;
    await startRuntime();
    expect(sessionCounts.created).toBe(created);
    expect((await (await create(weights(10, 20))).run(feeds)).y).toEqual(Float32Array.of(11, 22));
  });

  it('run when no other one is being created', async () => {
    const first = await create(weights(10, 20));
    const order: string[] = [];
    let readOn = () => {};
    const held = new Promise<void>((resolve) => {
      readOn = resolve;
    });
    const creating = create({
      async read() {
        await held;
        return weights(30, 40).read();
      },
    }).then(() => order.push('created'));
    await new Promise((resolve) => setTimeout(resolve)); // the creation has begun
    const running = first.run(feeds).then(({ y }) => order.push(`ran: ${y}`));
    await new Promise((resolve) => setTimeout(resolve));
    readOn();
    await Promise.all([creating, running]);
    expect(order).toEqual(['created', 'ran: 11,22']);
  });
});
