import type { ServerResponse } from 'node:http';
import { type Connect, createServer, type ViteDevServer } from 'vite';
import { EaselError, said } from '../core/errors';
import { ROOT } from './prepare.mjs';

/** Vite's server for one page of ours, whose scripts are the sources as they stand. */
export interface PageServer {
  /** The page's. */
  address: string;
  close(): Promise<void>;
}

/**
 * Serves a page and the project's TypeScript to a browser on this machine.
 * @param at where the page is, as in `/parity`
 * @param html the page as it is: Vite would put its client in, which looks for a socket that this server does not have
 * @param others what else is served
 * @throws EaselError `internal` when no address was to be had
 */
export async function servePage(at: string, html: string, others?: Connect.NextHandleFunction): Promise<PageServer> {
  const server = await createServer({
    root: ROOT,
    configFile: false,
    appType: 'custom',
    logLevel: 'warn',
    // Every package comes as it is: one found late would be bundled anew and the page reloaded in mid-run.
    optimizeDeps: { noDiscovery: true, include: [] },
    server: { host: '127.0.0.1', port: 0, hmr: false, ws: false, watch: null },
    plugins: [
      {
        name: 'easel-page',
        configureServer: ({ middlewares }) => {
          if (others) middlewares.use(others);
          middlewares.use(at, (_: Connect.IncomingMessage, response: ServerResponse) => {
            response.setHeader('Content-Type', 'text/html');
            response.end(html);
          });
        },
      },
    ],
  });
  await server.listen();
  return { address: originOf(server) + at, close: () => server.close() };
}

function originOf({ resolvedUrls }: ViteDevServer): string {
  const [address] = resolvedUrls?.local ?? [];
  if (!address) throw new EaselError('internal', said`The server for the page has no address.`);
  return new URL(address).origin;
}
