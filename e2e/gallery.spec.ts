import { readFile } from 'node:fs/promises';
import { encode } from 'fast-png';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright/test';
import { pictureTexts } from '../src/core/image/picture-texts';
import { withText } from '../src/core/image/png-chunks';
import { violations } from './fixtures/axe';
import { expect, test } from './fixtures/easel';
import { en } from './fixtures/texts';

const RESULTS = 2000;

/** Prompts of some results and their PNGs in Base64, by the results' numbers. */
type Others = Readonly<Record<number, readonly [prompt: string, png: string]>>;

/**
 * Lays down results as version 0.1 did, every third of them wide and one every ten minutes; the page has made the
 * database.
 */
function storeResults(page: Page, count: number, others: Others = {}): Promise<void> {
  return page.evaluate(
    async ([last, own]) => {
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
        const prompt = own[number]?.[0] ?? `take ${number}`;
        const request = { prompt, seed: number, width, height: 64, steps: 20, sampler: 'euler' };
        const timings = { encodeMs: 1, denoiseMs: 2, decodeMs: 3, totalMs: 6 };
        const paintedAt = Date.now() - (last - number) * 600_000;
        const record = { v: 1, id, number, paintedAt, model: 'A', picture, width, height: 64, request, timings };
        writing
          .objectStore('results')
          .put({ ...record, parameters: `${prompt}\nSteps: 20, Sampler: Euler, Seed: ${number}` });
        // What follows a PNG's end is not read.
        const pixels = own[number] ? Uint8Array.from(atob(own[number][1]), (c) => c.charCodeAt(0)) : undefined;
        const png = new Blob([pixels ?? (width === 128 ? wide : square), String(number)], { type: 'image/png' });
        writing.objectStore('pictures').put(png, picture);
      }
      await new Promise((resolve, reject) => {
        writing.oncomplete = resolve;
        writing.onerror = reject;
      });
      database.close();
    },
    [count, others] as const,
  );
}

test('of 2,000 results those in sight are on the page; they are walked by keys, opened, deleted and brought back', async ({
  easel,
  page,
}) => {
  await easel.openEarly();
  await expect(page.getByText(en.gallery.picturesWillAppearHere)).toBeVisible();
  await storeResults(page, RESULTS);
  await easel.openEarly();
  await expect(easel.results.first()).toHaveAccessibleName(en.gallery.pictureOf(2000, 'take 2000'));
  await expect(easel.picture).toHaveAccessibleName('take 2000');
  expect(await easel.results.count()).toBeLessThan(40);

  await easel.results.first().focus();
  const walkedTo = page.getByRole('button', { name: en.gallery.pictureOf(1980, 'take 1980') });
  for (let number = RESULTS - 1; number >= 1980; number--) {
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('button', { name: en.gallery.pictureOf(number, `take ${number}`) })).toBeFocused();
  }
  await expect(easel.picture).toHaveAccessibleName('take 1980');
  await expect(walkedTo).toHaveAttribute('aria-pressed', 'true');

  await page.keyboard.press('End');
  const oldest = page.getByRole('button', { name: en.gallery.pictureOf(1, 'take 1'), exact: true });
  await expect(oldest).toBeInViewport();
  await expect(oldest).toBeFocused();
  await expect(page.getByRole('listitem').filter({ has: oldest })).toHaveAttribute('aria-posinset', '2000');
  expect(await easel.results.count()).toBeLessThan(40);
  await expect(easel.picture).toHaveAccessibleName('take 1');
  await page.keyboard.press('Delete');
  await expect(oldest).toHaveCount(0);
  await expect(page.getByRole('button', { name: en.gallery.pictureOf(2, 'take 2'), exact: true })).toBeFocused();
  await expect(easel.picture).toHaveAccessibleName('take 2');
  await page.getByRole('button', { name: en.store.undo }).click();
  await expect(oldest).toHaveAttribute('aria-pressed', 'true');
  const { width } = await easel.pixels();
  expect(width).toBe(64);

  // As JPEG and as WebP it carries its settings as A1111 writes them.
  for (const [format, ending] of [[en.stage.jpeg, 'jpg'], [en.stage.webp, 'webp']]) {
    await easel.more(en.stage.saveAs);
    await page.getByRole('radio', { name: format }).click();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: en.stage.save(format), exact: true }).click();
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
  await expect(page.getByText(en.canvas.frame('64 × 64'))).toBeVisible();
  await page.goto('./#paint');
  await easel.prompt.fill('');

  // With the stage's button the focus stays, and Ctrl+Z brings the picture back rather than taking back what was typed.
  await easel.prompt.pressSequentially('a yellow duck');
  const remove = page.getByRole('button', { name: en.stage.deletePicture });
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

/** Each with its settings in it, one every 150 results: the fox that was painted last week is the 900th. */
const FOXES: Others = Object.fromEntries(
  Array.from({ length: 13 }, (_, i) => 150 * (i + 1)).map((number) => {
    const plain = encode({ width: 64, height: 64, data: new Uint8Array(3 * 64 * 64).fill(number % 250), channels: 3 });
    const png = withText(plain, 'parameters', `a fox in snow, take ${number}\nSteps: 20, Seed: ${number}`);
    return [number, [`a fox in snow, take ${number}`, Buffer.from(png).toString('base64')]];
  }),
);

test('the gallery: last week’s fox among 2,000 is found, marked and compared; ten go into a ZIP; by the keyboard', async ({
  easel,
  page,
}) => {
  const { galleryView: texts } = en;
  await easel.openEarly();
  await expect(page.getByText(en.gallery.picturesWillAppearHere)).toBeVisible();
  await storeResults(page, RESULTS, FOXES);
  await page.goto('./#gallery');
  await page.reload();
  const gallery = page.getByRole('main', { name: texts.gallery });
  const cells = gallery.getByRole('gridcell');
  const fox = (number: number) => en.gallery.pictureOf(number, `a fox in snow, take ${number}`);
  const cell = (number: number) => gallery.getByRole('gridcell', { name: fox(number) });
  await expect(gallery.getByText(en.galleryView.count(2000))).toBeVisible();
  expect(await cells.count()).toBeLessThan(150);

  await test.step('it is found by words', async () => {
    await gallery.getByRole('searchbox', { name: texts.searchResults }).fill('snow fox -wolf steps:20');
    await expect(gallery.getByText(en.galleryView.partOf(13, 2000))).toBeVisible();
    await expect(cells.first()).toHaveAccessibleName(fox(1950));
  });

  await test.step('it stands under its day, and is marked by a key', async () => {
    await cells.first().focus();
    for (let i = 0; i < 7; i++) await page.keyboard.press('ArrowRight');
    await expect(cell(900)).toBeFocused();
    const painted = new Date(Date.now() - (RESULTS - 900) * 600_000);
    await expect(gallery.getByRole('rowheader', { name: texts.day(painted) })).toBeVisible();
    await page.keyboard.press('f');
    await expect(cell(900)).toHaveAccessibleName(texts.favouriteOf(fox(900)));
  });

  await test.step('ten go into a ZIP, with their settings in them', async () => {
    await page.keyboard.press('Home');
    await expect(cell(1950)).toBeFocused();
    for (let i = 0; i < 9; i++) await page.keyboard.press('Shift+ArrowRight');
    await expect(gallery.getByText(texts.selected(10))).toBeVisible();
    const saving = page.waitForEvent('download');
    await gallery.getByRole('button', { name: texts.saveZip }).click();
    const files = Object.entries(unzipSync(new Uint8Array(await readFile(await (await saving).path()))));
    const read = files.map(async ([, png]) => (await pictureTexts(png, ['parameters'], async () => undefined)).get('parameters'));
    const numbers = Array.from({ length: 10 }, (_, i) => 1950 - 150 * i);
    expect(await Promise.all(read)).toEqual(numbers.map((number) => `a fox in snow, take ${number}\nSteps: 20, Seed: ${number}`));
    expect(files[0][0]).toMatch(/^\d{4}-\d\d-\d\d-1950-a_fox_in_snow,_take_1950\.png$/);
  }); // biome-ignore format: long, and read in one

  await test.step('two are compared under one zoom', async () => {
    await cell(900).click();
    await cell(1050).click({ modifiers: ['Control'] });
    await page.keyboard.press('c');
    const pictures = page.getByRole('dialog', { name: texts.comparison }).getByRole('img');
    await expect(pictures).toHaveCount(2);
    await pictures.first().click();
    const zooms = () => pictures.evaluateAll((all) => all.map((one) => one.style.transform));
    await expect.poll(zooms).toEqual([expect.not.stringContaining('scale(1)'), expect.any(String)]);
    const [first, second] = await zooms();
    expect(first).toBe(second);
    await page.getByRole('radio', { name: texts.slider }).click();
    const share = page.getByRole('slider', { name: texts.shareOfFirst });
    await share.press('ArrowLeft');
    await expect(share).toHaveValue('49.5');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(pictures).toHaveCount(0);
  });

  await test.step('three are deleted, and brought back', async () => {
    await page.keyboard.press('Home');
    await cell(1950).click();
    await cell(1650).click({ modifiers: ['Shift'] });
    await page.keyboard.press('Delete');
    await expect(gallery.getByText(en.galleryView.partOf(10, 1997))).toBeVisible();
    await expect(cell(1500)).toBeFocused();
    await page.keyboard.press('Control+z');
    await expect(gallery.getByText(en.galleryView.partOf(13, 2000))).toBeVisible();
    // In full size, too, where the message lies over it.
    await cell(1500).press('Enter');
    await page.keyboard.press('Delete');
    await expect(page.getByRole('img', { name: 'a fox in snow, take 1350' })).toBeVisible();
    await page.getByText(en.store.undo, { exact: true }).click();
    await expect(page.getByRole('dialog', { name: texts.fullSize })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(gallery.getByText(en.galleryView.partOf(13, 2000))).toBeVisible();
  });

  await test.step('the mark outlives the visit; the favourite is on a board and opened in full size', async () => {
    await page.reload();
    await expect(gallery.getByText(en.galleryView.count(2000))).toBeVisible();
    await gallery.getByRole('button', { name: texts.favouritesOnly }).click();
    await expect(gallery.getByText(en.galleryView.partOf(1, 2000))).toBeVisible();
    await cell(900).focus();
    await page.keyboard.press('Space');
    await gallery.getByRole('button', { name: texts.boards }).click();
    await page.getByRole('textbox', { name: texts.boardName }).fill('Foxes');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await gallery.getByRole('button', { name: texts.favouritesOnly }).click();
    await gallery.getByRole('combobox', { name: texts.board }).click();
    await page.getByRole('option', { name: 'Foxes' }).click();
    await expect(gallery.getByText(en.galleryView.partOf(1, 2000))).toBeVisible();
    await cell(900).focus();
    await page.keyboard.press('Enter');
    const full = page.getByRole('dialog', { name: texts.fullSize });
    await expect(full.getByRole('img')).toHaveAccessibleName('a fox in snow, take 900');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(cell(900)).toBeFocused();
  });

  await test.step('on a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await gallery.getByRole('combobox', { name: texts.board }).click();
    await page.getByRole('option', { name: texts.allResults }).click();
    await gallery.getByRole('button', { name: texts.select, exact: true }).click();
    await cells.nth(1).click();
    await cells.nth(3).click();
    await expect(gallery.getByText(texts.selected(3))).toBeVisible(); // with the favourite, which was before
    expect(await violations(page, 'light')).toEqual([]);
    expect(await violations(page, 'dark')).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });
});

test.describe('autosave', () => {
  test.use({ starter: 'tiny' });

  test('every result is written into a folder, over visits; where the browser asks again, one click goes on', async ({
    easel,
    page,
  }) => {
    const { galleryView: texts } = en;
    // The browser's own files stand for a folder on the disk, which no test can pick; the browser keeps both alike.
    await page.addInitScript(() => {
      const folder = async () => (await navigator.storage.getDirectory()).getDirectoryHandle('Foxes', { create: true });
      Object.assign(window, { showDirectoryPicker: folder });
    });
    const names = () =>
      page.evaluate(async () => {
        const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('Foxes');
        const found: string[] = [];
        for await (const name of folder.keys()) found.push(name);
        return found.sort();
      });
    const bytesOf = (name: string) =>
      page.evaluate(async (name) => {
        const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('Foxes');
        return [...new Uint8Array(await (await (await folder.getFileHandle(name)).getFile()).arrayBuffer())];
      }, name);
    const saving = page.getByRole('button', { name: texts.savingFiles });
    await easel.open('./#gallery');
    await saving.click();
    await page.getByRole('textbox', { name: texts.fileNames }).fill('[seed]-[promt]');
    await expect(page.getByText(texts.unknownWords(['[promt]']))).toBeVisible();
    await page.getByRole('textbox', { name: texts.fileNames }).fill('[seed]-[prompt]');
    await page.getByRole('radio', { name: en.stage.webp }).click();
    await page.getByRole('button', { name: texts.chooseFolder }).click();
    await expect(page.getByText(texts.savedInto('Foxes'))).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');

    await page.goto('./#paint');
    await easel.prompt.fill('a red fox');
    await easel.set({ steps: 1, seed: 7 });
    await easel.paint();
    await expect.poll(names).toEqual(['7-a_red_fox.webp']);
    const bytes = await bytesOf('7-a_red_fox.webp');
    const read = await pictureTexts(new Uint8Array(bytes), [], async () => undefined);
    expect(read.get('UserComment')).toMatch(/^a red fox\nSteps: 1,/);

    await page.addInitScript(() => {
      let permission: PermissionState = 'prompt';
      Object.assign(FileSystemHandle.prototype, {
        queryPermission: async () => permission,
        requestPermission: async () => {
          permission = 'granted';
          return permission;
        },
      });
    });
    await easel.open();
    await easel.set({ seed: 8 });
    await easel.paint();
    const notice = page.getByRole('listitem').filter({ hasText: en.store.autosavePermission('Foxes', 1) });
    await notice.getByRole('button', { name: en.store.allow }).click();
    await expect.poll(names).toEqual(['7-a_red_fox.webp', '8-a_red_fox.webp']);
    await expect(notice).toHaveCount(0);
  });
}); // biome-ignore format: what runs in the page
