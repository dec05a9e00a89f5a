import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryCaches } from './fixtures/memory-caches';
import { neededFiles, PAGE } from './shipped-files';
import { VersionCache } from './version-cache';

const FOLDER = 'https://host.example/easel/';
type Files = Readonly<Record<string, string>>;

const FIRST: Files = { [PAGE]: 'page 1', 'assets/main-1.js': 'main 1', 'models/unet': 'weights' };
const SECOND: Files = { [PAGE]: 'page 2', 'assets/main-2.js': 'main 2', 'models/unet': 'weights' };

const listOf = (files: Files) =>
  Object.entries(files).map(([path, content]) => {
    return { path, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
  });

let caches: MemoryCaches;
/** What the host has, and what it was asked for: path and how. */
let host: Record<string, string>;
let asked: string[];
/** What the browser's HTTP cache answers, where it has something. */
let http: Record<string, string>;

beforeEach(() => {
  caches = new MemoryCaches();
  [asked, http] = [[], {}];
});

const fetchFile = async (address: string, { cache }: RequestInit) => {
  const path = address.slice(FOLDER.length);
  const stored = cache === 'force-cache' ? http[path] : undefined;
  if (stored !== undefined) return new Response(stored);
  asked.push(path);
  const content = host[path];
  return content === undefined ? new Response('', { status: 404 }) : new Response(content);
};

const versionOf = (name: string, files: Files) =>
  new VersionCache(name, listOf(files), {
    caches: caches as unknown as CacheStorage,
    fetch: fetchFile,
    folder: FOLDER,
  });
const textAt = async (cache: VersionCache, path: string) => (await cache.match(FOLDER + path))?.text();

describe('a version’s cache', () => {
  it('answers nothing until it is whole, the page coming last; then every file, and the page by each of its names', async () => {
    host = { ...FIRST };
    const cache = versionOf('1', FIRST);
    expect(cache.knownWhole).toBe(undefined);
    delete host['models/unet'];
    await expect(cache.fill()).rejects.toThrow('models/unet on the server is not the one of this version');
    expect(asked).not.toContain(PAGE);
    expect([await cache.isWhole(), await textAt(cache, 'assets/main-1.js')]).toEqual([false, undefined]);
    expect(cache.knownWhole).toBe(false);
    host = { ...FIRST };
    asked = [];
    await cache.fill();
    expect(asked).toEqual(['models/unet', PAGE]); // what it has, it does not fetch again
    expect(cache.knownWhole).toBe(true);
    for (const path of ['', 'index.html', '?shared']) expect(await textAt(cache, path)).toBe('page 1');
    expect(await textAt(cache, 'models/unet')).toBe('weights');
    expect(await textAt(cache, 'licences.txt')).toBe(undefined);
    expect(await cache.match('https://other.example/easel/models/unet')).toBe(undefined);
    // Another worker of this version finds it whole.
    expect(await versionOf('1', FIRST).isWhole()).toBe(true);
  });

  it('takes what the browser’s HTTP cache has, unless that is of another version; the page never', async () => {
    host = { ...FIRST };
    http = { 'models/unet': 'weights', 'assets/main-1.js': 'stale', [PAGE]: 'page 1' };
    await versionOf('1', FIRST).fill();
    expect(asked).toEqual(['assets/main-1.js', PAGE]);
  });

  it('takes what did not change from the version before, whose own stays whole until it is removed', async () => {
    host = { ...FIRST };
    const first = versionOf('1', FIRST);
    await first.fill();
    host = { ...SECOND };
    asked = [];
    const second = versionOf('2', SECOND);
    await second.fill();
    expect(asked).toEqual(['assets/main-2.js', PAGE]);
    expect([await textAt(first, PAGE), await textAt(second, PAGE)]).toEqual(['page 1', 'page 2']);
    expect(await textAt(second, 'assets/main-1.js')).toBe(undefined);
    await second.removeOthers();
    expect(await versionOf('1', FIRST).isWhole()).toBe(false);
    expect(await textAt(second, 'models/unet')).toBe('weights');
  });

  it('never becomes whole where the server has gone on to another version, or does not answer', async () => {
    host = { ...FIRST, [PAGE]: 'page 2' };
    const cache = versionOf('1', FIRST);
    await expect(cache.fill()).rejects.toThrow('index.html on the server is not the one of this version');
    expect(await cache.isWhole()).toBe(false);
  });
});

it('needs one of onnxruntime’s two builds of WebAssembly', () => {
  const paths = ['assets/ort.jspi-a.wasm', 'assets/ort.asyncify-b.wasm', 'assets/ort.jspi.bundle.min-c.js', PAGE];
  const files = paths.map((path) => ({ path, bytes: 1, sha256: '' }));
  const needed = (WebAssembly: object) => neededFiles(files, { WebAssembly }).map(({ path }) => path);
  expect(needed({ Suspending: class {} })).toEqual([paths[0], paths[2], PAGE]);
  expect(needed({})).toEqual(paths.slice(1));
});
