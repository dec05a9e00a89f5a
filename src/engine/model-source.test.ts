import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { failure } from '../model/fixtures/failure';
import { folderFiles, openSource } from './model-source';

describe('openSource', () => {
  const manifest = (files: unknown[]) => new Response(JSON.stringify({ v: 1, name: 'm', files }));
  // The hash of 01 02 03.
  const file = { path: 'a.bin', size: 3, sha256: '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81' };
  const open = (fetcher: (url: string) => Response) =>
    openSource({ kind: 'url', base: 'http://x/' }, () => undefined, {
      fetcher: (async (url: string) => fetcher(url)) as typeof fetch,
    });

  it('reads the files that the manifest lists and checks their hashes', async () => {
    const files = await open((url) =>
      url.endsWith('.json') ? manifest([file]) : new Response(Uint8Array.of(1, 2, 3)),
    );
    expect(await files.read('a.bin')).toEqual(Uint8Array.of(1, 2, 3));
  });
  it('asks for all files at once', async () => {
    const paths = ['a.bin', 'b.bin', 'c.bin'];
    const waiting: (() => void)[] = [];
    const files = await openSource({ kind: 'url', base: 'http://x/' }, () => undefined, {
      fetcher: (async (url: string) => {
        if (url.endsWith('.json')) return manifest(paths.map((path) => ({ ...file, path })));
        // The first ones come when the last one has been asked for.
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length === paths.length) for (const come of waiting) come();
        });
        return new Response(Uint8Array.of(1, 2, 3));
      }) as typeof fetch,
    });
    expect(files.list()).toEqual(['manifest.json', ...paths]);
  });
  it('fetches what a first picture can do without when it is read, a header by itself', async () => {
    const content = new Uint8Array(100_000).fill(7);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const entries = ['unet/u.safetensors', 'guidance/tower.safetensors', 'text_encoder/t.safetensors', 'lora/f'].map(
      (path) => ({ path, size: content.length, sha256 }),
    );
    const asked: string[] = [];
    const files = await openSource({ kind: 'url', base: 'http://x/' }, () => undefined, {
      fetcher: (async (url: string, { headers }: RequestInit = {}) => {
        if (url.endsWith('.json'))
          return new Response(JSON.stringify({ v: 1, name: 'm', files: entries, fast: { lora: 'lora/f' } }));
        const range = new Headers(headers).get('Range');
        asked.push(`${url.slice('http://x/'.length)}${range ? ` ${range}` : ''}`);
        return range ? new Response(content.slice(0, 8), { status: 206 }) : new Response(content);
      }) as typeof fetch,
    });
    // In the order of need; the LoRA comes by itself, after all that the first picture needs.
    expect(asked).toEqual(['text_encoder/t.safetensors', 'unet/u.safetensors', 'lora/f']);
    expect(files.list()).toContain('guidance/tower.safetensors');
    expect(files.size('guidance/tower.safetensors')).toBe(content.length);
    expect(await files.read('guidance/tower.safetensors', 0, 8)).toEqual(content.slice(0, 8));
    expect(await files.read('guidance/tower.safetensors', 500, 510)).toEqual(content.slice(500, 510));
    expect(await files.read('guidance/tower.safetensors', 0, 8)).toEqual(content.slice(0, 8));
    expect(asked.slice(3)).toEqual(['guidance/tower.safetensors bytes=0-7', 'guidance/tower.safetensors']);
  });
  it('keeps the manifest as it came, for whoever opens the folder reads it anew', async () => {
    const text = JSON.stringify({ v: 1, name: 'm', files: [file], fast: { lora: 'a.bin', steps: 8 } });
    const files = await open((url) => new Response(url.endsWith('.json') ? text : Uint8Array.of(1, 2, 3)));
    expect(new TextDecoder().decode(await files.read('manifest.json'))).toBe(text);
  });
  it('names a damaged file', async () => {
    const error = await failure(
      open((url) => (url.endsWith('.json') ? manifest([file]) : new Response(Uint8Array.of(1, 2, 4)))),
    );
    expect(error.code).toBe('corrupt');
    expect(error.message).toMatch('a.bin');
  });
  it('says when there is no connection, and when there is no file', async () => {
    const offline = open(() => {
      throw new TypeError('Failed to fetch');
    });
    expect((await failure(offline)).code).toBe('offline');
    expect(
      (await failure(open((url) => (url.endsWith('.json') ? manifest([file]) : new Response('', { status: 404 })))))
        .message,
    ).toMatch('404');
  });
  it('says that a host with a page for every address has no such file', async () => {
    const page = () => new Response('<!doctype html>', { headers: { 'Content-Type': 'text/html; charset=utf-8' } });
    for (const missing of ['manifest.json', 'a.bin']) {
      const error = await failure(open((url) => (url.endsWith(missing) ? page() : manifest([file]))));
      expect(error.message).toMatch(`http://x/${missing} is not there: the host sends a web page`);
    }
  });
  it('refuses paths that leave the folder', async () => {
    expect((await failure(open(() => manifest([{ ...file, path: '../secret' }])))).code).toBe('corrupt');
  });
  it('reads picked files as slices', async () => {
    const files = folderFiles('f', [{ path: 'a', file: new Blob([Uint8Array.of(1, 2, 3, 4)]) }]);
    expect(await files.read('a', 1, 3)).toEqual(Uint8Array.of(2, 3));
    expect((await failure(files.read('b'))).message).toMatch('lacks b');
  });
});
