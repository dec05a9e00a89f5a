import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright/test';
import { expect, test } from './fixtures/easel';

/** Writes to the stores of the page's database, each value under its key where the store has none of its own. */
async function store(page: Page, values: { store: string; value: unknown; key?: IDBValidKey }[]): Promise<void> {
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

const countOf = (page: Page, name: string) =>
  page.evaluate(async (wanted) => {
    const opening = indexedDB.open('easel');
    const database = await new Promise<IDBDatabase>((resolve) => {
      opening.onsuccess = () => resolve(opening.result);
    });
    const counting = database.transaction(wanted).objectStore(wanted).count();
    await new Promise((resolve) => {
      counting.onsuccess = resolve;
    });
    database.close();
    return counting.result;
  }, name);

test.use({ starter: 'tiny' });

test('records of a wrong shape are left out, and the page stands and says so', async ({ easel, page }) => {
  await easel.open();
  await easel.set({ Steps: 1 });
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
  await page.reload();
  await expect(page.getByText('3 results could not be read, and stay on the disk.', { exact: true })).toBeVisible();
  await expect(
    page.getByText('2 remembered files could not be read, and stay on the disk.', { exact: true }),
  ).toBeVisible();
  await expect(easel.results).toHaveCount(1);
  await expect(easel.picture).toBeVisible();
  await page.goto('#models');
  await expect(page.getByRole('heading', { name: 'Easel Starter' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'poisoned' })).toHaveCount(0);
  await page.goto('#canvas');
  await expect(page.getByRole('button', { name: 'Blank canvas' })).toBeVisible();
});

test('a view that fails leaves the others alone; what is stored is handed over and deleted', async ({
  easel,
  page,
}) => {
  await easel.open();
  await easel.set({ Steps: 1 });
  await easel.paint();
  await easel.prompt.fill('a fox');
  await page.goto('#canvas');
  await page.getByRole('button', { name: 'Blank canvas' }).click();
  await page.getByRole('main', { name: 'Canvas' }).locator('canvas').first().click();
  await expect.poll(() => countOf(page, 'canvases')).toBeGreaterThan(0);

  // Whatever the models view needs, broken: here what it joins words with.
  await page.addInitScript(() => {
    if (!sessionStorage.getItem('broken')) return;
    const { createObjectURL } = URL;
    Object.assign(window, { mend: () => Object.assign(URL, { createObjectURL }) });
  });
  await page.evaluate(() => {
    const { filter } = Array.prototype;
    Object.assign(window, {
      mend: () => Object.assign(Array.prototype, { filter }),
    });
    Array.prototype.filter = function (this: unknown[], ...args: Parameters<typeof filter>) {
      if ((this[0] as { record?: unknown })?.record && location.hash === '#models')
        throw new Error('broken on purpose');
      return filter.apply(this, args);
    } as typeof filter;
  });
  await page.goto('#models');
  const card = page.getByRole('alert');
  await expect(card).toContainText('Models stopped');
  await expect(card).toContainText('broken on purpose');
  await page.goto('#paint');
  await easel.paint();
  await page.goto('#models');
  await page.evaluate(() => (window as unknown as { mend(): void }).mend());
  await card.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'Models', level: 2 })).toBeVisible();
});
