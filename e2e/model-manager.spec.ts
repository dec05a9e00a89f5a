import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { violations } from './fixtures/axe';
import { Easel, expect, test } from './fixtures/easel';
import { ofHead, visitWithSites } from './fixtures/sites';
import { ANY, en, like } from './fixtures/texts';
import { TINY_MODEL, tinyModel } from './fixtures/tiny-model';

/** Spoils a byte of the stored file of that size. */
async function spoil(page: Page, bytes: number): Promise<void> {
  await page.evaluate(async (size) => {
    const models = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
    for await (const handle of models.values()) {
      if (handle.kind !== 'file') continue;
      const file = await handle.getFile();
      if (file.size !== size) continue;
      const [byte] = new Uint8Array(await file.slice(size - 1).arrayBuffer());
      const writable = await handle.createWritable({ keepExistingData: true });
      await writable.write({ type: 'write', position: size - 1, data: new Uint8Array([byte ^ 1]) });
      await writable.close();
    }
  }, bytes);
}

/** As Easel 0.1 kept a LoRA in the browser. */
async function keepAsEarlier(page: Page, file: string): Promise<void> {
  await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('library', { create: true });
    const writable = await (await folder.getFileHandle('lora%3Aold', { create: true })).createWritable();
    await writable.write(bytes);
    await writable.close();
    const place = { kind: 'copy' };
    const record = { v: 1, id: 'lora:old', kind: 'lora', name: 'old', place, bytes: bytes.length, usedAt: 1 };
    await new Promise<void>((resolve, reject) => {
      const opening = indexedDB.open('easel');
      opening.onsuccess = () => {
        const putting = opening.result.transaction('library', 'readwrite').objectStore('library').put(record);
        putting.onsuccess = () => resolve();
        putting.onerror = () => reject(putting.error);
        opening.result.close();
      };
    });
  }, readFileSync(file).toString('base64'));
}

const earlierFiles = (page: Page) =>
  page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('library');
    const names: string[] = [];
    for await (const { name } of folder.values()) names.push(name);
    return names;
  });

async function get(page: Page, repository: string): Promise<void> {
  const panel = page.getByRole('region', { name: en.models.getAModel });
  await panel.getByRole('textbox', { name: en.models.addressOfAModel }).fill(repository);
  await panel.getByRole('button', { name: en.models.look }).click();
}

const menu = async (page: Page, name: string, item: string) => {
  await page.getByRole('button', { name: en.models.moreAbout(name) }).click();
  await page.getByRole('menuitem', { name: item }).click();
};

test('a person finds, checks, repairs, saves and removes what the browser keeps, in two tabs', async ({
  playwright,
  launchOptions,
  baseURL,
}, testInfo) => {
  const { sites, easel, page, errors, close } = await visitWithSites({ playwright, launchOptions, baseURL });
  const files = tinyModel();
  sites.addRepository('some/tiny-sd', files, { licence: 'mit' });
  await page.addInitScript(() => {
    // Pickers belong to the browser, which no test can press.
    Object.assign(window, { showDirectoryPicker: undefined, showSaveFilePicker: undefined });
  });
  await easel.openEarly('./#models');
  await get(page, 'some/tiny-sd');
  const offer = page.getByRole('region', { name: en.models.downloadOf('tiny-sd') });
  const second = new Easel(await page.context().newPage());

  await test.step('two tabs that ask for the same download get one', async () => {
    await second.openEarly('./#models');
    await get(second.page, 'some/tiny-sd');
    await expect(second.page.getByRole('region', { name: en.models.downloadOf('tiny-sd') })).toBeVisible();
    await Promise.all(
      [offer, second.page.getByRole('region', { name: en.models.downloadOf('tiny-sd') })].map((shown) =>
        shown.getByRole('button', { name: en.models.download }).click(),
      ),
    );
    for (const tab of [easel, second])
      await expect(tab.card('tiny-sd')).toContainText(
        `${en.store.keptInThisBrowser} · ${en.models.usedWhen(en.store.daysAgo(0))}`,
      );
    await expect(easel.card('tiny-sd')).toContainText(`${en.models.licence('mit')} · huggingface.co/some/tiny-sd`);
    const starts = sites.seen.filter((seen) => seen.host === 'cdn.example' && seen.range?.start === 0 && !ofHead(seen));
    expect(starts).toHaveLength(Object.keys(files).length);
  });

  await test.step('a damaged file is found by its hash, and it alone is downloaded again', async () => {
    await spoil(page, files['unet/diffusion_pytorch_model.safetensors'].length);
    await menu(page, 'tiny-sd', en.models.checkItsFiles);
    await expect(easel.card('tiny-sd')).toContainText(en.models.damaged(['unet/diffusion_pytorch_model.safetensors']));
    sites.seen.length = 0;
    await easel.card('tiny-sd').getByRole('button', { name: en.models.repair }).click();
    await expect(easel.card('tiny-sd')).not.toContainText(like(en.models.damaged([ANY])));
    const asked = sites.seen.filter(({ address }) => address.includes('/resolve/')).map(({ address }) => address);
    expect(new Set(asked).size).toBe(1);
    await menu(page, 'tiny-sd', en.models.checkItsFiles);
    await expect(page.getByText(en.store.isSound('tiny-sd')).first()).toBeVisible();
  });

  await test.step('a copy comes to the disk whole', async () => {
    const downloading = page.waitForEvent('download'); // the page reads it from now on
    await menu(page, 'tiny-sd', en.models.saveACopyToDisk);
    const tar = testInfo.outputPath('tiny-sd.tar');
    await (await downloading).saveAs(tar);
    const packed = execFileSync('tar', ['-xOf', tar, 'unet/diffusion_pytorch_model.safetensors'], {
      maxBuffer: 2 ** 28,
    });
    expect(packed.equals(files['unet/diffusion_pytorch_model.safetensors'])).toBe(true);
  });

  await test.step('what one tab reads, another can remove and not destroy', async () => {
    await second
      .card('tiny-sd')
      .getByRole('button', { name: en.models.remove('tiny-sd') })
      .click();
    await expect(easel.card('tiny-sd')).toBeHidden();
    await second.page.getByText(en.models.binOf(1)).click();
    await second.page.getByRole('button', { name: en.models.emptyTheBin }).click();
    await expect(second.page.getByText(like(en.store.freedInPart(ANY, ANY))).first()).toBeVisible();
    await second.page.getByRole('button', { name: en.models.putBackNamed('tiny-sd') }).click();
    for (const tab of [easel, second]) await expect(tab.card('tiny-sd')).toBeVisible();
    await second.page.close();
  });

  await test.step('search, sort, keyboard, narrow and axe', async () => {
    await page.getByRole('searchbox', { name: en.models.searchModels }).fill('some/tiny');
    await expect(page.getByRole('status').filter({ hasText: en.models.partOf(1, 2) })).toBeVisible();
    await expect(easel.card('Easel Starter')).toBeHidden();
    await page.getByRole('searchbox', { name: en.models.searchModels }).fill('');
    for (const scheme of ['dark', 'light'] as const) expect(await violations(page, scheme)).toEqual([]);
    await page.getByRole('button', { name: en.models.moreAbout('tiny-sd') }).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menuitem').first()).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: en.models.moreAbout('tiny-sd') })).toBeFocused();
    await page.setViewportSize({ width: 360, height: 740 });
    for (const scheme of ['dark', 'light'] as const) expect(await violations(page, scheme)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });
  expect(errors).toEqual([]);
  await close();
});

test('a copy that Easel 0.1 kept is taken over', async ({ playwright, launchOptions, baseURL }) => {
  const { easel, page, errors, close } = await visitWithSites({ playwright, launchOptions, baseURL });
  await easel.openEarly('./#models');
  await keepAsEarlier(page, join(TINY_MODEL, '../lora_peft.safetensors'));
  await page.reload();
  await expect(page.getByRole('region', { name: en.models.lorasAndEmbeddings })).toContainText('old');
  await expect.poll(() => earlierFiles(page)).toEqual([]);
  await menu(page, 'old', en.models.checkItsFiles);
  await expect(page.getByText(en.store.isSound('old')).first()).toBeVisible();
  expect(errors).toEqual([]);
  await close();
});
