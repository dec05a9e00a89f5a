import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import type { BrowserContext, Page } from 'playwright';
import { build, preview } from 'vite';
import { DEFAULT_REQUEST } from '../../core/request/request';
import { ROOT } from '../prepare.mjs';
import { newProfile } from './durability/own-browser';
import { openPage, PATIENCE_MS } from './durability/page';
import { TASK_TRACE, tasksOf } from './longest-task';
import { MACHINE, median, report } from './report';

const COUNTS = [20, 2000, 10_000] as const;
/** As many have a picture of their own; the others show one of theirs. */
const PICTURES = 2000;
/** Of each kind of visit. */
const VISITS = 5;
/** How far the strip and the gallery are scrolled, and in which steps. */
const SCROLLED = { frames: 120, px: 400 };
const SIDE = 256;

/** Milliseconds by what they measured. */
type Figures = Record<string, number>;

/**
 * Many stored results against few, as version 0.1 wrote them: opening the page, scrolling the strip and deleting a
 * result, then opening the gallery, scrolling it and searching, in headless Chromium over a profile on the disk, on the
 * built page, without its model. The first visit may have to lay up what later ones find.
 */
export async function gallery(): Promise<void> {
  const outDir = await mkdtemp(join(tmpdir(), 'easel-gallery-'));
  await build({ root: ROOT, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  const server = await preview({ root: ROOT, logLevel: 'warn', build: { outDir }, preview: { port: 0 } });
  const address = server.resolvedUrls?.local[0] ?? '';
  const columns: Record<string, Figures> = {};
  try {
    for (const count of COUNTS) columns[`${count} results`] = await measure(address, count);
    const names = Object.keys(Object.values(columns)[0]);
    await report('gallery', {
      machine: MACHINE,
      what: `medians of ${VISITS}; own: the page's thread's own time`,
      figures: Object.fromEntries(
        names.map((name) => [
          name,
          Object.fromEntries(Object.entries(columns).map(([column, all]) => [column, all[name]])),
        ]),
      ),
    });
  } finally {
    await server.close();
    await rm(outDir, { recursive: true });
  }
}

async function measure(address: string, count: number): Promise<Figures> {
  const profile = await newProfile();
  const browser = await profile.start();
  try {
    const { context } = browser;
    await context.addInitScript(NOTE_SHOWN);
    await store(context, address, count);
    const first = await visit(context, address);
    const later: Figures[] = [];
    for (let i = 0; i < VISITS; i++) later.push(await visit(context, address));
    const medians = Object.keys(later[0]).map((name) => [name, median(later.map((figures) => figures[name]))]);
    return {
      'first visit: shown, ms': first['opening: shown, ms'],
      'first visit: longest task, own ms': first['opening: longest task, own ms'],
      ...Object.fromEntries(medians),
    };
  } finally {
    await browser.close();
    await profile.remove();
  }
}

/** Lays down results; the page makes the database. */
async function store(context: BrowserContext, address: string, count: number): Promise<void> {
  const page = await openPage(context, address, { view: 'paint' });
  await page.locator('.strip-empty').waitFor();
  const timings = { encodeMs: 30, denoiseMs: 1400, decodeMs: 200, totalMs: 1630 };
  const result = { v: 1, paintedAt: Date.UTC(2026, 9, 1), model: 'Easel Starter', width: SIDE, height: SIDE, timings };
  await page.evaluate(
    `(${STORE})(${JSON.stringify({ count, pictures: PICTURES, result, request: DEFAULT_REQUEST, png: photograph() })})`,
  );
  await page.close();
}

/** Runs in the page. Every file is another one: what follows a PNG's end is not read. */
const STORE = `async ({ count, pictures, result, request, png }) => {
  const done = (asked) => new Promise((resolve, reject) => {
    asked.onsuccess = asked.oncomplete = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const database = await done(indexedDB.open('easel'));
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const settings = (seed) => 'a red fox\\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras, Seed: ' + seed;
  for (let from = 1; from <= count; from += 100) {
    const writing = database.transaction(['results', 'pictures'], 'readwrite');
    for (let number = from; number < from + 100 && number <= count; number++) {
      const [id, picture] = [crypto.randomUUID(), 'hash of ' + (number % pictures)];
      const own = { ...request, prompt: 'a red fox, take ' + number, seed: number, batchCount: 1 };
      const paintedAt = result.paintedAt - (count - number) * 600_000;
      const record = { ...result, paintedAt, id, number, picture, request: own, parameters: settings(number) };
      writing.objectStore('results').put(record);
      if (number <= pictures) writing.objectStore('pictures').put(new Blob([bytes, String(number)], { type: 'image/png' }), picture);
    }
    await done(writing);
  }
  database.close();
}`;

/** A picture with detail everywhere, in Base64. */
function photograph(): string {
  const data = new Uint8Array(3 * SIDE * SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const noise = (Math.imul(i, 2654435761) >>> 24) & 31;
    data.set([(i >> 9) + noise, (i & 127) + noise, 200 - (i >> 10) + noise], 3 * i);
  }
  return Buffer.from(encode({ width: SIDE, height: SIDE, data, channels: 3, depth: 8 })).toString('base64');
}

async function visit(context: BrowserContext, address: string): Promise<Figures> {
  const traced = async (page: Page, work: () => Promise<Figures>): Promise<Figures> => {
    const browser = context.browser();
    await browser?.startTracing(page, TASK_TRACE);
    const figures = await work();
    const { longest, all } = tasksOf((await browser?.stopTracing()) ?? Buffer.of());
    return { ...figures, 'longest task, own ms': longest['own ms'], 'all tasks, own ms': all['own ms'] };
  };
  const named = (what: string, figures: Figures): Figures =>
    Object.fromEntries(Object.entries(figures).map(([name, ms]) => [`${what}: ${name}`, Math.round(ms)]));
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.route('**/models/starter/**', () => undefined);
  const opening = await traced(page, async () => {
    await page.goto(address, { timeout: PATIENCE_MS });
    return { 'shown, ms': (await page.evaluate('globalThis.shown')) as number };
  });
  const elements = (await page.evaluate('document.querySelectorAll("*").length')) as number;
  const scrolling = await traced(page, () => page.evaluate(`(${SCROLL})(${SCROLLED.frames}, ${SCROLLED.px})`));
  const deleting = await traced(page, () => page.evaluate(`(${DELETE})()`));
  const gallery = await traced(page, () => page.evaluate(`(${OPEN_GALLERY})()`));
  const browsing = await traced(page, () => page.evaluate(`(${BROWSE})(${SCROLLED.frames}, ${SCROLLED.px})`));
  const searching = await traced(page, () => page.evaluate(`(${SEARCH})()`));
  await page.close();
  return {
    ...named('opening', opening),
    elements,
    ...named('scrolling', scrolling),
    ...named('deleting', deleting),
    ...named('gallery', gallery),
    ...named('scrolling the gallery', browsing),
    ...named('searching the gallery', searching),
  };
}

/** Runs in the page: notes when the newest result stands on the stage and in the strip. */
const NOTE_SHOWN = `
  const isDrawn = (image) => image !== null && image.complete && image.naturalWidth > 0;
  globalThis.shown = new Promise((resolve) => {
    const look = () => {
      const all = ['[data-testid="picture"]', '.strip-list img'].map((name) => document.querySelector(name));
      if (all.every(isDrawn)) resolve(performance.now());
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
`;

/** Runs in the page: scrolls the strip frame by frame, then leaps to its end and waits until the oldest shows. */
const SCROLL = `async (frames, px) => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const strip = document.querySelector('.strip');
  const took = [];
  let before = await frame();
  for (let i = 0; i < frames; i++) {
    strip.scrollTop += px;
    const now = await frame();
    took.push(now - before);
    before = now;
  }
  const leapt = performance.now();
  const oldest = () => document.querySelector('.strip-item[aria-label^="Picture 1:"] img');
  while (!oldest()?.complete || !oldest().naturalWidth || oldest().getBoundingClientRect().top > innerHeight) {
    strip.scrollTop = strip.scrollHeight;
    await frame();
  }
  took.sort((a, b) => a - b);
  const shown = performance.now() - leapt;
  return { 'frame, p95 ms': took[Math.floor(0.95 * frames)], 'worst frame, ms': took.at(-1), 'to the oldest, ms': shown };
}`;

/** Runs in the page: deletes what the stage shows and waits for the frame after it. */
const DELETE = `async () => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const shown = () => document.querySelector('[data-testid="picture"]');
  const before = shown().alt;
  const asked = performance.now();
  document.querySelector('[aria-label="Delete"]').click();
  while (!shown() || shown().alt === before || !shown().complete) await frame();
  await frame();
  return { 'next shown, ms': performance.now() - asked };
}`;

/** Runs in the page: opens the gallery, and waits until what is in sight is drawn and all results are known. */
const OPEN_GALLERY = `async () => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const asked = performance.now();
  location.hash = 'gallery';
  const cells = () => [...document.querySelectorAll('.grid-cell')].filter(
    (cell) => cell.getBoundingClientRect().top < innerHeight);
  const isDrawn = (cell) => cell.querySelector('img')?.naturalWidth > 0;
  while (cells().length === 0 || !cells().every(isDrawn)) await frame();
  const shown = performance.now() - asked;
  const known = () => /results$/.test(document.querySelector('.gallery-found').textContent);
  while (!known()) await frame();
  return { 'shown, ms': shown, 'all known, ms': performance.now() - asked };
}`;

/** Runs in the page: scrolls the gallery frame by frame, then leaps to its end and waits until the oldest shows. */
const BROWSE = `async (frames, px) => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const view = document.querySelector('.gallery-results');
  const took = [];
  let before = await frame();
  for (let i = 0; i < frames; i++) {
    view.scrollTop += px;
    const now = await frame();
    took.push(now - before);
    before = now;
  }
  const leapt = performance.now();
  const oldest = () => document.querySelector('.grid-cell[aria-label^="Picture 1:"] img');
  while (!oldest()?.naturalWidth) {
    view.scrollTop = view.scrollHeight;
    await frame();
  }
  took.sort((a, b) => a - b);
  const shown = performance.now() - leapt;
  return { 'frame, p95 ms': took[Math.floor(0.95 * frames)], 'worst frame, ms': took.at(-1), 'to the oldest, ms': shown };
}`;

/** Runs in the page: types words and waits until what they find is drawn. */
const SEARCH = `async () => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const field = document.querySelector('.gallery-search input');
  const asked = performance.now();
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, 'red fox -dog steps:20 seed:7');
  field.dispatchEvent(new Event('input', { bubbles: true }));
  while (!/ of /.test(document.querySelector('.gallery-found').textContent)) await frame();
  while (!document.querySelector('.grid-cell img')?.naturalWidth) await frame();
  return { 'found, ms': performance.now() - asked };
}`;
