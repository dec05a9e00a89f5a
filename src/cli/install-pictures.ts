/**
 * Renders what the web app manifest shows of Easel into `public`: icons from `icon.svg`, and screenshots of the built
 * page with a picture of the starter's. Run it after `npm run build`: `npx tsx src/cli/install-pictures.ts [dist]`.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright';
import { preview } from 'vite';
import { findChromium, QUIET_CHROMIUM, ROOT } from './prepare.mjs';

const PUBLIC = join(ROOT, 'public');
const GROUND = '#1b1a1d'; // the svg's own

/** A maskable icon may be cut to a circle of 80 % of its side: the drawing keeps within it, on a full ground. */
const ICONS = [
  { file: 'icon-192.png', side: 192, scale: 1, ground: 'transparent' },
  { file: 'icon-512.png', side: 512, scale: 1, ground: 'transparent' },
  { file: 'icon-maskable-512.png', side: 512, scale: 0.8, ground: GROUND },
];

const SCREENS = [
  { file: 'wide.jpg', width: 1280, height: 800 },
  { file: 'narrow.jpg', width: 390, height: 844 },
];

async function renderIcons(browser: Browser): Promise<void> {
  const svg = await readFile(join(PUBLIC, 'icon.svg'), 'utf8');
  const page = await browser.newPage();
  for (const { file, side, scale, ground } of ICONS) {
    await page.setViewportSize({ width: side, height: side });
    await page.setContent(
      `<style>body { margin: 0; height: 100vh; display: grid; place-items: center; background: ${ground} }
       svg { width: ${100 * scale}vw }</style>${svg}`,
    );
    await page.screenshot({ path: join(PUBLIC, file), omitBackground: true });
  }
  await page.close();
}

/** One of the starter's own examples, with their seed (`model-pictures.ts`). */
const PROMPT = 'a penguin in the snow';

/** Messages lie over what is to be seen: waits until they have gone, and dismisses those that stay. */
async function withoutMessages(page: Page): Promise<void> {
  const messages = page.locator('.notices > li');
  for (const dismiss of await messages.getByRole('button', { name: 'Dismiss' }).all()) await dismiss.click();
  await messages.first().waitFor({ state: 'detached' });
}

async function takeScreenshots(browser: Browser, folder: string): Promise<void> {
  const server = await preview({ root: ROOT, logLevel: 'warn', build: { outDir: folder }, preview: { port: 0 } });
  const page = await browser.newPage({ viewport: SCREENS[0], colorScheme: 'dark' });
  page.setDefaultTimeout(600_000);
  await page.goto(server.resolvedUrls?.local[0] ?? '');
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill(PROMPT);
  await page.getByTestId('model').getByText('Easel Starter').waitFor();
  await page.getByRole('checkbox', { name: 'Fast' }).check();
  await page.getByRole('spinbutton', { name: 'Seed', exact: true }).fill('7');
  await page.getByRole('button', { name: /^Generate/ }).click();
  await page.getByTestId('picture').waitFor();
  await mkdir(join(PUBLIC, 'screenshots'), { recursive: true });
  for (const { file, width, height } of SCREENS) {
    await page.setViewportSize({ width, height });
    await withoutMessages(page);
    await page.waitForTimeout(1000); // the page has taken its new shape
    await page.screenshot({ path: join(PUBLIC, 'screenshots', file), type: 'jpeg', quality: 80 });
  }
  await server.close();
}

const browser = await chromium.launch({ executablePath: findChromium(), args: [...QUIET_CHROMIUM] });
try {
  await renderIcons(browser);
  await takeScreenshots(browser, resolve(process.argv[2] ?? join(ROOT, 'dist')));
} finally {
  await browser.close();
}
