import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { build, preview } from 'vite';
import { ISOLATION } from '../content-security';
import { findChromium, QUIET_CHROMIUM, ROOT } from '../prepare.mjs';
import { MACHINE, median, report } from './report';

const VISITS = 3;
/** Far above what a visit takes, also where others use the machine. */
const PATIENCE_MS = 600_000;

/** How fast what the host sends arrives; undefined as this machine can. */
const NETWORKS: Readonly<Record<string, number | undefined>> = { localhost: undefined, '12 Mbit/s': 12e6 / 8 };

/**
 * From asking for the page to the first picture of "a red apple" with what the page starts with, Generate pressed as
 * soon as it can be: the starter on the CPU provider, in headless Chromium, with empty caches, over each network.
 * @param builds folders of built pages, visited in turn so that a noisy machine is as noisy for each; this checkout if
 * none. A number among them says how many visits.
 */
export async function firstPicture(builds: readonly string[]): Promise<void> {
  const own = await mkdtemp(join(tmpdir(), 'easel-first-picture-'));
  const visits = Number(builds.find((name) => /^\d+$/.test(name)) ?? VISITS);
  const named = builds.filter((name) => !/^\d+$/.test(name));
  if (named.length === 0) await build({ root: ROOT, logLevel: 'warn', build: { outDir: own, emptyOutDir: true } });
  const pages = named.length > 0 ? named : [own];
  const browser = await chromium.launch({ executablePath: findChromium(), args: [...QUIET_CHROMIUM] });
  const seen: Record<string, Record<string, Record<string, string>>> = {};
  try {
    for (const [network, bytesPerSecond] of Object.entries(NETWORKS)) {
      const times = pages.map((): Visit[] => []);
      for (let turn = 0; turn < visits; turn++)
        for (const [i, page] of pages.entries()) times[i].push(await visitOver(browser, page, bytesPerSecond));
      const marks = Object.keys(times[0][0]) as (keyof Visit)[];
      const columns = pages.map((page, i) => {
        const spread = marks.map((mark) => [mark, secondsOf(times[i].map((visit) => visit[mark]))]);
        return [named.length > 0 ? page : 'seconds', Object.fromEntries(spread)];
      });
      seen[network] = Object.fromEntries(columns);
    }
    const what = `medians of ${visits} first visits, seconds from asking for the page (least, most)`;
    await report('first-picture', { machine: MACHINE, browser: browser.version(), what, ...seen });
  } finally {
    await browser.close();
    await rm(own, { recursive: true });
  }
}

/** Milliseconds from asking for the page. */
interface Visit {
  'the form can be used': number;
  'model ready': number;
  'first picture': number;
}

const secondsOf = (times: readonly number[]) =>
  [median(times), Math.min(...times), Math.max(...times)].map((ms) => (ms / 1000).toFixed(1)).join(', ');

async function visitOver(browser: Browser, folder: string, bytesPerSecond: number | undefined): Promise<Visit> {
  const outDir = resolve(folder);
  // A build of another version would not run under today's policy; this one's stands in its page, too.
  const served = { root: ROOT, configFile: false, logLevel: 'warn', build: { outDir } } as const;
  const host = await preview({ ...served, preview: { port: 0, headers: ISOLATION } });
  const address = new URL(host.resolvedUrls?.local[0] ?? '');
  const narrow = bytesPerSecond === undefined ? undefined : await throttle(Number(address.port), bytesPerSecond);
  if (narrow) address.port = String(narrow.port);
  try {
    return await visit(browser, address.href);
  } finally {
    narrow?.server.close();
    await host.close();
  }
}

async function visit(browser: Browser, address: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const began = performance.now();
    const since = () => performance.now() - began;
    await page.goto(address, { waitUntil: 'commit' });
    await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('a red apple');
    await page.getByRole('button', { name: /^Generate/ }).click();
    const usable = since();
    await page.getByTestId('model').getByText('Easel Starter').waitFor();
    const ready = since();
    await page.getByTestId('picture').waitFor();
    return { 'the form can be used': usable, 'model ready': ready, 'first picture': since() };
  } finally {
    await context.close();
  }
}

/** As often as what may pass is counted anew. */
const TICK_MS = 20;
/** What one connection may send before the next one's turn. */
const CHUNK_BYTES = 1 << 14;

/** What comes back on a connection, and waits for its turn. */
interface Waiting {
  to: Socket;
  parts: Buffer[];
  ended: boolean;
}

/** A way to a port of this machine on which all that comes back shares so many bytes a second. */
async function throttle(port: number, bytesPerSecond: number): Promise<{ server: Server; port: number }> {
  const connections = new Set<Waiting>();
  let allowed = 0;
  const timer = setInterval(() => {
    allowed = Math.min(allowed, 0) + (bytesPerSecond * TICK_MS) / 1000;
    const full = () => [...connections].filter(({ parts }) => parts.length > 0);
    for (let turn = full(); allowed > 0 && turn.length > 0; turn = full())
      for (const connection of turn) if (allowed > 0) allowed -= sendPart(connection);
    for (const { to, parts, ended } of connections) if (ended && parts.length === 0) to.end();
  }, TICK_MS);
  const server = createServer((page) => {
    const connection: Waiting = { to: page, parts: [], ended: false };
    connections.add(connection);
    const host = new Socket().connect(port, 'localhost');
    page.on('data', (data) => host.write(data));
    page.on('close', () => {
      connections.delete(connection);
      host.destroy();
    });
    host.on('data', (data) => connection.parts.push(data));
    host.on('close', () => {
      connection.ended = true;
    });
    for (const end of [page, host]) end.on('error', () => end.destroy());
  });
  server.on('close', () => clearInterval(timer));
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
  const address = server.address();
  return { server, port: typeof address === 'object' && address ? address.port : 0 };
}

/** Sends a chunk of what waits. @returns its bytes */
function sendPart({ to, parts }: Waiting): number {
  const [first] = parts;
  to.write(first.subarray(0, CHUNK_BYTES));
  if (first.length > CHUNK_BYTES) parts[0] = first.subarray(CHUNK_BYTES);
  else parts.shift();
  return Math.min(first.length, CHUNK_BYTES);
}
