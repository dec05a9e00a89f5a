/**
 * What the suites of `npm run bench` use of Vite, on a machine that has none: the page was built before, and is served
 * with the headers of `vite preview`.
 */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { HARDENING, ISOLATION, policyHeader } from '../../../src/cli/content-security';

interface Options {
  root: string;
  build?: { outDir: string };
}

type Headers = Readonly<Record<string, string>>;
type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

interface Plugin {
  configureServer(server: { middlewares: { use(...at: [Handler] | [string, Handler]): void } }): void;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.ts': 'text/javascript', // bundled: only its name is TypeScript's
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/** Lays the page that was built where a suite builds it. */
export async function build({ root, build: to }: Options): Promise<void> {
  if (to) await cp(join(root, 'site'), to.outDir, { recursive: true });
}

/** Serves a built page, which is also what an unknown path gives. */
export async function preview({ root, build: from }: Options) {
  const folder = from?.outDir ?? join(root, 'site');
  const policy = policyHeader(readFileSync(join(folder, 'index.html'), 'utf8'));
  const headers = { ...ISOLATION, ...HARDENING, 'Content-Security-Policy': policy };
  return serve([filesOf(folder, headers), (_, response) => sendFile(response, join(folder, 'index.html'), headers)]);
}

/** Serves what plugins do and, as it lies there, what stands in the root. */
export async function createServer({ root, plugins }: Options & { plugins: readonly Plugin[] }) {
  const handlers: Handler[] = [];
  const use = (...at: [Handler] | [string, Handler]) => {
    const [path, handler] = at.length === 2 ? at : ['', at[0]];
    handlers.push((request, response, next) =>
      request.url?.startsWith(path) ? handler(request, response, next) : next(),
    );
  };
  for (const plugin of plugins) plugin.configureServer({ middlewares: { use } });
  return { listen: async () => undefined, ...(await serve([...handlers, filesOf(root, {})])) };
}

async function serve(handlers: readonly Handler[]) {
  const server = createHttpServer((request, response) => {
    const from = (at: number) => {
      if (handlers[at]) handlers[at](request, response, () => from(at + 1));
      else response.writeHead(404).end();
    };
    from(0);
  });
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
  const { port } = server.address() as AddressInfo;
  return {
    resolvedUrls: { local: [`http://localhost:${port}/`] },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** The files of a folder, whole or in part. */
function filesOf(folder: string, headers: Headers): Handler {
  return ({ url = '/', headers: { range } }, response, next) => {
    const { pathname } = new URL(url, 'http://localhost'); // which takes all ".." out
    const path = join(folder, pathname.endsWith('/') ? `${pathname}index.html` : decodeURIComponent(pathname));
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) sendFile(response, path, headers, range);
    else next();
  };
}

function sendFile(response: ServerResponse, path: string, headers: Headers, range = ''): void {
  const { size } = statSync(path);
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
  const start = Number(first ?? 0);
  const end = Math.min(last ? Number(last) : size - 1, size - 1);
  response.writeHead(first === undefined ? 200 : 206, {
    ...headers,
    'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
    'Content-Length': Math.max(0, end - start + 1),
    'Accept-Ranges': 'bytes',
    ...(first === undefined ? {} : { 'Content-Range': `bytes ${start}-${end}/${size}` }),
  });
  if (end < start) response.end();
  else createReadStream(path, { start, end }).pipe(response);
}
