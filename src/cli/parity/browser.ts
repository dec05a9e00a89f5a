import { type Browser, chromium, type Page } from 'playwright';
import { EaselError, said } from '../../core/errors';
import type { KernelReport } from '../../model/runtime/device';
import type { KernelChoice } from '../../model/runtime/kernels/probe';
import type { ModelFiles } from '../../model/weights/model-files';
import { findChromium, HARDWARE_WEBGPU, mayHaveCard, QUIET_CHROMIUM, SOFTWARE_WEBGPU } from '../prepare.mjs';
import { servePage } from '../serve-page';
import type { AdapterReport, OrtBuild, ParityPage, Subject } from './protocol';
import { FILES_AT, serveFiles } from './serve-files';
import type { ParityEvent } from './tree';

const PAGE = '<!doctype html><title>Parity</title><script type="module" src="/src/cli/parity/page/page.ts"></script>';

/** The proof that an adapter ran the networks. */
export interface GpuRun {
  build: OrtBuild;
  sessions: number;
  /** Compute dispatches of the session that had the fewest. */
  fewestDispatches: number;
  kernels?: KernelReport;
}

/**
 * Compares a folder as `compareTree` does, or the layers as `compareLayers` and `compareDrawnLayers` do, on the WebGPU
 * provider of a headless Chromium: the machine's own card where the browser finds one, else the software adapter.
 * @param files the folder's, or how many layers of drawn sizes there are
 * @param build `asyncify` takes from the browser what only the JSPI build needs, as in browsers that lack it.
 * @param kernels whose kernels run; `own` also on a software adapter.
 * @param start hears which adapter it is before anything runs.
 * @throws EaselError `no-webgpu` when there is no adapter, or when a session ran nothing on it; whatever the comparison
 * threw.
 */
export async function compareOnWebGpu(
  files: ModelFiles | number,
  only: string,
  build: OrtBuild,
  kernels: KernelChoice,
  start: (adapter: AdapterReport) => void,
  tell: (event: ParityEvent) => void,
): Promise<GpuRun> {
  const server = await servePage('/parity', PAGE, typeof files === 'number' ? undefined : serveFiles(files));
  try {
    const { browser, page, adapter } = await openOnBestAdapter(server.address, build);
    try {
      start(adapter);
      await page.exposeFunction('tellParity', tell);
      const subject: Subject =
        typeof files === 'number' ? { kind: 'layers', drawn: files } : { kind: 'folder', at: FILES_AT };
      const outcome = await page.evaluate(
        ([what, pattern, whose]) =>
          (globalThis as unknown as { parity: ParityPage }).parity.compare(what, pattern, whose),
        [subject, only, kernels] as const,
      );
      if (outcome.kind === 'failed') throw new EaselError(outcome.code, said`${outcome.message}`);
      const dispatches = outcome.sessions.map((session) => session.dispatches);
      if (dispatches.includes(0)) throw new EaselError('no-webgpu', said`A session dispatched nothing to the adapter.`);
      return {
        build: outcome.build,
        sessions: dispatches.length,
        fewestDispatches: Math.min(...dispatches),
        kernels: outcome.kernels,
      };
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}

interface OpenPage {
  browser: Browser;
  page: Page;
  adapter: AdapterReport;
}

async function openOnBestAdapter(address: string, build: OrtBuild): Promise<OpenPage> {
  // A browser that cannot even start on the card's driver is no reason to give up.
  const card = mayHaveCard() ? await open(address, build, HARDWARE_WEBGPU).catch(() => undefined) : undefined;
  if (card && !card.adapter.software) return card;
  await card?.browser.close();
  const software = await open(address, build, SOFTWARE_WEBGPU);
  if (software) return software;
  throw new EaselError('no-webgpu', said`Chromium offers no WebGPU adapter here, not even a software one.`);
}

/** A headless browser at the page; undefined, and closed, when it offers no adapter. */
async function open(address: string, build: OrtBuild, flags: readonly string[]): Promise<OpenPage | undefined> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: [...QUIET_CHROMIUM, ...flags] });
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(`page: ${error.message}`));
    if (build === 'asyncify') await page.addInitScript('delete WebAssembly.Suspending');
    await page.goto(address);
    await page.waitForFunction(() => 'parity' in globalThis);
    const adapter = await page.evaluate(() => (globalThis as unknown as { parity: ParityPage }).parity.adapter());
    if (adapter) return { browser, page, adapter };
  } catch (error) {
    await browser.close();
    throw error;
  }
  await browser.close();
  return undefined;
}
