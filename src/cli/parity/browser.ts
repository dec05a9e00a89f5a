import { type Browser, chromium, type Page } from 'playwright';
import { createServer, type ViteDevServer } from 'vite';
import { EaselError } from '../../core/errors';
import type { ModelFiles } from '../../model/types';
import { findChromium, HARDWARE_WEBGPU, QUIET_CHROMIUM, ROOT, SOFTWARE_WEBGPU } from '../prepare.mjs';
import type { ParityEvent } from './compare';
import type { AdapterReport, ParityPage } from './protocol';
import { FILES_AT, serveFiles } from './serve-files';

const PAGE = 'src/cli/parity/page/page.html';

/** The proof that an adapter ran the networks. */
export interface GpuRun {
  sessions: number;
  /** Compute dispatches of the session that had the fewest. */
  fewestDispatches: number;
}

/**
 * Compares a folder as `compareTree` does, on the WebGPU provider of a headless Chromium: the machine's own card where the
 * browser finds one, else the software adapter.
 * @param start hears which adapter it is before anything runs.
 * @throws EaselError `no-webgpu` when there is no adapter, or when a session ran nothing on it; whatever the comparison threw.
 */
export async function compareOnWebGpu(
  files: ModelFiles,
  only: string,
  start: (adapter: AdapterReport) => void,
  tell: (event: ParityEvent) => void,
): Promise<GpuRun> {
  const server = await servePage(files);
  try {
    const { browser, page, adapter } = await openOnBestAdapter(addressOf(server) + PAGE);
    try {
      start(adapter);
      await page.exposeFunction('tellParity', tell);
      const outcome = await page.evaluate(
        ([at, pattern]) => (globalThis as unknown as { parity: ParityPage }).parity.compare(at, pattern),
        [FILES_AT, only],
      );
      if (outcome.kind === 'failed') throw new EaselError(outcome.code, outcome.message);
      const dispatches = outcome.sessions.map((session) => session.dispatches);
      if (dispatches.includes(0)) throw new EaselError('no-webgpu', 'A session dispatched nothing to the adapter.');
      return { sessions: dispatches.length, fewestDispatches: Math.min(...dispatches) };
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}

/** Vite's server for the page and its TypeScript, with the folder's files beside them. */
async function servePage(files: ModelFiles): Promise<ViteDevServer> {
  const server = await createServer({
    root: ROOT,
    configFile: false,
    appType: 'mpa',
    logLevel: 'warn',
    // Every package comes as it is: one found late would be bundled anew and the page reloaded in mid-run.
    optimizeDeps: { noDiscovery: true, include: [] },
    server: { host: '127.0.0.1', port: 0, hmr: false, ws: false, watch: null },
    plugins: [
      {
        name: 'easel-parity-files',
        configureServer: ({ middlewares }) => {
          middlewares.use(serveFiles(files));
        },
      },
    ],
  });
  return server.listen();
}

/** The server's own address, with a slash at its end. */
function addressOf({ resolvedUrls }: ViteDevServer): string {
  const [address] = resolvedUrls?.local ?? [];
  if (!address) throw new EaselError('internal', 'The server for the page has no address.');
  return address;
}

interface OpenPage {
  browser: Browser;
  page: Page;
  adapter: AdapterReport;
}

async function openOnBestAdapter(address: string): Promise<OpenPage> {
  const card = await open(address, HARDWARE_WEBGPU);
  if (card.adapter && !card.adapter.software) return { ...card, adapter: card.adapter };
  await card.browser.close();
  const software = await open(address, SOFTWARE_WEBGPU);
  if (software.adapter) return { ...software, adapter: software.adapter };
  await software.browser.close();
  throw new EaselError('no-webgpu', 'Chromium offers no WebGPU adapter here, not even a software one.');
}

async function open(address: string, flags: readonly string[]) {
  const browser = await chromium.launch({ executablePath: findChromium(), args: [...QUIET_CHROMIUM, ...flags] });
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(`page: ${error.message}`));
  await page.goto(address);
  await page.waitForFunction(() => 'parity' in globalThis);
  const adapter = await page.evaluate(() => (globalThis as unknown as { parity: ParityPage }).parity.adapter());
  return { browser, page, adapter };
}
