import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type Fault, type SeenRequest, StandIn } from '../../cli/stand-in/stand-in';
import { browserFetch } from '../fixtures/browser-fetch';
import { FastClock, REAL_CLOCK } from '../fixtures/clocks';
import { MemoryDirectory } from '../fixtures/memory-directory';
import type { LibraryError, Trouble } from '../trouble';
import { downloadFile, type Limits, NOTHING_YET, type Progress, type RemoteFile } from './download-file';

/** A file of safetensors with a short header: what it begins with is looked at. */
function safetensors(bytes: number): Buffer {
  const file = randomBytes(bytes);
  file.writeBigUInt64LE(2n, 0);
  file.write('{}', 8);
  return file;
}

const MIB = 2 ** 20;
const FILE = safetensors(3 * MIB + 12_345);
const HASH = createHash('sha256').update(FILE).digest('hex');
/** Small, so that a small file comes in many parts. */
const LIMITS: Limits = {
  connections: 4,
  rangeBytes: MIB / 4,
  keepBytes: MIB / 4,
  tries: 5,
  silentMs: Number.POSITIVE_INFINITY,
};

let sites: StandIn;
let directory: MemoryDirectory;
let clock: FastClock;
let kept: Progress;
let told: { loaded: number; size?: number };
let online: boolean;

beforeAll(async () => {
  sites = await StandIn.open();
  sites.addRepository('some/model', { 'unet/w.safetensors': FILE });
  sites.addRepository('some/gated', { 'w.safetensors': FILE }, { token: 'hf_secret' });
  sites.addPlain('w.safetensors', FILE);
});
afterAll(() => sites.close());

beforeEach(() => {
  directory = new MemoryDirectory();
  clock = new FastClock();
  kept = NOTHING_YET;
  online = true;
  Object.assign(sites, { spoil: () => undefined, linkUses: 1, exposes: true });
  sites.seen.length = 0;
});

const TOKEN: Readonly<Record<string, string>> = { Authorization: 'Bearer hf_secret' };
const HUB = 'https://huggingface.co/some/model/resolve/main/unet/w.safetensors';
const PLAIN = 'https://files.example/w.safetensors';

async function download(file: Partial<RemoteFile> = {}, limits: Partial<Limits> = {}, signal?: AbortSignal) {
  const target = await directory.open('part');
  try {
    return await downloadFile({
      file: { path: 'w.safetensors', url: HUB, ...file },
      target,
      from: kept,
      limits: { ...LIMITS, ...limits },
      network: {
        fetch: browserFetch(sites),
        clock: limits.silentMs === undefined ? clock : REAL_CLOCK,
        authorize: (url) => (url.includes('some/gated') ? { url, headers: TOKEN } : undefined),
        online: () => online,
      },
      async keep(progress) {
        kept = progress;
      },
      onBytes(loaded, size) {
        told = { loaded, size };
      },
      signal: signal ?? new AbortController().signal,
    });
  } finally {
    await target.close();
  }
}

/** Requests for the file's bytes, on the host that has them. */
const served = () => sites.seen.filter(({ host }) => host === 'cdn.example' || host === 'files.example');
/** Spoils the answers to the first requests for bytes, in order of their coming. */
function spoilFirst(...faults: readonly (Fault | undefined)[]): void {
  let at = 0;
  sites.spoil = () => faults[at++];
}
const isWhole = () => Buffer.from(directory.bytes('part') ?? []).equals(FILE);

async function trouble(downloading: Promise<unknown>): Promise<{ trouble: Trouble; message: string }> {
  const thrown = (await downloading.then(
    () => undefined,
    (error) => error,
  )) as LibraryError;
  return { trouble: thrown?.trouble, message: thrown?.message };
}

it('fetches a file in parallel parts, with no other header and no preflight', async () => {
  const whole = { sha256: HASH, bytes: FILE.length };
  expect(await download({ bytes: FILE.length, sha256: HASH })).toEqual(whole);
  expect(isWhole()).toBe(true);
  expect(told).toEqual({ loaded: FILE.length, size: FILE.length });
  expect(served()).toHaveLength(13); // 3 MiB and a bit by a quarter of one
  expect(sites.seen.every(({ method }) => method === 'GET')).toBe(true);
  const [{ headers }] = sites.seen;
  expect(Object.keys(headers).sort()).toEqual(['connection', 'host', 'origin', 'range']);
});

it('asks several at once, and the first alone', async () => {
  let [now, most] = [0, 0];
  sites.spoil = ({ range }) => {
    now++;
    most = Math.max(most, now);
    if (range?.start === 0) expect(now).toBe(1);
    setTimeout(() => now--, 20);
    return { pieceMs: 20 };
  };
  await download({ sha256: HASH });
  expect(most).toBeGreaterThan(1);
});

it('knows the end where nobody says the size and the page may see no Content-Range', async () => {
  sites.exposes = false;
  expect(await download()).toEqual({ sha256: HASH, bytes: FILE.length });
  // The length of a whole number of parts: the next one is not there.
  kept = NOTHING_YET;
  directory = new MemoryDirectory();
  const even = safetensors(MIB / 2);
  sites.addPlain('even.safetensors', even);
  expect((await download({ url: 'https://files.example/even.safetensors' })).bytes).toBe(MIB / 2);
});

it('gives a token to its own host only, and only where it does not answer without', async () => {
  await download({ url: 'https://huggingface.co/some/gated/resolve/main/w.safetensors', sha256: HASH });
  for (const [i, { host, method, headers }] of sites.seen.entries())
    expect(headers.authorization, `${method} ${host}`).toBe(
      host === 'huggingface.co' && method === 'GET' && i > 0 ? 'Bearer hf_secret' : undefined,
    );
});

it.each<[string, Fault[]]>([
  ['connections that break', [{ dropAfter: 100_000 }, { dropAfter: 1 }, { dropAfter: 0 }]],
  ['too many requests, with a date', [{ status: 429, headers: { 'Retry-After': 'Sun, 29 Nov 2026 12:00:30 GMT' } }]],
  ['a site that is down', [{ status: 503 }, { status: 500 }, { status: 502 }]],
  ['links that have expired', [{ status: 403 }, { status: 403 }]],
  ['a Content-Length that is too large', [{ headers: { 'Content-Length': MIB }, dropAfter: MIB / 4 }]],
  ['another part than was asked for', [{ headers: { 'Content-Range': `bytes 5-9/${FILE.length}` } }]],
  ['an answer that no page may read', [{ closed: true }]],
])('ends whole through %s', async (_, faults) => {
  spoilFirst(...faults);
  await download({ bytes: FILE.length, sha256: HASH });
  expect(isWhole()).toBe(true);
});

it('waits as long as the site asks for, and longer each time where it does not say', async () => {
  spoilFirst({ status: 429, headers: { 'Retry-After': '17' } }, { status: 503 }, { status: 503 }, { status: 503 });
  await download({ sha256: HASH });
  expect(clock.waits).toEqual([17_000, 2000, 4000, 8000]);
});

it('ends a connection that is silent, and asks again', async () => {
  spoilFirst({ stallAfter: 70_000 });
  await download({ sha256: HASH }, { silentMs: 300, tries: 1000 });
  expect(isWhole()).toBe(true);
});

it('takes the whole where a site sends no parts, from the start after a break', async () => {
  let at = 0;
  sites.spoil = () => ({ ignoreRange: true, dropAfter: at++ === 0 ? MIB : undefined });
  await download({ url: PLAIN, sha256: HASH });
  expect(isWhole()).toBe(true);
  expect(served()).toHaveLength(2);
});

it('goes on from what there was, whatever ended it', async () => {
  let at = 0;
  sites.spoil = () => (at++ < 5 ? undefined : { dropAfter: 0 });
  expect(await trouble(download({ sha256: HASH }))).toMatchObject({ trouble: 'unreachable' });
  const had = kept.done.reduce((sum, { start, end }) => sum + end - start, 0);
  expect(had).toBe((5 * MIB) / 4);
  sites.spoil = () => undefined;
  sites.seen.length = 0;
  const { done } = kept;
  expect(await download({ sha256: HASH })).toEqual({ sha256: HASH, bytes: FILE.length });
  for (const { range } of served())
    expect(done.some(({ start, end }) => range && range.start < end && range.end > start)).toBe(false);
});

it.each<[string, () => void, Partial<RemoteFile>]>([
  ['by its tag, between two parts', () => undefined, {}],
  ['in length, where no tag can be seen', () => undefined, { bytes: undefined }],
])('begins again where the file changes %s', async (how, _, file) => {
  const other = safetensors(how.startsWith('in') ? FILE.length + 10 : FILE.length);
  let at = 0;
  const headers = how.startsWith('in') ? { ETag: '' } : undefined;
  sites.spoil = () => (at++ < 3 ? { headers } : { bytes: other, headers });
  const { sha256 } = await download({ url: PLAIN, ...file });
  expect(sha256).toBe(createHash('sha256').update(other).digest('hex'));
  expect(Buffer.from(directory.bytes('part') ?? []).equals(other)).toBe(true);
});

it('begins again where the file changed between two visits', async () => {
  const stop = new AbortController();
  const old = safetensors(FILE.length);
  let at = 0;
  sites.spoil = () => {
    if (at++ === 4) stop.abort();
    return { bytes: old };
  };
  await expect(download({ url: PLAIN }, {}, stop.signal)).rejects.toThrow();
  expect(kept.done.length).toBeGreaterThan(0);
  sites.spoil = () => undefined;
  expect((await download({ url: PLAIN })).sha256).toBe(HASH);
});

it('gives up on a file that goes on changing', async () => {
  let at = 0;
  sites.spoil = () => ({ headers: { ETag: `"${at++}"` } });
  expect(await trouble(download({ url: PLAIN }))).toMatchObject({ trouble: 'changed' });
  expect(kept).toEqual(NOTHING_YET);
});

it('fetches what is not the published file once more, and then says so', async () => {
  const spoiled = Buffer.from(FILE);
  spoiled[MIB] ^= 1;
  const etag = { headers: { ETag: '"the same"' } };
  let at = 0;
  sites.spoil = () => (at++ < 13 ? { bytes: spoiled, ...etag } : etag);
  await download({ sha256: HASH });
  expect(isWhole()).toBe(true);
  sites.spoil = () => ({ bytes: spoiled, ...etag });
  kept = NOTHING_YET;
  const { trouble: found, message } = await trouble(download({ sha256: HASH }));
  expect(found).toBe('wrong-hash');
  expect(message).toMatch(/w\.safetensors.*SHA-256 differs.*another source/);
  expect(kept).toEqual(NOTHING_YET);
});

it('finds a byte that the disk lost between two visits', async () => {
  const stop = new AbortController();
  let at = 0;
  sites.spoil = () => void (at++ === 8 && stop.abort());
  await expect(download({ sha256: HASH }, {}, stop.signal)).rejects.toThrow();
  directory.spoil('part', 1000);
  sites.spoil = () => undefined;
  sites.seen.length = 0;
  await download({ sha256: HASH });
  expect(isWhole()).toBe(true);
  expect(served().length).toBeGreaterThan(13); // the rest, and then all of it
});

const LFS_POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${HASH}\nsize 123\n`;

it.each<[Trouble, RegExp, Fault]>([
  ['token-needed', /huggingface\.co gives w\.safetensors only.*access token/, { status: 401 }],
  ['not-found', /has no w\.safetensors \(HTTP 404\)/, { status: 404 }],
  ['refused', /HTTP 451.*another source/, { status: 451 }],
  ['busy', /has no time for w\.safetensors now \(HTTP 429\)/, { status: 429, headers: { 'Retry-After': 900 } }],
  ['busy', /HTTP 503/, { status: 503 }],
  ['refused', /link to w\.safetensors has expired/, { status: 403 }],
  ['changed', /begin|shorter|empty/i, { status: 416 }],
  ['wrong-content', /sends a web page in place of/, { headers: { 'Content-Type': 'text/html; charset=utf-8' } }],
  ['wrong-content', /sends a web page in place of/, { body: '\n<!doctype html><title>Log in</title>' }],
  ['wrong-content', /Git LFS pointer/, { body: LFS_POINTER }],
  ['wrong-content', /not a safetensors file/, { body: '{"error":"Unauthorized"}' }],
  ['unreachable-or-closed-to-pages', /lets no web page.*drop it here/, { closed: true }],
])('says what to do: %s %s', async (expected, sentence, fault) => {
  sites.spoil = () => fault;
  const { trouble: found, message } = await trouble(download());
  expect({ found, message }).toMatchObject({ found: expected, message: expect.stringMatching(sentence) });
});

it('says of a refusal by the site itself that the licence may have to be accepted', async () => {
  sites.spoil = () => ({ status: 403 });
  const { trouble: found, message } = await trouble(download({ url: PLAIN }));
  expect(found).toBe('refused');
  expect(message).toMatch(/licence must be accepted/);
});

it('does not take a lost network for a site that is closed to pages', async () => {
  online = false;
  sites.spoil = () => ({ closed: true });
  expect((await trouble(download())).trouble).toBe('unreachable');
});

it('never says a token', async () => {
  const url = 'https://files.example/nothing.safetensors?token=civitai_secret';
  const { message } = await trouble(download({ url }));
  expect(message).toMatch(/files\.example has no w\.safetensors/);
  expect(message).not.toContain('secret');
});

it('stops at once when it is told to, and keeps what it has', async () => {
  const stop = new AbortController();
  sites.spoil = ({ range }: SeenRequest) => {
    if (range && range.start >= MIB) stop.abort(new Error('enough'));
    return undefined;
  };
  await expect(download({}, {}, stop.signal)).rejects.toThrow('enough');
  await vi.waitFor(() => expect(kept.done.length).toBeGreaterThan(0));
  const there = directory.bytes('part') ?? new Uint8Array();
  for (const { start, end } of kept.done)
    expect(Buffer.from(there.subarray(start, end)).equals(FILE.subarray(start, end))).toBe(true);
});

it('keeps what it has where the disk is full, and goes on when there is room', async () => {
  directory.room = 2 * MIB;
  const { trouble: found, message } = await trouble(download({ sha256: HASH }));
  expect(found).toBe('no-room');
  expect(message).toMatch(/no room.*w\.safetensors.*what has arrived is kept/);
  expect(kept.done.length).toBeGreaterThan(0);
  directory.room = Number.POSITIVE_INFINITY;
  await download({ sha256: HASH });
  expect(isWhole()).toBe(true);
});

it('names the disk where it goes read-only', async () => {
  directory.writeError = new DOMException('Read-only file system.', 'NoModificationAllowedError');
  const { trouble: found, message } = await trouble(download());
  expect(found).toBe('disk');
  expect(message).toMatch(/w\.safetensors on the disk \(Read-only file system\.\).*read-only/);
});
