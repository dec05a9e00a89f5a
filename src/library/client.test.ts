import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LibraryClient, type LibraryPort } from './client';
import type { ModelStore } from './files/model-store';
import { MemoryDirectory } from './fixtures/memory-directory';
import { storeOver } from './fixtures/memory-store';
import { type ServingPort, serveLibrary } from './serve';
import type { SiteKeys } from './sources/site-keys';

const MODEL = {
  id: 'a',
  name: 'A',
  kind: 'model',
  files: [
    { path: 'unet', file: new Blob(['unet']) },
    { path: 'vae', file: new Blob(['vae']) },
  ],
};

let store: ModelStore;
let client: LibraryClient;
let ports: MessageChannel[];
let given: SiteKeys[];
let changes: number;

beforeEach(() => {
  store = storeOver(new MemoryDirectory());
  [ports, given, changes] = [[], [], 0];
  client = new LibraryClient(() => {
    const channel = new MessageChannel();
    ports.push(channel);
    serveLibrary(channel.port1 as unknown as ServingPort, {
      store: Promise.resolve(store),
      earlier: async () => new MemoryDirectory(),
      onKeys: (keys) => given.push(keys),
      onChanged: () => changes++,
    });
    return channel.port2 as unknown as LibraryPort;
  });
});
afterEach(() => {
  for (const { port1 } of ports) port1.close();
});

it('copies, checks and takes over in the worker, which starts with the first of them', async () => {
  client.setKeys({ 'civitai.com': 'k' });
  expect(ports).toHaveLength(0);
  const bytes: number[] = [];
  expect(await client.call('import', MODEL, (done) => bytes.push(done))).toBeNull();
  expect(bytes).toEqual([4, 7]);
  expect(await client.call('check', 'a')).toEqual([]);
  expect(await client.call('join', { name: 'x', file: new Blob(['x']) })).toEqual({ outcome: 'not-awaited' });
  expect(await client.call('takeOver', [{ id: 'lora:x', name: 'x', kind: 'lora' }])).toEqual([]);
  expect(ports).toHaveLength(1);
  expect([given, changes]).toEqual([[{ 'civitai.com': 'k' }], 4]);
  client.setKeys({});
  await client.call('check', 'a');
  expect(given.at(-1)).toEqual({});
});

it('says how a call failed, and that it was called off', async () => {
  Object.assign(store.ports, { estimate: async () => ({ usage: 0, quota: 6 }) });
  await expect(client.call('import', MODEL)).rejects.toMatchObject({
    code: 'quota',
    message: expect.stringMatching(/^A needs .* Remove a model/),
  });
  const late = () => new Promise((resolve) => setTimeout(() => resolve({}), 20));
  Object.assign(store.ports, { estimate: late });
  const stop = new AbortController();
  const importing = client.call('import', MODEL, undefined, stop.signal);
  stop.abort();
  await expect(importing).rejects.toMatchObject({ code: 'aborted' });
  expect(await store.list()).toEqual([]);
});

it('ignores what is no message, and ends its calls where the worker breaks', async () => {
  client.start();
  ports[0].port2.postMessage({ kind: 'call', id: 1, method: 'delete', argument: 'everything' });
  ports[0].port1.postMessage({ kind: 'done', id: 'x' });
  expect(await client.call('check', 'a')).toEqual([]);
  const checking = client.call('check', 'a');
  ports[0].port2.dispatchEvent(new Event('error'));
  await expect(checking).rejects.toMatchObject({ code: 'internal' });
  expect(await client.call('check', 'a')).toEqual([]);
  expect(ports).toHaveLength(2);
});
