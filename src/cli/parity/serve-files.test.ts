import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryFiles } from '../../model/weights/memory-files';
import { fetchedFiles } from './page/fetched-files';
import { FILES_AT, serveFiles } from './serve-files';

const content = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const files = memoryFiles('folder', { 'a/one two#%.bin': content, 'empty.txt': '' });
const handler = serveFiles(files);
const server = createServer((request, response) => {
  void handler(request, response, () => response.writeHead(418).end());
});
let origin = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

describe('a folder over HTTP', () => {
  it('reads the same names, sizes and ranges as the folder itself', async () => {
    const fetched = await fetchedFiles(origin + FILES_AT);
    expect(fetched.name).toBe('folder');
    expect(fetched.list()).toEqual(files.list());
    expect(fetched.size('a/one two#%.bin')).toBe(1000);
    expect(await fetched.read('a/one two#%.bin')).toEqual(content);
    expect(await fetched.read('a/one two#%.bin', 998)).toEqual(content.subarray(998));
    expect(await fetched.read('a/one two#%.bin', 17, 400)).toEqual(content.subarray(17, 400));
    expect(await fetched.read('empty.txt')).toHaveLength(0);
  });

  it('offers nothing that the folder does not list', async () => {
    const fetched = await fetchedFiles(origin + FILES_AT);
    await expect(fetched.read('b.bin')).rejects.toThrow('lacks b.bin');
    for (const path of ['file/..%2F..%2Fpackage.json', 'file/b.bin', 'a/one']) {
      expect((await fetch(`${origin}${FILES_AT}${path}`)).status).toBe(404);
    }
    expect((await fetch(`${origin}/elsewhere`)).status).toBe(418);
  });
});
