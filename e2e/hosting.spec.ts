import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { expect, test } from './fixtures/easel';

const DIST = join(import.meta.dirname, '../dist');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

/** A static host that sends no headers of its own, under a sub-folder as GitHub Pages has it. */
async function plainHost() {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname.replace(/^\/easel/, '');
    const file = join(DIST, path.endsWith('/') ? `${path}index.html` : path);
    if (!file.startsWith(DIST) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `http://localhost:${port}/easel/`, close: () => server.close() };
}

test('on a host that sends no headers the page isolates itself and paints with threads', async ({ easel, page }) => {
  const host = await plainHost();
  await easel.open(host.address);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await expect(easel.device).toContainText(/[2-9]\d* threads/);
  await easel.set({ Steps: 1 });
  await easel.paint();
  host.close();
});
