import type { BrowserContext, Page } from 'playwright/test';
import { CanvasPage, pngOf } from './fixtures/canvas';
import { Easel, expect, type Pixels, test } from './fixtures/easel';
import { ANY, en, like } from './fixtures/texts';

const SIDE = 256;
const PICTURE = pngOf(SIDE, SIDE, () => [40, 90, 160]);

/** Row of the frame in which a stroke is drawn. */
const rowOf = (stroke: number) => 24 + 32 * stroke;

/** Which rows of the strokes so far show black ink. */
function inkedRows({ data, width, channels }: Pixels, strokes: number): number[] {
  const rows = Array.from({ length: strokes }, (_, i) => rowOf(i));
  return rows.filter((row) => data[(row * width + 60) * channels + 2] < 100);
}

async function takeBrush(canvas: CanvasPage): Promise<void> {
  await expect(canvas.surface).toBeVisible();
  await canvas.actualSize();
  await canvas.page.getByRole('radio', { name: en.canvas.sketch }).click();
  await canvas.page.getByRole('spinbutton', { name: en.canvas.size, exact: true }).fill('12');
}

/** A tab of the same address that is no Easel, but opens Easel's database. */
async function bareTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.route('**/bare.html', (route) => route.fulfill({ contentType: 'text/html', body: '<p>bare</p>' }));
  await page.goto('./bare.html');
  return page;
}

/**
 * Opens the database as an Easel of another version does that heeds nobody: it holds on to it.
 * @param raise versions above the one that is there; undefined for version 1
 * @returns how many results and steps of canvases lie there
 */
function holdDatabase(page: Page, raise?: number): Promise<{ results: number; steps: number }> {
  return page.evaluate(async (by) => {
    const version = by === undefined ? 1 : by + ((await indexedDB.databases())[0].version ?? 0);
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('easel', version);
      opening.onupgradeneeded = ({ oldVersion }) => {
        if (oldVersion > 0) return;
        const results = opening.result.createObjectStore('results', { keyPath: 'id' });
        results.createIndex('number', 'number');
        results.createIndex('picture', 'picture');
        opening.result.createObjectStore('pictures');
      };
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    Object.assign(globalThis, { held: database }); // else it is closed as garbage
    const keys = (store: string): Promise<IDBValidKey[]> =>
      new Promise((resolve) => {
        if (!database.objectStoreNames.contains(store)) return resolve([]);
        const reading = database.transaction(store).objectStore(store).getAllKeys();
        reading.onsuccess = () => resolve(reading.result);
      });
    const steps = (await keys('canvases')).filter((key) => String((key as string[])[1]).startsWith('step'));
    return { results: (await keys('results')).length, steps: steps.length };
  }, raise);
}

/** The message that a picture is not saved, whatever else is not. */
const unsaved = ({ notices }: Easel) =>
  notices.filter({ hasText: like(en.store.notSaved([`${ANY}${en.store.pictures(1)}`])) });

test.use({ starter: 'tiny' });

test('strokes outlive a reload, a link and a closed tab that follow at once, the half drawn one too', async ({
  easel,
  page,
  context,
}) => {
  let canvas = new CanvasPage(page);
  await easel.openEarly('./#canvas');
  await canvas.openFile('ground.png', 'image/png', PICTURE);
  const leave: readonly ((at: Page) => Promise<Page>)[] = [
    async (at) => {
      await at.reload();
      return at;
    },
    async (at) => {
      await at.goto('about:blank');
      await at.goBack();
      return at;
    },
    async (at) => {
      await at.close();
      const next = await context.newPage();
      await new Easel(next).openEarly('./#canvas');
      return next;
    },
  ];
  for (const [i, go] of leave.entries()) {
    await takeBrush(canvas);
    const [whole, half] = [rowOf(2 * i), rowOf(2 * i + 1)];
    await canvas.stroke([20, whole], [230, whole]);
    await canvas.page.mouse.move(...(await canvas.at(20, half)));
    await canvas.page.mouse.down();
    await canvas.page.mouse.move(...(await canvas.at(230, half)), { steps: 5 });
    canvas = new CanvasPage(await go(canvas.page));
    await expect(canvas.surface).toBeVisible();
    await expect(canvas.undo).toHaveAccessibleName(en.canvas.undoOf(en.tools.steps.Brush));
    const strokes = 2 * i + 2;
    expect(inkedRows(await canvas.frame(), strokes)).toEqual(Array.from({ length: strokes }, (_, at) => rowOf(at)));
  }
});

test('an open page gives way to a newer Easel and says so; an older Easel after it says so too; both paint', async ({
  easel,
  page,
  context,
}) => {
  const canvas = new CanvasPage(page);
  await easel.open();
  await easel.paint();
  await canvas.show();
  await canvas.openFile('ground.png', 'image/png', PICTURE);
  await takeBrush(canvas);
  await canvas.stroke([20, 40], [230, 40]);
  const bare = await bareTab(context);
  expect(await holdDatabase(bare, 1)).toEqual({ results: 1, steps: 2 });
  const bar = page.getByRole('status').filter({ hasText: en.store.storageOutdated });
  await expect(bar).toBeVisible();
  await easel.view('paint').click();
  await easel.paint();
  await expect(unsaved(easel)).toBeVisible();

  await bar.getByRole('button', { name: en.store.reload }).click();
  await expect(easel.results).toHaveCount(0);
  await expect(bar).toBeVisible();
  await easel.paint();
});

test('beside an older Easel the page says which tab to close, paints meanwhile, and keeps that when it is closed', async ({
  easel,
  page,
  context,
}) => {
  const bare = await bareTab(context);
  await holdDatabase(bare);
  await easel.open();
  const bar = page.getByRole('status').filter({ hasText: en.store.storageBlocked });
  await expect(bar).toBeVisible();
  await easel.paint();
  await expect(unsaved(easel)).toBeVisible();
  await bare.close();
  await expect(bar).toBeHidden();
  await expect(unsaved(easel)).toBeHidden();
  await page.reload();
  await expect(easel.results).toHaveCount(1);
});
