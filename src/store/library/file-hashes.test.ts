import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel } from '../fixtures/fake-engine';
import { MemoryLibrary } from '../fixtures/memory-library';
import { learnHash, learnHashesOf, learnModelHash } from './file-hashes';
import { addRecord, changeRecord, entryOf, useLibrary } from './library';
import { holdFiles } from './library-files';
import { connectLibraryPorts } from './library-ports';
import type { LibraryRecord } from './library-record';

const sha256 = (...parts: readonly BlobPart[]) =>
  new Blob([...parts]).arrayBuffer().then((bytes) => createHash('sha256').update(new Uint8Array(bytes)).digest('hex'));

const HEADER = [new BigUint64Array([2n]), '{}'] as const;

let fake: FakeEngine;
let library: MemoryLibrary;
let hashed: { skipsHeader: boolean }[];

beforeEach(() => {
  fake = new FakeEngine();
  connectEngine(fake);
  library = new MemoryLibrary();
  connectLibraryPorts(library);
  hashed = [];
  const { client } = library;
  const call = client.call.bind(client);
  client.call = (method, argument, ...rest) => {
    if (method === 'hash') hashed.push(argument as (typeof hashed)[number]);
    return call(method, argument, ...rest);
  };
  useLibrary.setState(useLibrary.getInitialState(), true);
});
afterEach(() => library.close());

async function known(kind: LibraryRecord['kind'], name: string, file: File): Promise<string> {
  const id = `${kind}:${name}`;
  holdFiles(id, { kind: 'folder', name, files: [{ path: `${name}.safetensors`, file }] });
  await addRecord({ v: 1, id, kind, name, place: { kind: 'dropped' }, bytes: file.size, usedAt: 0 });
  return id;
}

const open = (id: string, provider: 'webgpu' | 'wasm' = 'webgpu') => {
  const { device, ...model } = fakeModel(id);
  const source = { kind: 'url', base: '' } as const;
  useEngine.setState({ model: { ...model, device: { ...device, provider }, id, source }, status: { kind: 'ready' } });
};

const request = { prompt: 'a fox <lora:Ink:0.5>', negativePrompt: 'ugly' };

it('learns of what is used, once a file, and tells the engine', async () => {
  const model = await known('model', 'dreamy', new File([...HEADER, 'whole'], 'dreamy.safetensors'));
  await known('lora', 'ink', new File([...HEADER, 'lora'], 'ink.safetensors'));
  await known('lora', 'oil', new File([...HEADER, 'other'], 'oil.safetensors'));
  await known('embedding', 'ugly', new File([...HEADER, 'ti'], 'ugly.safetensors'));
  for (const kind of ['vae', 'tiny-vae'] as const) await known(kind, kind, new File([kind], `${kind}.pt`));
  open(model);
  learnModelHash(model);
  learnHashesOf(request);
  learnHash('vae:vae');
  const expected = {
    model: await sha256(...HEADER, 'whole'),
    loras: [['ink', await sha256('lora')]],
    embeddings: [['ugly', await sha256(...HEADER, 'ti')]],
    vaes: [['vae', await sha256('vae')]],
  };
  await vi.waitFor(() => expect(fake.hashes).toEqual(expected));
  expect(hashed).toMatchObject([false, true, false, false].map((skipsHeader) => ({ skipsHeader })));
  // Once more, also after another model was opened: nothing is read.
  fake.hashes = undefined;
  learnModelHash(model);
  learnHashesOf(request);
  await vi.waitFor(() => expect(fake.hashes).toEqual(expected));
  expect(hashed).toHaveLength(4);
  expect(entryOf('lora:oil')?.record.hash).toBeUndefined();
});

it('reads a file again that has changed since, and not one whose hash was kept', async () => {
  const first = new File([...HEADER, 'one'], 'ink.safetensors', { lastModified: 1 });
  const id = await known('lora', 'Ink', first);
  open('none');
  await changeRecord(id, { hash: { sha256: 'kept', bytes: first.size, modifiedAt: 1 } });
  learnHashesOf(request);
  await vi.waitFor(() => expect(fake.hashes?.loras).toEqual([['Ink', 'kept']]));
  expect(hashed).toHaveLength(0);
  await known('lora', 'Ink', new File([...HEADER, 'two'], 'ink.safetensors', { lastModified: 2 }));
  learnHashesOf(request);
  const two = await sha256('two');
  await vi.waitFor(() => expect(fake.hashes?.loras).toEqual([['Ink', two]]));
  expect(entryOf(id)?.record.hash).toEqual({ sha256: two, bytes: first.size, modifiedAt: 2 });
});

it('leaves the processor to a picture that is painted by it, and goes on after that', async () => {
  await known('lora', 'ink', new File([...HEADER, 'lora'], 'ink.safetensors'));
  open('none', 'wasm');
  useEngine.setState({ status: { kind: 'painting', stop: new AbortController() } });
  learnHashesOf(request);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(hashed).toHaveLength(0);
  // One that begins meanwhile ends the reading.
  library.client.call = (_method, _argument, _onBytes, signal) => {
    hashed.push({ skipsHeader: true });
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('called off'))));
  };
  useEngine.setState({ status: { kind: 'ready' } });
  await vi.waitFor(() => expect(hashed).toHaveLength(1));
  useEngine.setState({ status: { kind: 'painting', stop: new AbortController() } });
  useEngine.setState({ status: { kind: 'ready' } });
  await vi.waitFor(() => expect(hashed).toHaveLength(2));
});
