import type { BrowserContext, Page } from 'playwright';
import { ground } from './strokes';

/** Machines are shared: far above what anything takes. */
export const PATIENCE_MS = 180_000;

interface Visit {
  /** What is answered after the "#". */
  view?: string;
  /** Whether the model may load: without it the page is quiet. */
  model?: boolean;
}

/** A tab with the page in it. */
export async function openPage(context: BrowserContext, address: string, visit: Visit = {}): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.setDefaultNavigationTimeout(PATIENCE_MS);
  await page.setViewportSize({ width: 1280, height: 800 });
  if (!visit.model) await page.route('**/models/starter/**', () => undefined);
  await page.goto(`${address}#${visit.view ?? 'canvas'}`);
  return page;
}

/** Something to paint on, in place of what was on the canvas. */
export async function openCanvas(page: Page, side: number): Promise<void> {
  const file = { name: 'ground.png', mimeType: 'image/png', buffer: ground(side) };
  await page.getByTestId('picture-file').setInputFiles(file);
  await page.getByText(`Frame ${side} × ${side}`).first().waitFor();
}

/** A brush whose strokes stay in their cells: as wide as this on the screen. */
export function takeBrush(page: Page): Promise<void> {
  return page.getByRole('spinbutton', { name: 'Size', exact: true }).fill('16');
}

export async function showView(page: Page, name: 'Paint' | 'Canvas'): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name }).click();
}

/** Presses Generate in the paint view, for so many pictures of so many steps. */
export async function generate(page: Page, pictures: number, steps: number): Promise<void> {
  await showView(page, 'Paint');
  await page.getByTestId('model').getByText('Easel Starter').waitFor();
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('a red apple');
  for (const [field, value] of [
    ['Steps', steps],
    ['Batch count', pictures],
  ] as const)
    await page.getByRole('spinbutton', { name: field, exact: true }).fill(String(value));
  await page.getByRole('button', { name: /^Generate/ }).click();
}

/** Has the model paint for longer than any trial lasts, and shows the canvas again. */
export async function startPainting(page: Page): Promise<void> {
  await generate(page, 64, 150);
  await page
    .getByText(/ms\/step|s\/step/)
    .first()
    .waitFor();
  await showView(page, 'Canvas');
}

/** How many results stand in the strip; waits until there are so many, or for a while. */
export async function resultsOf(page: Page, expected: number): Promise<number> {
  const strip = page.getByRole('complementary', { name: 'Results' });
  const results = strip.getByRole('button', { name: /^Picture \d+/ });
  if (expected > 0)
    await results
      .nth(expected - 1)
      .waitFor({ timeout: PATIENCE_MS / 3 })
      .catch(() => undefined);
  return results.count();
}
