import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { type CDPSession, chromium, type Page } from 'playwright';
import { build, preview } from 'vite';
import { findChromium, QUIET_CHROMIUM, ROOT } from '../prepare.mjs';
import { MACHINE, median, report } from './report';

const SIDE = 2048;
const STROKES = 500;
/** Strokes whose every event is timed, alone and while the starter paints. */
const TIMED = { idle: 60, painting: 20 };
const MOVES = 6;

/** How long a stroke's events took to be seen, in milliseconds. */
interface Delays {
  /** From the event's arrival at the page to the end of the frame that shows it. */
  heard: number[];
  /** From the browser's own time stamp, with the wait for the frame. */
  stamped: number[];
}

/**
 * The canvas as people have it, in headless Chromium: from a pointer event to the drawn stroke on 2048 x 2048 pixels,
 * alone and while the starter paints on the CPU provider; what memory 500 strokes keep.
 */
export async function canvas(): Promise<void> {
  const outDir = await mkdtemp(join(tmpdir(), 'easel-canvas-'));
  await build({ root: ROOT, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  const server = await preview({ root: ROOT, logLevel: 'warn', build: { outDir }, preview: { port: 0 } });
  const browser = await chromium.launch({ executablePath: findChromium(), args: [...QUIET_CHROMIUM] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${server.resolvedUrls?.local[0]}#canvas`);
    await page
      .getByTestId('picture-file')
      .setInputFiles({ name: 'p.png', mimeType: 'image/png', buffer: photograph() });
    await page.getByTestId('canvas').waitFor();
    await page.getByText('Easel Starter').first().waitFor({ timeout: 120_000 });
    await page.evaluate(LISTEN);
    const devtools = await page.context().newCDPSession(page);

    const before = await memory(devtools);
    for (let i = 0; i < TIMED.idle; i++) await stroke(page, i);
    const idle = await take(page);
    for (let i = TIMED.idle; i < STROKES; i++) await stroke(page, i);
    const kept = (await memory(devtools)) - before;
    await take(page);

    await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('a red apple');
    for (const [field, value] of [
      ['Steps', '150'],
      ['Batch count', '4'],
    ])
      await page.getByRole('spinbutton', { name: field, exact: true }).fill(value);
    await page.getByRole('button', { name: /^Generate/ }).click();
    await page.getByText(/ms\/step|s\/step/).waitFor({ timeout: 120_000 });
    for (let i = 0; i < TIMED.painting; i++) await stroke(page, i);
    const stillPainting = await page.getByRole('button', { name: /^Cancel/ }).isVisible();
    const painting = await take(page);
    await report('canvas', {
      machine: MACHINE,
      browser: browser.version(),
      what: `brush of 64 px on ${SIDE} x ${SIDE}, strokes of ${MOVES} events`,
      'idle: heard to drawn, ms': spread(idle.heard),
      'idle: stamped to drawn, ms': spread(idle.stamped),
      'painting: heard to drawn, ms': spread(painting.heard),
      'painting: stamped to drawn, ms': spread(painting.stamped),
      'still painting at the end': String(stillPainting),
      [`MiB after ${STROKES} strokes`]: (kept / 2 ** 20).toFixed(1),
    });
  } finally {
    await browser.close();
    await server.close();
    await rm(outDir, { recursive: true });
  }
}

/** Large, with detail everywhere, so that nothing is cheap by being flat. */
function photograph(): Buffer {
  const data = new Uint8Array(3 * SIDE * SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const value = Math.imul(i, 2654435761) >>> 24;
    data.set([value, (value + (i >> 9)) & 255, (value + (i & 255)) & 255], 3 * i);
  }
  return Buffer.from(encode({ width: SIDE, height: SIDE, data, channels: 3, depth: 8 }));
}

/** Runs in the page: notes for every move over the canvas when it was heard and when its frame was done. */
const LISTEN = `
  globalThis.delays = { heard: [], stamped: [] };
  addEventListener('pointermove', ({ buttons, timeStamp }) => {
    if (buttons === 0) return;
    const heard = performance.now();
    requestAnimationFrame(() => {
      // A message comes after all of the frame's callbacks, style, layout and paint.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        delays.heard.push(performance.now() - heard);
        delays.stamped.push(performance.now() - timeStamp);
      };
      port2.postMessage(0);
    });
  }, { capture: true });
`;

/** The delays noted since the last time. */
function take(page: Page): Promise<Delays> {
  return page.evaluate(() => {
    const { delays } = globalThis as unknown as { delays: Delays };
    return { heard: delays.heard.splice(0), stamped: delays.stamped.splice(0) };
  });
}

async function stroke(page: Page, index: number): Promise<void> {
  const box = await page.getByTestId('canvas').boundingBox();
  if (!box) throw new Error('The canvas is not on the page.');
  const [x, y] = [box.x + 60 + ((index * 37) % (box.width - 240)), box.y + 40 + ((index * 53) % (box.height - 120))];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let i = 1; i <= MOVES; i++) await page.mouse.move(x + 18 * i, y + 30 * Math.sin(i + index));
  await page.mouse.up();
}

/** Bytes that the page holds on to: objects and the arrays behind them. */
async function memory(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.enable');
  await devtools.send('HeapProfiler.collectGarbage');
  const usage = (await devtools.send('Runtime.getHeapUsage')) as { usedSize: number; backingStorageSize?: number };
  return usage.usedSize + (usage.backingStorageSize ?? 0);
}

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1);
  return `median ${median(values).toFixed(1)}, p95 ${at(0.95)}, worst ${at(1)}, of ${values.length}`;
}
