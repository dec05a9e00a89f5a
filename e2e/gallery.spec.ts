import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright/test';
import { pictureTexts } from '../src/core/image/picture-texts';
import { en } from '../src/texts/table';
import { expect, test } from './fixtures/easel';

const RESULTS = 2000;

/** Lays down results as version 0.1 did, every third of them wide; the page has made the database. */
function storeResults(page: Page, count: number): Promise<void> {
  return page.evaluate(async (last) => {
    const done = <T>(asked: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
      });
    const pngOf = (width: number, height: number) => {
      const canvas = new OffscreenCanvas(width, height);
      canvas.getContext('2d')?.fillRect(0, 0, width / 2, height);
      return canvas.convertToBlob();
    };
    const [square, wide] = [await pngOf(64, 64), await pngOf(128, 64)];
    const database = await done(indexedDB.open('easel'));
    const writing = database.transaction(['results', 'pictures'], 'readwrite');
    for (let number = 1; number <= last; number++) {
      const [id, picture, width] = [crypto.randomUUID(), `hash of ${number}`, number % 3 === 0 ? 128 : 64];
      const request = { prompt: `take ${number}`, seed: number, width, height: 64, steps: 20, sampler: 'euler' };
      const timings = { encodeMs: 1, denoiseMs: 2, decodeMs: 3, totalMs: 6 };
      const record = { v: 1, id, number, paintedAt: 0, model: 'A', picture, width, height: 64, request, timings };
      writing
        .objectStore('results')
        .put({ ...record, parameters: `take ${number}\nSteps: 20, Sampler: Euler, Seed: ${number}` });
      // What follows a PNG's end is not read.
      const png = new Blob([width === 128 ? wide : square, String(number)], { type: 'image/png' });
      writing.objectStore('pictures').put(png, picture);
    }
    await new Promise((resolve, reject) => {
      writing.oncomplete = resolve;
      writing.onerror = reject;
    });
    database.close();
  }, count);
}

test('of 2,000 results those in sight are on the page; they are walked by keys, opened, deleted and brought back', async ({
  easel,
  page,
}) => {
  await easel.openEarly();
  await expect(page.getByText('Your pictures will appear here.')).toBeVisible();
  await storeResults(page, RESULTS);
  await easel.openEarly();
  await expect(easel.results.first()).toHaveAccessibleName('Picture 2000: take 2000');
  await expect(easel.picture).toHaveAccessibleName('take 2000');
  expect(await easel.results.count()).toBeLessThan(40);

  await easel.results.first().focus();
  const walkedTo = page.getByRole('button', { name: 'Picture 1980: take 1980' });
  for (let number = RESULTS - 1; number >= 1980; number--) {
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('button', { name: `Picture ${number}: take ${number}` })).toBeFocused();
  }
  await expect(easel.picture).toHaveAccessibleName('take 1980');
  await expect(walkedTo).toHaveAttribute('aria-pressed', 'true');

  await page.keyboard.press('End');
  const oldest = page.getByRole('button', { name: 'Picture 1: take 1', exact: true });
  await expect(oldest).toBeInViewport();
  await expect(oldest).toBeFocused();
  await expect(page.getByRole('listitem').filter({ has: oldest })).toHaveAttribute('aria-posinset', '2000');
  expect(await easel.results.count()).toBeLessThan(40);
  await expect(easel.picture).toHaveAccessibleName('take 1');
  await page.keyboard.press('Delete');
  await expect(oldest).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Picture 2: take 2', exact: true })).toBeFocused();
  await expect(easel.picture).toHaveAccessibleName('take 2');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(oldest).toHaveAttribute('aria-pressed', 'true');
  const { width } = await easel.pixels();
  expect(width).toBe(64);

  // As JPEG and as WebP it carries its settings as A1111 writes them.
  for (const [format, ending] of [['JPEG', 'jpg'], ['WebP', 'webp']]) {
    await easel.more(en.stage.saveAs);
    await page.getByRole('radio', { name: format }).click();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: `Save ${format}`, exact: true }).click();
    const file = await saving;
    expect(file.suggestedFilename()).toBe(`00001-1-take 1.${ending}`);
    const bytes = new Uint8Array(await readFile(await file.path()));
    const texts = await pictureTexts(bytes, [], async () => undefined);
    expect(texts.get('UserComment')).toBe('take 1\nSteps: 20, Sampler: Euler, Seed: 1');
    const size = await page.evaluate(async ([base64, type]) => {
      const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], { type }));
      return [picture.width, picture.height];
    }, [Buffer.from(bytes).toString('base64'), `image/${format.toLowerCase()}`] as const);
    expect(size).toEqual([64, 64]);
  } // biome-ignore format: short lists

  // Dragged onto the settings it brings its own, and anywhere else it opens on the canvas (ux 38).
  await oldest.dragTo(easel.prompt);
  await expect(easel.prompt).toHaveValue('take 1');
  await oldest.dragTo(easel.picture);
  await expect(page.getByText('Frame 64 × 64')).toBeVisible();
  await page.goto('./#paint');
  await easel.prompt.fill('');

  // With the stage's button the focus stays, and Ctrl+Z brings the picture back rather than taking back what was typed.
  await easel.prompt.pressSequentially('a yellow duck');
  const remove = page.getByRole('button', { name: 'Delete' });
  await remove.click();
  await expect(easel.picture).toHaveAccessibleName('take 2');
  await expect(remove).toBeFocused();
  await page.keyboard.press('Control+z');
  await expect(easel.picture).toHaveAccessibleName('take 1');
  // Its key works on every button of the bar.
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Delete');
  await expect(easel.picture).toHaveAccessibleName('take 2');
  await page.keyboard.press('Control+z');
  await expect(easel.picture).toHaveAccessibleName('take 1');
  await expect(easel.prompt).toHaveValue('a yellow duck');
  await easel.prompt.focus();
  await page.keyboard.press('Control+z');
  await expect(easel.prompt).not.toHaveValue('a yellow duck');
});
