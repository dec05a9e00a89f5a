import { expect, it } from 'vitest';
import { type Loss, MemoryDirectory } from '../fixtures/memory-directory';
import { MemoryLocks } from '../fixtures/memory-locks';
import { numberedNames, sha256, storeOver } from '../fixtures/memory-store';
import type { StorageDirectory } from './directory';
import { type EarlierCopy, lockOfCopy, takeOver } from './earlier-copies';
import type { ModelStore } from './model-store';
import { readRecord, writeRecord } from './record';

const VAE = new Uint8Array(300).fill(7);
const UNET = new Uint8Array(1000).fill(1);
const OTHER_UNET = new Uint8Array(900).fill(2);

const blob = (bytes: Uint8Array) => new Blob([bytes as Uint8Array<ArrayBuffer>]);
function model(id: string, unet: Uint8Array) {
  const files = [
    { path: 'unet.safetensors', file: blob(unet) },
    { path: 'vae.safetensors', file: blob(VAE) },
  ];
  return { id, name: id.toUpperCase(), kind: 'model', files };
}
const total = async (store: ModelStore) => {
  const { models, bin } = await store.usage();
  return models + bin;
};
const idsOf = async (store: { list(): Promise<readonly { id: string }[]> }) => (await store.list()).map(({ id }) => id);

it('keeps models, and a file that two of them have once', async () => {
  const directory = new MemoryDirectory();
  const store = storeOver(directory);
  await store.import(model('a', UNET));
  await store.import(model('b', OTHER_UNET));
  expect(await store.list()).toMatchObject([
    { id: 'a', name: 'A', bytes: 1300, ownBytes: 1000, missing: [] },
    { id: 'b', bytes: 1200, ownBytes: 900 },
  ]);
  expect(await total(store)).toBe(2200);
  const blobs = (await directory.list()).filter(({ name }) => name.startsWith('file-'));
  expect(blobs.map(({ bytes }) => bytes).sort()).toEqual([1000, 300, 900]);
  const { files, release } = await store.open('b');
  expect(files.list()).toEqual(['unet.safetensors', 'vae.safetensors']);
  expect(files.size('vae.safetensors')).toBe(300);
  expect(await files.read('unet.safetensors', 10, 14)).toEqual(OTHER_UNET.slice(10, 14));
  await expect(async () => files.size('nothing')).rejects.toThrow('B lacks nothing.');
  release();
});

it('puts a removed model back until its space is needed, and then deletes what no other model has', async () => {
  const directory = new MemoryDirectory();
  const store = storeOver(directory, { quota: 8000 });
  await store.import(model('a', UNET));
  await store.import(model('b', OTHER_UNET));
  await store.remove('a');
  expect(await idsOf(store)).toEqual(['b']);
  await expect(store.open('a')).rejects.toThrow('no longer kept');
  expect(await store.restore('a')).toBe(true);
  expect(await idsOf(store)).toEqual(['a', 'b']);
  await store.remove('a');
  const { usage = 0 } = await store.ports.estimate();
  await store.makeRoom(8000 - usage, 'A new model');
  expect(await store.restore('a')).toBe(true); // there was room enough
  await store.remove('a');
  await store.makeRoom(8000 - usage + 1, 'A new model');
  expect(await store.restore('a')).toBe(false);
  expect(await total(store)).toBe(1200);
  (await store.open('b')).release(); // the VAE stayed
  await expect(store.makeRoom(8001, 'A huge model')).rejects.toThrow(/A huge model needs 0\.0 MB.*Remove a model/);
});

it('deletes no model that a tab has open', async () => {
  const directory = new MemoryDirectory();
  const locks = new MemoryLocks();
  const [here, there] = [storeOver(directory, { locks }), storeOver(directory, { locks })];
  await here.import(model('a', UNET));
  const { files, release } = await here.open('a');
  await there.remove('a');
  await there.emptyBin();
  expect(await files.read('unet.safetensors')).toEqual(UNET);
  expect(await there.restore('a')).toBe(true);
  await there.remove('a');
  release();
  await there.emptyBin();
  expect(await there.restore('a')).toBe(false);
  expect(await total(there)).toBe(0);
});

it('takes changes of many tabs at once', async () => {
  const directory = new MemoryDirectory();
  const locks = new MemoryLocks();
  const newName = numberedNames();
  const tabs = Array.from({ length: 8 }, () => storeOver(directory, { locks, newName }));
  await Promise.all(
    tabs.map(async (tab, i) => {
      await tab.import(model(`m${i}`, new Uint8Array([i])));
      if (i % 2 === 0) await tab.remove(`m${i}`);
      await tab.sweep();
      await tab.emptyBin();
    }),
  );
  expect((await idsOf(tabs[0])).sort()).toEqual(['m1', 'm3', 'm5', 'm7']);
  for (const id of await idsOf(tabs[0])) (await tabs[0].open(id)).release();
});

it.each<Loss>(['nothing', 'unflushed', 'half of unflushed'])(
  'opens after a power cut at any operation, losing %s: what is listed is whole, and nothing else stays',
  async (loss) => {
    let end = false;
    for (let cutAt = 0; !end; cutAt++) {
      const directory = new MemoryDirectory();
      directory.cutAt = cutAt;
      const store = storeOver(directory);
      const done: string[] = [];
      try {
        await store.import(model('a', UNET));
        done.push('a');
        await store.import(model('b', OTHER_UNET));
        done.push('b');
        await store.remove('a');
        done.push('a removed');
        await store.emptyBin();
        await store.import(model('c', UNET));
        done.push('c');
        end = true;
      } catch {
        // the power failed
      }
      const after = directory.restarted(loss);
      const again = storeOver(after, { newName: numberedNames() });
      await again.sweep();
      const listed = await again.list();
      // Everything that was said to be done is there.
      for (const id of ['a', 'b', 'c'])
        if (done.includes(id) && !(id === 'a' && done.length > 1)) expect(listed.map((one) => one.id)).toContain(id);
      for (const { id } of listed) {
        expect(await again.check(id)).toEqual([]);
        (await again.open(id)).release();
      }
      await again.emptyBin();
      const { blobs } = await again.manifest.read();
      const known = Object.values(blobs).map(({ file }) => file);
      const lying = (await after.list()).map(({ name }) => name).filter((name) => name.startsWith('file-'));
      expect(lying.sort()).toEqual(known.sort());
    }
  },
);

it('leaves nothing of a model that does not fit or is called off', async () => {
  const directory = new MemoryDirectory();
  const store = storeOver(directory);
  directory.room = 1200;
  await expect(store.import(model('a', UNET))).rejects.toMatchObject({ trouble: 'no-room' });
  expect(await directory.list()).toEqual([]);
  await expect(storeOver(directory, { quota: 1299 }).import(model('a', UNET))).rejects.toMatchObject({ code: 'quota' });
  directory.room = Number.POSITIVE_INFINITY;
  const stop = new AbortController();
  await expect(store.import(model('a', UNET), () => stop.abort(), stop.signal)).rejects.toThrow(/abort/i);
  expect(await directory.list()).toEqual([]);
});

it('finds a damaged file by its hash, and no longer lists it as whole', async () => {
  const directory = new MemoryDirectory();
  const store = storeOver(directory);
  await store.import(model('a', UNET));
  expect(await store.check('a')).toEqual([]);
  const { blobs } = await store.manifest.read();
  directory.spoil(blobs[sha256(UNET)].file, 5);
  const read: number[] = [];
  expect(await store.check('a', (bytes, all) => read.push(bytes / all))).toEqual(['unet.safetensors']);
  expect(read.at(-1)).toBe(1);
  expect((await store.list())[0].missing).toEqual(['unet.safetensors']);
  await expect(store.open('a')).rejects.toThrow('unet.safetensors of A is damaged. Download');
  await expect(store.repair('a')).rejects.toThrow('Nobody knows where A came from. Drop the same file');
  // Adding it again is enough.
  await store.import(model('a', UNET));
  (await store.open('a')).release();
});

it('leaves a newer Easel’s list alone', async () => {
  const directory = new MemoryDirectory();
  const store = storeOver(directory);
  await writeRecord(directory, 'manifest', { v: 2, models: 'elsewhere' });
  await expect(store.list()).rejects.toThrow('newer Easel’s');
  await expect(store.import(model('a', UNET))).rejects.toThrow('newer Easel’s');
  await expect(store.sweep()).rejects.toThrow('newer Easel’s');
  expect(await readRecord(directory, 'manifest')).toEqual({ v: 2, models: 'elsewhere' });
});

/** As the first version writes it; never to be changed. */
const FROZEN_MANIFEST = {
  v: 1,
  models: [
    {
      id: 'model:tiny',
      name: 'tiny',
      kind: 'model',
      files: [{ path: 'tiny.safetensors', sha256: sha256(UNET), bytes: 1000 }],
      origin: {
        page: 'https://huggingface.co/some/tiny',
        licence: 'MIT',
        files: [
          {
            path: 'tiny.safetensors',
            url: 'https://huggingface.co/some/tiny/resolve/main/tiny.safetensors',
            bytes: 1000,
            sha256: sha256(UNET),
          },
        ],
      },
      addedAt: 1764400000000,
      usedAt: 1764400000001,
    },
  ],
  blobs: { [sha256(UNET)]: { file: 'f81d4fae', bytes: 1000 } },
  downloads: [],
};

it('reads what the first version wrote', async () => {
  const directory = new MemoryDirectory();
  await writeRecord(directory, 'manifest', FROZEN_MANIFEST);
  const file = await directory.open('f81d4fae');
  await file.write(0, UNET);
  await file.close();
  const store = storeOver(directory);
  await store.sweep();
  expect(await store.manifest.read()).toEqual(FROZEN_MANIFEST);
  expect(await store.check('model:tiny')).toEqual([]);
});

/** A record of 0.1 whose file was copied into the browser, and the name of that file; never to be changed. */
const FROZEN_COPY = {
  record: { v: 1, id: 'lora:ink & wash', kind: 'lora', name: 'ink & wash', place: { kind: 'copy' }, bytes: 300 },
  file: 'lora%3Aink%20%26%20wash',
};

/** The folder that 0.1 copied into; of a disk that can move files or cannot. */
async function earlierFolder(moves: boolean): Promise<MemoryDirectory> {
  const folder = new MemoryDirectory();
  if (!moves) Object.assign(folder, { moveTo: undefined });
  const copy = await folder.open(FROZEN_COPY.file);
  await copy.write(0, VAE);
  await copy.flush();
  await copy.close();
  return folder;
}

it.each([
  ['moving', true],
  ['copying', false],
] as const)('takes over the copies that 0.1 keeps by %s, through a crash at any operation', async (_, moves) => {
  const copies: EarlierCopy[] = [FROZEN_COPY.record, { id: 'vae:gone', name: 'gone', kind: 'vae' }];
  for (let cutAt = 0, end = false; !end; cutAt++) {
    const [earlier, directory] = [await earlierFolder(moves), new MemoryDirectory()];
    directory.cutAt = cutAt;
    await takeOver(copies, earlier, storeOver(directory)).catch(() => undefined);
    end = directory.operations < cutAt;
    const [before, after] = [earlier.restarted('unflushed'), directory.restarted('unflushed')];
    if (!moves) Object.assign(before, { moveTo: undefined });
    const store = storeOver(after);
    const ids = (await store.list()).map(({ id }) => id);
    expect(ids.length === 1 || (await before.list()).length === 1).toBe(true);
    await store.sweep();
    // Also where it was there already, and only that was not written down.
    expect(await takeOver(copies, before, store)).toEqual(['lora:ink & wash']);
    expect(await before.list()).toEqual([]);
    const { files, release } = await store.open('lora:ink & wash');
    expect(files.list()).toEqual(['ink & wash.safetensors']);
    expect(await files.read('ink & wash.safetensors')).toEqual(VAE);
    release();
  }
});

it('leaves a copy of 0.1 where it is until there is room', async () => {
  const earlier = await earlierFolder(false);
  const store = storeOver(new MemoryDirectory(), { quota: 100 });
  expect(await takeOver([FROZEN_COPY.record], earlier, store)).toEqual([]);
  expect(await earlier.list()).toHaveLength(1);
});

it('leaves a copy of 0.1 where it is while a tab reads it', async () => {
  const [earlier, locks] = [await earlierFolder(true), new MemoryLocks()];
  const store = storeOver(new MemoryDirectory(), { locks });
  let release = () => {};
  const reading = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = locks.request(lockOfCopy(FROZEN_COPY.record.id), { mode: 'shared' }, () => reading);
  expect(await takeOver([FROZEN_COPY.record], earlier, store)).toEqual([]);
  release();
  await held;
  expect(await takeOver([FROZEN_COPY.record], earlier, store)).toEqual([FROZEN_COPY.record.id]);
});

it('counts what two models share once, and what was removed apart', async () => {
  const directory = new MemoryDirectory();
  const store = storeOver(directory, { quota: 1e6 });
  for (const [id, unet] of [
    ['a', UNET],
    ['b', OTHER_UNET],
    ['c', VAE],
  ] as const)
    await store.import(model(id, unet));
  await store.remove('b');
  const { freeBytes, ...usage } = await store.usage();
  // The autoencoder is three times in what is listed: in a, and as both files of c.
  expect(usage).toEqual({ models: 1300, bin: 900, saved: 600, unfinished: 0 });
  expect(freeBytes).toBe(1e6 - ((await store.ports.estimate()).usage ?? 0));
  await store.remove('a');
  await store.emptyBin((await store.list({ removed: true })).find(({ id }) => id === 'a')?.removedAt);
  expect((await store.list({ removed: true })).map(({ id }) => id)).toEqual(['a', 'c']); // b was the earlier one
  await store.emptyBin();
  expect(await store.usage()).toMatchObject({ models: 300, bin: 0, saved: 300 });
});

/** Files that say how long they are, and are never to be read. */
class StatedDirectory extends MemoryDirectory implements StorageDirectory {
  readonly stated = new Map<string, number>();

  override async list() {
    const stated = Array.from(this.stated, ([name, bytes]) => ({ name, bytes }));
    return [...(await super.list()), ...stated];
  }

  override async blob(name: string): Promise<Blob | undefined> {
    const size = this.stated.get(name);
    if (size === undefined) return super.blob(name);
    const refuse = () => {
      throw new Error(`${name} was read.`);
    };
    return { size, slice: refuse, stream: refuse, arrayBuffer: refuse } as unknown as Blob;
  }

  override async remove(name: string) {
    if (!this.stated.delete(name)) await super.remove(name);
  }
}

it('lists, sizes and removes 20 GB without reading them', async () => {
  const directory = new StatedDirectory();
  const store = storeOver(directory, { quota: 25e9 });
  const sizes = [6.9e9, 4.5e9, 4.3e9, 2.1e9, 1.1e9, 1.1e9];
  const hash = (i: number) => String(i).padStart(64, '0');
  sizes.forEach((bytes, i) => {
    directory.stated.set(`file-${i}`, bytes);
  });
  await store.manifest.update((manifest) => ({
    ...manifest,
    blobs: Object.fromEntries(sizes.map((bytes, i) => [hash(i), { file: `file-${i}`, bytes }])),
    models: sizes.map((bytes, i) => ({
      id: `m${i}`,
      name: `Model ${i}`,
      kind: 'model',
      files: [{ path: 'x.safetensors', sha256: hash(i), bytes }],
      addedAt: i,
      usedAt: i,
    })),
  }));
  await store.sweep();
  expect((await store.list()).map(({ bytes }) => bytes)).toEqual(sizes);
  expect(await total(store)).toBe(20e9);
  (await store.open('m0')).release();
  await store.remove('m1');
  await store.remove('m2');
  await expect(store.makeRoom(15e9, 'A large model')).rejects.toThrow('A large model needs 15 GB, and the browser has');
  expect(await total(store)).toBe(11.2e9);
  expect((await directory.list()).filter(({ name }) => name.startsWith('file-'))).toHaveLength(4);
});
