import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { errorsOf, expect, test } from './fixtures/easel';

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

test('the page lets nothing in that it did not bring, and every test would notice what it refuses', async ({
  page,
}) => {
  const errors = await errorsOf(page);
  const response = await page.goto('./');
  expect(response?.headers()).toMatchObject({
    'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  await expect(page.locator('meta[http-equiv="Content-Security-Policy"]')).toHaveAttribute(
    'content',
    /default-src 'none'/,
  );
  expect(errors).toEqual([]);
  const outcomes = await page.evaluate(async () => {
    const outcome = async (act: () => unknown) => {
      try {
        await act();
        return 'done';
      } catch (error) {
        return (error as Error).name;
      }
    };
    return [
      await outcome(() => fetch('https://example.com/')),
      await outcome(() => new Worker(URL.createObjectURL(new Blob(['']))).terminate()),
      await outcome(() => navigator.serviceWorker.register('./other.js')),
      await outcome(() => document.body.insertAdjacentHTML('beforeend', '<img src="x">')),
      await outcome(() => document.body.setAttribute('style', 'margin: 99px')),
    ];
  });
  expect(outcomes).toEqual(['TypeError', 'TypeError', 'TypeError', 'TypeError', 'done']);
  expect(await page.evaluate(() => getComputedStyle(document.body).margin)).toBe('0px');
  for (const directive of ['connect-src', 'require-trusted-types-for', 'style-src-attr'])
    await expect.poll(() => errors.join('\n')).toContain(directive);
});

test('the licence of everything that is shipped lies beside it', () => {
  const shipped = readFileSync(join(DIST, 'licences.txt'), 'utf8');
  const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
  // An alias bears the name of what it stands for; Radix's and React's packages come in parts.
  const names = Object.entries<string>(dependencies).map(([name, version]) => /^npm:(.+)@/.exec(version)?.[1] ?? name);
  const parts = ['@radix-ui/react-select', 'scheduler', 'd3-scale', 'onnxruntime-common', '@huggingface/tokenizers'];
  for (const name of [...names.filter((name) => name !== 'radix-ui'), ...parts])
    expect(shipped).toContain(`==== ${name} `);
  expect(shipped).toContain('Copyright (c) Microsoft Corporation');
  expect(shipped).toContain('protocolbuffers/protobuf'); // in onnxruntime's WebAssembly
});
