import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright';
import { build, type PreviewServer, preview } from 'vite';
import { findChromium, QUIET_CHROMIUM, ROOT } from '../prepare.mjs';
import { MACHINE, median, report } from './report';

const VISITS = 7;
/** Far above what a visit takes, also where others use the machine. */
const PATIENCE_MS = 600_000;

/**
 * What a visit measured, in milliseconds: when something happened, counted from asking for the page, or what it took.
 */
type Visit = Record<string, number>;

/**
 * From opening the page to a model that paints, and to the first picture (two steps), in headless Chromium from this
 * machine: the starter on the CPU provider. Every visit is a first one, with empty caches.
 * @param builds folders of built pages, visited in turn so that a noisy machine is as noisy for each; this checkout if
 * none.
 */
export async function opening(builds: readonly string[]): Promise<void> {
  const own = await mkdtemp(join(tmpdir(), 'easel-opening-'));
  if (builds.length === 0) await build({ root: ROOT, logLevel: 'warn', build: { outDir: own, emptyOutDir: true } });
  const pages = builds.length > 0 ? builds : [own];
  const servers = await Promise.all(pages.map(serve));
  const browser = await chromium.launch({ executablePath: findChromium(), args: [...QUIET_CHROMIUM] });
  const visits = pages.map((): Visit[] => []);
  try {
    for (let turn = 0; turn < VISITS; turn++) {
      for (const [i, server] of servers.entries()) visits[i].push(await visit(browser, addressOf(server)));
    }
    const marks = new Set(visits.flat().flatMap(Object.keys));
    const columns = (mark: string) =>
      pages.map((page, i) => [builds.length > 0 ? page : 'ms', spread(visits[i], mark)]);
    await report('opening', {
      machine: MACHINE,
      browser: browser.version(),
      what: `medians of ${VISITS} first visits, from asking for the page (least, most)`,
      visits: Object.fromEntries(Array.from(marks, (mark) => [mark, Object.fromEntries(columns(mark))])),
    });
  } finally {
    await browser.close();
    for (const server of servers) await server.close();
    await rm(own, { recursive: true });
  }
}

const serve = (folder: string) =>
  preview({ root: ROOT, logLevel: 'warn', build: { outDir: resolve(folder) }, preview: { port: 0 } });

const addressOf = (server: PreviewServer) => server.resolvedUrls?.local[0] ?? '';

function spread(visits: readonly Visit[], mark: string): string {
  const times = visits.map((seen) => seen[mark]).filter((time) => time !== undefined);
  if (times.length === 0) return '';
  return `${Math.round(median(times))} (${Math.round(Math.min(...times))}, ${Math.round(Math.max(...times))})`;
}

async function visit(browser: Browser, address: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, bypassCSP: true });
  try {
    const page = await context.newPage();
    await page.addInitScript(LISTEN);
    const before = await processors(browser);
    await page.goto(address);
    await page.waitForFunction('globalThis.marks.ready', undefined, { timeout: PATIENCE_MS });
    const worked = await processors(browser);
    const seen = {
      ...(await marksOf(page)),
      'until ready, of all processors': workOf(before, worked),
      ...(await engineMarks(page)),
    };
    await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('a red apple');
    await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill('2');
    const asked = await page.evaluate(() => performance.now());
    await page.getByRole('button', { name: /^Generate/ }).click();
    await page.waitForFunction('globalThis.marks.picture', undefined, { timeout: PATIENCE_MS });
    return { ...seen, 'picture, after asking for it': (await marksOf(page)).picture - asked };
  } finally {
    await context.close();
  }
}

/** Milliseconds that each of the browser's processes has computed so far, by its id. */
async function processors(browser: Browser): Promise<ReadonlyMap<number, number>> {
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  await devtools.detach();
  return new Map(processInfo.map(({ id, cpuTime }) => [id, 1000 * cpuTime]));
}

/** What they computed in between: on a machine that others use, it differs less than the clock. */
function workOf(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  return Array.from(after, ([id, ms]) => ms - (before.get(id) ?? 0)).reduce((sum, ms) => sum + ms, 0);
}

/** Runs before the page's own scripts: notes when the engine starts and when it first says what. */
const LISTEN = `
  globalThis.marks = {};
  const note = (mark) => { marks[mark] ??= performance.now(); };
  globalThis.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      note('worker started');
      this.addEventListener('message', ({ data }) => {
        if (data.event) note(data.event.stage ?? data.event.type);
        if (data.ok && data.method === 'load') note('ready');
        if (data.ok && data.method === 'countTokens') note('tokens counted');
      });
    }
  };
`;

const marksOf = (page: Page) => page.evaluate<Visit>('globalThis.marks');

/** The engine's own measures (`performance.measure`), on the page's clock. */
async function engineMarks(page: Page): Promise<Visit> {
  const origin = await page.evaluate(() => performance.timeOrigin);
  const [engine] = page.workers();
  const { began, measures } = await engine.evaluate(() => ({
    began: performance.timeOrigin,
    measures: performance
      .getEntriesByType('measure')
      .map(({ name, startTime, duration }) => ({ name, startTime, duration })),
  }));
  const at = began - origin;
  return Object.fromEntries([
    ['engine: script asked for', at],
    ...measures.flatMap(({ name, startTime, duration }) => [
      [`${name}: begins`, at + startTime],
      [`${name}: takes`, duration],
    ]),
  ]);
}
