import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { shippedVersion } from './service-worker';

const folder = mkdtempSync(join(tmpdir(), 'easel-shipped-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (path: string, content: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
};

it('lists what the page may ask for, and names the version by it alone', () => {
  const notNeeded = ['service-worker.js', 'licences.txt', 'screenshots/wide.jpg', 'models/emblems/unet/config.json'];
  for (const path of ['index.html', 'assets/a.js', ...notNeeded]) write(path, path);
  const { version, files } = shippedVersion(folder);
  // printf assets/a.js | sha256sum
  const sha256 = '546703d5a71d08cc2b8ea60042be07bdd12819da7841c613e4e4a390ab67c142';
  expect(files.map(({ path, bytes }) => [path, bytes])).toEqual([
    ['assets/a.js', 11],
    ['', 10],
  ]);
  expect(files[0].sha256).toBe(sha256);
  write('service-worker.js', 'another');
  expect(shippedVersion(folder).version).toBe(version);
  write('assets/a.js', 'another');
  expect(shippedVersion(folder).version).not.toBe(version);
});
