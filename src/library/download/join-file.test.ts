import { beforeEach, expect, it } from 'vitest';
import type { DownloadRequest } from '../files/manifest';
import type { ModelStore } from '../files/model-store';
import { MemoryDirectory } from '../fixtures/memory-directory';
import { sha256, storeOver } from '../fixtures/memory-store';
import { joinFile, placesFor } from './join-file';

/** Starts as safetensors do. */
function weights(fill: number, length = 300): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length).fill(fill);
  new DataView(bytes.buffer).setBigUint64(0, 2n, true);
  bytes.set([0x7b, 0x7d], 8);
  return bytes;
}
const UNET = weights(1);
const OTHER = weights(2);
const file = (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes]);

let directory: MemoryDirectory;
let store: ModelStore;

beforeEach(() => {
  directory = new MemoryDirectory();
  store = storeOver(directory);
});

/** A download that the site refuses a page. */
async function stopped(id: string, files: DownloadRequest['origin']['files']): Promise<void> {
  const download = { id, name: id, kind: 'file', origin: { page: 'https://closed.example', files }, parts: {} };
  await store.manifest.update((manifest) => ({
    ...manifest,
    downloads: [...manifest.downloads, { ...download, state: 'failed' }],
  }));
}
const url = 'https://closed.example/w.safetensors';
const published = { path: 'w.safetensors', url, bytes: UNET.length, sha256: sha256(UNET) };

it('ends a download with the file that it waits for, whatever that is called', async () => {
  await stopped('w', [published]);
  expect(await joinFile(store, 'renamed.bin', file(weights(1, 299)))).toEqual({ outcome: 'not-awaited' });
  expect(await joinFile(store, 'saved.safetensors', file(UNET))).toEqual({ outcome: 'joined', names: ['w'] });
  expect((await store.manifest.read()).downloads).toEqual([]);
  expect(await store.list()).toMatchObject([{ id: 'w', bytes: 300, missing: [] }]);
  expect(await store.check('w')).toEqual([]);
});

it('knows a file of which nothing was published by its name, also the second that a browser saved', async () => {
  await stopped('w', [{ path: 'W.safetensors', url }]);
  const manifest = await store.manifest.read();
  for (const name of ['w.safetensors', 'W (1).safetensors', 'w(12).safetensors'])
    expect(placesFor(manifest, { name, size: 5 })).toHaveLength(1);
  for (const name of ['v.safetensors', 'w.ckpt', 'w 1.safetensors'])
    expect(placesFor(manifest, { name, size: 5 })).toEqual([]);
  expect(await joinFile(store, 'w.safetensors', file(UNET))).toMatchObject({ outcome: 'joined' });
});

it('does not take another file for it, and leaves nothing of it', async () => {
  await stopped('w', [published]);
  const before = (await directory.list()).length;
  expect(await joinFile(store, 'w.safetensors', file(OTHER))).toEqual({
    outcome: 'differs',
    path: 'w.safetensors',
    name: 'w',
  });
  expect((await directory.list()).length).toBe(before);
  const html = new Blob(['<!doctype html>'.padEnd(300)]);
  await expect(joinFile(store, 'w.safetensors', html)).rejects.toMatchObject({ trouble: 'wrong-content' });
});

it('is one part of a download with several, and of every one that waits for it', async () => {
  const vae = { ...published, path: 'vae/w.safetensors' };
  await stopped('a', [vae, { path: 'config.json', url }]);
  await stopped('b', [vae]);
  expect(await joinFile(store, 'w.safetensors', file(UNET))).toEqual({ outcome: 'joined', names: ['a', 'b'] });
  expect((await store.list()).map(({ id }) => id)).toEqual(['b']);
  const [{ id, parts }] = (await store.manifest.read()).downloads;
  expect([id, Object.keys(parts)]).toEqual(['a', ['vae/w.safetensors']]);
});

it('takes the place of a file that was found damaged', async () => {
  await store.import({ id: 'm', name: 'M', kind: 'model', files: [{ path: 'm.safetensors', file: file(UNET) }] });
  expect(await joinFile(store, 'm.safetensors', file(UNET))).toEqual({ outcome: 'not-awaited' });
  directory.spoil((await store.manifest.read()).blobs[sha256(UNET)].file, 20);
  expect(await store.check('m')).toEqual(['m.safetensors']);
  expect(await joinFile(store, 'backup.safetensors', file(UNET))).toEqual({ outcome: 'joined', names: ['M'] });
  (await store.open('m')).release();
});
