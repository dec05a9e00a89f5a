import { readFileSync } from 'node:fs';
import { decode } from 'fast-png';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright/test';
import { violations } from './fixtures/axe';
import { CanvasPage, pngOf } from './fixtures/canvas';
import { expect, test } from './fixtures/easel';
import { ANY_NUMBER, en, like } from './fixtures/texts';

/** Writes to the stores of the page's database, each value under its key where the store has none of its own. */
async function store(page: Page, values: { store: string; value: unknown; key?: string[] }[]): Promise<void> {
  await page.evaluate(async (all) => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('easel');
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = reject;
    });
    const writing = database.transaction(database.objectStoreNames, 'readwrite');
    for (const { store, value, key } of all) writing.objectStore(store).put(value, key);
    await new Promise((resolve, reject) => {
      writing.oncomplete = resolve;
      writing.onabort = reject;
    });
    database.close();
  }, values);
}

const countOf = (page: Page, store: 'canvases') =>
  page.evaluate(
    (name) =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('easel');
        opening.onerror = reject;
        opening.onsuccess = () => {
          const counting = opening.result.transaction(name).objectStore(name).count();
          counting.onsuccess = () => {
            opening.result.close();
            resolve(counting.result);
          };
        };
      }),
    store,
  );

test.use({ starter: 'tiny' });

test('records of a wrong shape are left out, and the page stands and says so', async ({ easel, page }) => {
  await easel.open();
  await easel.set({ steps: 1 });
  await easel.paint();
  const record = { v: 1, number: 9, paintedAt: 1, model: 'm', picture: 'none', width: 64, height: 64, parameters: '' };
  const known = { v: 1, kind: 'model', name: 'poisoned', bytes: 1, usedAt: 1 };
  await store(page, [
    { store: 'results', value: { ...record, id: 'no-timings', request: {} } },
    { store: 'results', value: { ...record, id: 'null-timings', request: {}, timings: null } },
    { store: 'results', value: { id: 'nothing-else' } },
    { store: 'library', value: { ...known, id: 'a', place: { kind: 'dropped' }, test: { png: { size: 1 } } } },
    { store: 'library', value: { ...known, id: 'b', place: { kind: 'disk' } } },
    { store: 'canvases', value: { v: 1, layers: 7 }, key: ['bad', 'head'] },
  ]);
  await easel.openEarly();
  await expect(page.getByText(en.store.resultsUnreadable(3), { exact: true })).toBeVisible();
  await expect(page.getByText(en.store.filesUnreadable(2), { exact: true })).toBeVisible();
  await expect(easel.results).toHaveCount(1);
  await expect(easel.picture).toBeVisible();
  await page.goto('#models');
  await expect(page.getByRole('heading', { name: 'Easel Starter' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'poisoned' })).toHaveCount(0);
  await page.goto('#canvas');
  await expect(page.getByRole('button', { name: like(en.canvas.blankCanvas(ANY_NUMBER, ANY_NUMBER)) })).toBeVisible();
});

/** Stands in for a view: one that fails until it is told not to. */
const FAILING_VIEW = `export default () => {
  if (!window.isMended) throw new Error('broken on purpose');
  return 'The view is back';
};`;

const BLUE = pngOf(64, 64, () => [20, 40, 200]);

/** Breaks the next visits, at the place that is written down under this key. */
const BREAK = 'test.break';

test('a view that fails leaves the others alone, and is tried again', async ({ easel, page }) => {
  await page.route('**/assets/models-view-*.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: FAILING_VIEW }),
  );
  await easel.openEarly('./#models');
  const card = page.getByRole('alert');
  await expect(card).toContainText(en.app.viewStopped(en.app.models));
  await expect(card).toContainText('broken on purpose');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await card.getByRole('button', { name: en.app.copyDetails }).click();
  await expect(card.getByRole('button', { name: en.app.copied })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/broken on purpose.*#models/s);
  expect(await violations(page)).toEqual([]);
  await easel.view('paint').click();
  await easel.prompt.fill('a fox');
  await expect(card).toBeHidden();
  await easel.view('models').click();
  await page.evaluate('window.isMended = true');
  await card.getByRole('button', { name: en.app.tryAgain }).click();
  await expect(page.getByText('The view is back')).toBeVisible();
  await easel.view('paint').click();
  await expect(easel.prompt).toHaveValue('a fox');
});

test('a page that fails hands over what is stored, deletes it and works again', async ({ easel, page }) => {
  await page.addInitScript((key) => {
    const broken = () => {
      throw new Error('broken on purpose');
    };
    const where = sessionStorage.getItem(key);
    if (where === 'effect') Object.defineProperty(document, 'title', { set: broken });
    if (where === 'start') Object.defineProperty(window, 'easel', { set: broken });
  }, BREAK);
  await easel.openEarly();
  await easel.prompt.fill('a precious prompt');
  await store(page, [{ store: 'results', value: { id: 'unreadable', pixels: 'of a newer Easel' } }]);
  await page.goto('#canvas');
  await new CanvasPage(page).openFile('blue.png', 'image/png', BLUE);
  await expect.poll(() => countOf(page, 'canvases')).toBeGreaterThan(0);
  const card = page.getByRole('alert');
  for (const where of ['start', 'effect']) {
    await page.evaluate(([key, place]) => sessionStorage.setItem(key, place), [BREAK, where]);
    await page.reload();
    await expect(card).toContainText(en.app.easelStopped);
    await expect(card).toContainText('broken on purpose');
  }

  await card.getByText(en.app.doesItComeBack).click();
  const reset = card.getByRole('button', { name: en.app.deleteAndStartAnew });
  await expect(reset).toBeDisabled();
  const saving = page.waitForEvent('download');
  await card.getByRole('button', { name: en.app.saveACopy }).click();
  const copy = unzipSync(readFileSync(await (await saving).path()));
  await expect(card).toContainText(en.app.aCopyWasSaved);
  expect(Object.keys(copy).sort()).toEqual(['canvas-1.png', 'library.json', 'results.json', 'settings.json']);
  const { width, height, data } = decode(copy['canvas-1.png']);
  expect([width, height, ...data.subarray(0, 4)]).toEqual([64, 64, 20, 40, 200, 255]);
  const text = (path: string) => new TextDecoder().decode(copy[path]);
  expect(text('settings.json')).toContain('a precious prompt');
  expect(text('results.json')).toContain('of a newer Easel');

  await page.evaluate((key) => sessionStorage.removeItem(key), BREAK);
  await reset.click();
  await expect(easel.generate).toBeEnabled();
  await expect(easel.prompt).toHaveValue('');
  expect(await countOf(page, 'canvases')).toBe(0);
});
