import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { DownloadRequest } from '../files/manifest';
import type { ModelStore } from '../files/model-store';
import { FastClock } from '../fixtures/clocks';
import { MemoryChannel } from '../fixtures/memory-channel';
import { type Loss, MemoryDirectory } from '../fixtures/memory-directory';
import { MemoryLocks } from '../fixtures/memory-locks';
import { numberedNames, sha256, storeOver } from '../fixtures/memory-store';
import type { Limits } from './download-file';
import { Downloads, type DownloadView } from './downloads';

const LIMITS: Limits = {
  connections: 2,
  rangeBytes: 4000,
  keepBytes: 4000,
  tries: 3,
  silentMs: Number.POSITIVE_INFINITY,
};

/** Bytes that are not those of another file. */
const bytesOf = (seed: number, length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 97) & 255);
const CONFIG = bytesOf(1, 700);
const UNET = bytesOf(2, 21_000);
const OTHER_UNET = bytesOf(3, 15_000);
const VAE = bytesOf(4, 9000);

/** A site in memory, and what is asked of it. */
class Site {
  readonly files = new Map<string, Uint8Array>();
  readonly asked: string[] = [];
  /** Where the parts that were asked for begin. */
  readonly starts: number[] = [];
  /** May keep an answer back or refuse it. */
  gate: (url: string) => Promise<Response | undefined> = async () => undefined;

  publish(path: string, bytes: Uint8Array, published = true) {
    const url = `https://files.example/${path}`;
    this.files.set(url, bytes);
    return { path, url, ...(published ? { bytes: bytes.length, sha256: sha256(bytes) } : {}) };
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = String(input);
    this.asked.push(url);
    const [, start, end] = /bytes=(\d+)-(\d*)/.exec(new Headers(init?.headers).get('Range') ?? '') ?? [];
    this.starts.push(Number(start));
    const answer = await Promise.race([this.gate(url), aborted(init?.signal)]);
    if (answer) return answer;
    const bytes = this.files.get(url);
    if (!bytes) return new Response('', { status: 404 });
    const last = end ? Math.min(Number(end) + 1, bytes.length) : bytes.length;
    return new Response(bytes.slice(Number(start), last), {
      status: 206,
      headers: { 'Content-Range': `bytes ${start}-${last - 1}/${bytes.length}` },
    });
  };
}

function aborted(signal?: AbortSignal | null): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}

interface Tab {
  store: ModelStore;
  downloads: Downloads;
  /** As a tab that is closed. */
  close(): Promise<void>;
}

let site: Site;
let directory: MemoryDirectory;
let locks: MemoryLocks;
let channel: MemoryChannel;
let newName: () => string;
let tabs: Tab[];
/** Of the person, for the site. */
let key: string | undefined;

function openTab(quota = 1e9, limits = LIMITS): Tab {
  const store = storeOver(directory, { locks, newName, quota });
  const network = {
    fetch: site.fetch,
    clock: new FastClock(),
    authorize: (url: string) => (key ? { url, headers: { Authorization: key } } : undefined),
    online: () => true,
  };
  const downloads = new Downloads({ store, network, channel, limits });
  const closing = new AbortController();
  const running = downloads.run(closing.signal).catch(() => undefined); // the power failed
  const tab = {
    store,
    downloads,
    async close() {
      closing.abort(new Error('The tab is closed.'));
      await running;
      downloads.dispose();
    },
  };
  tabs.push(tab);
  return tab;
}

function request(id: string, files: DownloadRequest['origin']['files']): DownloadRequest {
  return { id, name: id, kind: 'model', origin: { page: 'https://files.example', licence: 'MIT', files } };
}
const small = () =>
  request('small', [site.publish('config', CONFIG, false), site.publish('unet', UNET), site.publish('vae', VAE)]);
const other = () => request('other', [site.publish('other-unet', OTHER_UNET), site.publish('vae', VAE)]);

const models = async (store: ModelStore) => (await store.list()).map(({ id }) => id);
const WAIT = { interval: 10, timeout: 60_000 };
const done = (tab: Tab, ...ids: string[]) =>
  vi.waitFor(async () => expect(new Set(await models(tab.store))).toEqual(new Set(ids)), WAIT);
const view = async ({ downloads }: Tab, id: string): Promise<DownloadView | undefined> =>
  (await downloads.list()).find((download) => download.id === id);

async function expectWhole(store: ModelStore, id: string, files: Readonly<Record<string, Uint8Array>>) {
  const opened = await store.open(id);
  expect(new Set(opened.files.list())).toEqual(new Set(Object.keys(files)));
  for (const [path, bytes] of Object.entries(files)) expect(await opened.files.read(path)).toEqual(bytes);
  opened.release();
}

beforeEach(() => {
  site = new Site();
  directory = new MemoryDirectory();
  locks = new MemoryLocks();
  channel = new MemoryChannel();
  newName = numberedNames();
  tabs = [];
  key = undefined;
});
afterEach(() => Promise.all(tabs.map((tab) => tab.close())));

it('downloads models one after the other, and a file that both have once', async () => {
  const tab = openTab();
  await tab.downloads.add(small());
  await tab.downloads.add(other());
  await done(tab, 'small', 'other');
  await expectWhole(tab.store, 'small', { config: CONFIG, unet: UNET, vae: VAE });
  await expectWhole(tab.store, 'other', { 'other-unet': OTHER_UNET, vae: VAE });
  expect(site.asked.filter((url) => url.endsWith('vae'))).toHaveLength(3); // 9,000 bytes by 4,000
  expect((await tab.store.usage()).models).toBe(700 + 21_000 + 15_000 + 9000);
  expect(await tab.downloads.list()).toEqual([]);
  // Blobs and the manifest's two sides: no progress is left lying.
  expect(await directory.list()).toHaveLength(6);
  expect(await tab.store.list()).toMatchObject([{ origin: { licence: 'MIT' } }, {}]);
});

it('tells bytes, all bytes once they are known, and goes on telling', async () => {
  const tab = openTab();
  await tab.downloads.add(small());
  await done(tab, 'small');
  const views = channel.news.flatMap((news) => (news.kind === 'moved' ? [news.view] : []));
  expect(views[0]).toMatchObject({ id: 'small', state: 'running', loaded: 0 });
  expect(views.at(-1)).toMatchObject({ state: 'checking', loaded: 30_700, bytes: 30_700 });
  for (const [i, { loaded }] of views.entries()) if (i > 0) expect(loaded).toBeGreaterThanOrEqual(views[i - 1].loaded);
});

it('tells what has arrived where then nothing more comes', async () => {
  const tab = openTab(1e9, { ...LIMITS, connections: 1 });
  site.gate = (url) =>
    url.endsWith('unet') && site.starts.at(-1) === 8000 ? new Promise(() => undefined) : Promise.resolve(undefined);
  await tab.downloads.add(small());
  await vi.waitFor(async () => expect(await view(tab, 'small')).toMatchObject({ loaded: 700 + 8000 }), WAIT);
});

it('pauses, goes on from there, and cancels without leaving anything', async () => {
  const tab = openTab();
  let held = 0;
  site.gate = (url) => {
    if (url.endsWith('unet') && ++held > 3) return new Promise(() => undefined);
    return Promise.resolve(undefined);
  };
  await tab.downloads.add(small());
  await vi.waitFor(() => expect(held).toBeGreaterThan(4));
  await tab.downloads.pause('small');
  await vi.waitFor(async () => expect((await view(tab, 'small'))?.state).toBe('paused'));
  site.gate = async () => undefined;
  site.asked.length = 0;
  await tab.downloads.resume('small');
  await done(tab, 'small');
  expect(site.asked.filter((url) => url.endsWith('unet')).length).toBeLessThan(6); // of six parts, some were there
  await expectWhole(tab.store, 'small', { config: CONFIG, unet: UNET, vae: VAE });

  site.gate = () => new Promise(() => undefined);
  await tab.downloads.add(other());
  await vi.waitFor(async () => expect((await view(tab, 'other'))?.state).toBe('running'));
  await tab.downloads.cancel('other');
  await vi.waitFor(async () => expect(await directory.list()).toHaveLength(5));
  expect(await tab.downloads.list()).toEqual([]);
});

it('begins anew where it was cancelled and asked for again between two of its files', async () => {
  const tab = openTab();
  const { manifest } = tab.store;
  const update = manifest.update.bind(manifest);
  let isOff = false;
  manifest.update = async (change) => {
    const { downloads } = await manifest.read();
    const isWhole = downloads.some(({ parts }) => 'whole' in (parts.config ?? {}));
    if (isOff || !isWhole) return update(change);
    isOff = true;
    await update((before) => ({ ...before, downloads: [] }));
    const without = await update(change);
    await tab.downloads.add(small());
    return without;
  };
  await tab.downloads.add(small());
  await done(tab, 'small');
  expect(isOff).toBe(true);
  await expectWhole(tab.store, 'small', { config: CONFIG, unet: UNET, vae: VAE });
});

it('goes on with the next where one fails, and says why', async () => {
  const tab = openTab();
  await tab.downloads.add(request('gone', [{ path: 'gone', url: 'https://files.example/gone' }]));
  await tab.downloads.add(small());
  await done(tab, 'small');
  expect(await view(tab, 'gone')).toMatchObject({
    state: 'failed',
    problem: { trouble: 'not-found', message: expect.stringMatching(/files\.example has no gone/) },
  });
  site.publish('gone', VAE);
  await tab.downloads.resume('gone');
  await done(tab, 'small', 'gone');
});

it('tries again what was refused for want of a key once there is one', async () => {
  const tab = openTab();
  site.gate = async () => (key ? undefined : new Response('', { status: 401 }));
  await tab.downloads.add(small());
  const isRefused = async () =>
    expect(await view(tab, 'small')).toMatchObject({ state: 'failed', problem: { trouble: 'token-needed' } });
  await vi.waitFor(isRefused, WAIT);
  await tab.downloads.retryRefused();
  await isRefused();
  key = 'a key';
  await tab.downloads.retryRefused();
  await done(tab, 'small');
});

it('waits for a site that is away without holding up the others, and tries it again by itself', async () => {
  const tab = openTab();
  let away = true;
  site.gate = async (url) =>
    url.endsWith('unet') && !url.endsWith('other-unet') && away ? new Response('', { status: 503 }) : undefined;
  await tab.downloads.add(small());
  await tab.downloads.add(other());
  await done(tab, 'other');
  // Between two tries, each of which is short.
  const waiting = { state: 'waiting', problem: { trouble: 'busy' } };
  await vi.waitFor(async () => expect(await view(tab, 'small')).toMatchObject(waiting), { ...WAIT, interval: 1 });
  away = false;
  await done(tab, 'small', 'other');
});

it('says that there is no room before the first byte', async () => {
  const tab = openTab(20_000);
  await tab.downloads.add(small());
  await vi.waitFor(async () =>
    expect(await view(tab, 'small')).toMatchObject({ state: 'failed', problem: { trouble: 'no-room' } }),
  );
  expect(site.asked).toEqual([]);
});

it('stops where the disk is full, and loses nothing', async () => {
  const tab = openTab();
  directory.room = 15_000;
  await tab.downloads.add(small());
  await vi.waitFor(async () =>
    expect(await view(tab, 'small')).toMatchObject({ state: 'failed', problem: { trouble: 'no-room' } }),
  );
  expect((await tab.downloads.list())[0].loaded).toBeGreaterThan(0);
  directory.room = Number.POSITIVE_INFINITY;
  site.asked.length = 0;
  await tab.downloads.resume('small');
  await done(tab, 'small');
  expect(site.asked).not.toContain('https://files.example/config');
});

it('goes on from another tab than the one that runs it, after a disk that took nothing at all, with what it has', async () => {
  const runner = openTab(1e9, { ...LIMITS, connections: 1, keepBytes: 1e6 });
  const other = openTab();
  const full = new DOMException('The operation would exceed its storage quota.', 'QuotaExceededError');
  site.gate = async (url) => {
    if (url.endsWith('unet') && site.starts.at(-1) === 8000) directory.writeError = full; // not even that it has failed
    return undefined;
  };
  await runner.downloads.add(small());
  await vi.waitFor(async () =>
    expect(await view(other, 'small')).toMatchObject({ state: 'waiting', problem: { trouble: 'no-room' } }),
  );
  directory.writeError = undefined;
  site.gate = async () => undefined;
  site.starts.length = 0;
  await other.downloads.resume('small');
  await done(other, 'small');
  expect(site.starts[0]).toBe(8000);
});

it('is run by one tab, which another takes over from', async () => {
  const [first, second] = [openTab(), openTab()];
  let [running, most] = [0, 0];
  let hold = true;
  site.gate = async () => {
    running++;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
    return hold && site.asked.length > 5 ? new Promise(() => undefined) : undefined;
  };
  // Both ask for the same, and for one more each.
  await Promise.all([first.downloads.add(small()), second.downloads.add(small())]);
  await second.downloads.add(other());
  // All are held by now, so that none of the first tab's still runs beside the second's.
  await vi.waitFor(() => expect([site.asked.length > 5, running]).toEqual([true, 0]));
  hold = false;
  await first.close();
  await done(second, 'small', 'other');
  expect(most).toBeLessThanOrEqual(LIMITS.connections);
  await expectWhole(second.store, 'small', { config: CONFIG, unet: UNET, vae: VAE });
});

it('is paused and cancelled from another tab than the one that runs it', async () => {
  const [first, second] = [openTab(), openTab()];
  site.gate = () => new Promise(() => undefined);
  await second.downloads.add(small());
  await vi.waitFor(async () => expect((await view(second, 'small'))?.state).toBe('running'));
  await second.downloads.cancel('small');
  await vi.waitFor(async () =>
    expect((await directory.list()).every(({ name }) => first.store.manifest.isOwn(name))).toBe(true),
  );
});

it('downloads, removes and opens one model in two tabs at once', async () => {
  const [first, second] = [openTab(), openTab()];
  for (let round = 0; round < 10; round++) {
    await Promise.all([first.downloads.add(small()), second.downloads.add(small())]);
    await done(second, 'small');
    const opened = first.store.open('small').then(
      async ({ files, release }) => {
        expect(await files.read('unet')).toEqual(UNET);
        release();
      },
      (error) => expect(error.code).toBe('corrupt'), // it was removed just before
    );
    await Promise.all([opened, second.store.remove('small').then(() => second.store.emptyBin()), first.store.sweep()]);
    await first.store.emptyBin();
    expect(await first.store.list({ removed: true })).toEqual([]);
  }
});

it('fetches only what is damaged when it repairs', async () => {
  const tab = openTab();
  await tab.downloads.add(small());
  await done(tab, 'small');
  const { blobs } = await tab.store.manifest.read();
  directory.spoil(blobs[sha256(VAE)].file, 8);
  expect(await tab.store.check('small')).toEqual(['vae']);
  site.asked.length = 0;
  await tab.downloads.repair('small');
  await tab.downloads.repair('small'); // twice is no more
  await vi.waitFor(async () => expect(await tab.downloads.list()).toEqual([]), WAIT);
  expect(new Set(site.asked)).toEqual(new Set(['https://files.example/vae']));
  await expectWhole(tab.store, 'small', { config: CONFIG, unet: UNET, vae: VAE });
});

it('does not bring a model back that is removed while it is repaired', async () => {
  const tab = openTab();
  await tab.downloads.add(small());
  await done(tab, 'small');
  const { blobs } = await tab.store.manifest.read();
  directory.spoil(blobs[sha256(VAE)].file, 8);
  await tab.store.check('small');
  site.gate = () => new Promise(() => undefined);
  await tab.downloads.repair('small');
  expect(await models(tab.store)).toEqual(['small']);
  await vi.waitFor(async () => expect((await view(tab, 'small'))?.state).toBe('running'), WAIT);
  await tab.store.remove('small');
  channel.post({ kind: 'changed' });
  expect([await models(tab.store), await tab.downloads.list()]).toEqual([[], []]);
  expect((await tab.store.list({ removed: true }))[0].missing).toEqual(['vae']);
});

it.each<Loss>(['nothing', 'unflushed', 'half of unflushed'])(
  'goes on after a power cut at any operation, losing %s',
  async (loss) => {
    const [first, second] = [small(), other()];
    let end = false;
    // Each kind of loss has operations of its own: all of them would take minutes.
    for (let cutAt = loss.length % 13; !end; cutAt += 13) {
      directory = new MemoryDirectory();
      directory.cutAt = cutAt;
      [locks, channel, newName] = [new MemoryLocks(), new MemoryChannel(), numberedNames()];
      const tab = openTab();
      try {
        await tab.downloads.add(first);
        await tab.downloads.add(second);
        while (directory.operations < cutAt && (await models(tab.store)).length < 2)
          await new Promise((resolve) => setTimeout(resolve, 5));
        if (directory.operations >= cutAt) throw new Error('The power failed.');
        end = true;
      } catch {
        // the power failed
      }
      await tab.close().catch(() => undefined);
      if (end) break;
      directory = directory.restarted(loss);
      [locks, channel] = [new MemoryLocks(), new MemoryChannel()];
      const after = openTab();
      for (const { id } of await after.store.list()) expect(await after.store.check(id)).toEqual([]);
      await after.downloads.add(first);
      await after.downloads.add(second);
      await done(after, 'small', 'other');
      await expectWhole(after.store, 'small', { config: CONFIG, unet: UNET, vae: VAE });
      await expectWhole(after.store, 'other', { 'other-unet': OTHER_UNET, vae: VAE });
      await after.store.sweep();
      if ((await directory.list()).filter(({ name }) => name.startsWith('file-')).length !== 4)
        expect((await directory.list()).filter(({ name }) => name.startsWith('file-'))).toHaveLength(4);
      await after.close();
    }
  },
);
