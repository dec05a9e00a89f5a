import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { type Browser, chromium, type Page } from 'playwright';
import { build, preview } from 'vite';
import { withText } from '../../core/image/png-chunks';
import { bomb, SMALL_PICTURE } from '../fuzz/bombs';
import { findChromium, QUIET_CHROMIUM, ROOT } from '../prepare.mjs';
import { TASK_TRACE, type TaskTimes, tasksOf } from './longest-task';
import { MACHINE, report } from './report';

/** What a task on the page's thread may take. */
const LIMIT_MS = 100;
/** Machines are shared: far above what anything takes. */
const PATIENCE_MS = 180_000;
/** Longer than the page waits before it does something of itself about what it was given, such as keeping it. */
const SETTLED_MS = 2000;

interface File {
  name: string;
  bytes: Uint8Array;
}

const settingsFile = (name: string, text: string): File => ({
  name,
  bytes: withText(SMALL_PICTURE, 'parameters', text),
});

/** What is far too large or bad: gives it to the page and waits for what tells that the page has dealt with it. */
const TRIALS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'prompt of 400,000 brackets and letters': (page) => pastePrompt(page, '(a'.repeat(200_000)),
  'prompt of 200,000 words': (page) => pastePrompt(page, 'x '.repeat(200_000)),
  'prompt of 400,000 spaces': (page) => pastePrompt(page, `a${' '.repeat(400_000)}b`),
  // As long as one may be: these are not refused.
  'prompt of 100,000 brackets and letters': (page) => pastePrompt(page, '(a'.repeat(50_000)),
  'prompt of 50,000 words': (page) => pastePrompt(page, 'x '.repeat(50_000)),
  'prompt of 99,998 spaces': (page) => pastePrompt(page, `a${' '.repeat(99_998)}b`),
  'settings of 1,000,000 characters': (page) =>
    drop(page, settingsFile('long.png', 'x'.repeat(1e6)), 'it has 1,000,000. Shorten it.'),
  'settings of 90,000 characters': (page) =>
    drop(page, settingsFile('fits.png', `${'(a'.repeat(45_000)}\nSteps: 3, Seed: 1`), 'Settings read from fits.png'),
  'settings that unpack to 256 MB': (page) =>
    drop(page, { name: 'ztxt.png', bytes: bomb('zTXt', 'parameters\0\0', 2 ** 28) }, 'unpacks to more than 16 MB'),
  'colour profile that unpacks to 256 MB': (page) =>
    openPicture(page, { name: 'icc.png', bytes: bomb('iCCP', 'icc\0\0', 2 ** 28) }, 'unpacks to more than 4 MB'),
  'picture of 8192 x 8192': (page) => openPicture(page, { name: 'large.png', bytes: large() }, 'Frame 8192 × 8192'),
};

/**
 * The longest task on the page's thread while the page is given what is far too large or bad: by the clock, and by the
 * thread's own time, which a busy machine does not stretch. In headless Chromium, on the built page, without its model.
 * @param names parts of the names of the trials that are wanted; all if none
 */
export async function responsiveness(names: readonly string[]): Promise<void> {
  const outDir = await mkdtemp(join(tmpdir(), 'easel-responsiveness-'));
  await build({ root: ROOT, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  const server = await preview({ root: ROOT, logLevel: 'warn', build: { outDir }, preview: { port: 0 } });
  const browser = await chromium.launch({ executablePath: findChromium(), args: [...QUIET_CHROMIUM] });
  const tasks: Record<string, TaskTimes> = {};
  try {
    for (const [name, give] of Object.entries(TRIALS))
      if (names.length === 0 || names.some((part) => name.includes(part)))
        tasks[name] = await longestTask(browser, server.resolvedUrls?.local[0] ?? '', give);
    await report('responsiveness', { machine: MACHINE, browser: browser.version(), 'longest task': tasks });
    const above = Object.values(tasks).filter((task) => task['own ms'] > LIMIT_MS);
    console.log(`above ${LIMIT_MS} ms ${above.length} of ${Object.keys(tasks).length}`);
  } finally {
    await browser.close();
    await server.close();
    await rm(outDir, { recursive: true });
  }
}

async function longestTask(browser: Browser, address: string, give: (page: Page) => Promise<void>): Promise<TaskTimes> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.setDefaultNavigationTimeout(PATIENCE_MS);
  await page.route('**/models/starter/**', () => undefined);
  await page.goto(address);
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
  await page.waitForTimeout(SETTLED_MS);
  await browser.startTracing(page, TASK_TRACE);
  await give(page);
  await page.waitForTimeout(SETTLED_MS);
  const { longest } = tasksOf(await browser.stopTracing());
  await context.close();
  return longest;
}

async function pastePrompt(page: Page, text: string): Promise<void> {
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).focus();
  await page.keyboard.press('Control+V');
  await page.getByText('A prompt has at most 100,000 characters.').waitFor();
}

/** Drops a picture on the settings column, which reads its settings. */
async function drop(page: Page, file: File, said: string): Promise<void> {
  await withPath(file, async (path) => {
    const devtools = await page.context().newCDPSession(page);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await devtools.send('Input.dispatchDragEvent', { type, x: 200, y: 400, data });
    await page.getByText(said).first().waitFor();
  });
}

/** By its path: as bytes it would come through a script on the page's thread, which no person's file does. */
async function openPicture(page: Page, file: File, said: string): Promise<void> {
  await withPath(file, async (path) => {
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Canvas' }).click();
    await page.getByTestId('picture-file').setInputFiles(path);
    await page.getByText(said).first().waitFor();
  });
}

async function withPath({ name, bytes }: File, use: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-given-'));
  try {
    await writeFile(join(folder, name), bytes);
    await use(join(folder, name));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A picture as large as a canvas can be, and not flat. */
function large(): Uint8Array {
  const side = 8192;
  const data = new Uint8Array(3 * side * side);
  for (let i = 0; i < data.length; i += 3) data[i] = data[i + 1] = (i >> 6) & 255;
  return encode({ width: side, height: side, data, channels: 3, depth: 8 });
}
