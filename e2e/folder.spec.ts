import { readText } from '../src/core/image/png-chunks';
import { violations } from './fixtures/axe';
import { pngOf } from './fixtures/canvas';
import { expect, test } from './fixtures/easel';
import { en } from './fixtures/texts';

test.use({ starter: 'tiny' });

const texts = en.folder;

test('a folder of pictures is painted into another, under their names and with the text, and what is there is skipped', async ({
  easel,
  page,
}) => {
  // Folders of the page's own disk are such handles as the picker gives.
  await page.addInitScript(() => {
    const picked = ['in', 'out'];
    const pick = async () =>
      (await navigator.storage.getDirectory()).getDirectoryHandle(picked.shift() ?? 'out', { create: true });
    Object.assign(window, { showDirectoryPicker: pick });
  });
  await easel.open();
  const files = { 'a.png': pngOf(64, 64, () => [200, 0, 0]), 'b.png': pngOf(64, 64, () => [0, 200, 0]) };
  await page.evaluate(
    async (bytes) => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle('in', { create: true });
      const all: [string, number[]][] = [...Object.entries(bytes), ['notes.txt', [65]], ['broken.jpg', [1, 2, 3]]];
      for (const [name, data] of all) {
        const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
        await writable.write(Uint8Array.from(data));
        await writable.close();
      }
      await (await root.getDirectoryHandle('out', { create: true })).getFileHandle('b.png', { create: true });
    },
    Object.fromEntries(Object.entries(files).map(([name, data]) => [name, [...data]])),
  );
  await easel.prompt.fill('a fox');
  await easel.set({ steps: 1, seed: 7 });
  await page.getByRole('button', { name: en.settings.promptMenu }).click();
  await page.getByRole('button', { name: texts.open }).click();
  const sheet = page.getByRole('dialog', { name: texts.title });
  await sheet.getByRole('button', { name: `${texts.from}: ${texts.chooseFolder}` }).click();
  await expect(sheet.getByText(texts.chosen('in', 3))).toBeVisible();
  await expect(sheet.getByText(texts.leftOut(1))).toBeVisible();
  await sheet.getByRole('button', { name: `${texts.to}: ${texts.chooseFolder}` }).click();
  await sheet.getByRole('button', { name: texts.start }).click();
  await expect(sheet.getByRole('status')).toHaveText(`${texts.progress(3, 3)} · ${texts.there(1)}`);
  await expect(sheet.getByRole('list', { name: texts.notPainted })).toContainText('broken.jpg');
  await expect(sheet.getByRole('button', { name: texts.start })).toBeEnabled();
  expect(await violations(page)).toEqual([]);
  const written = await page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('out');
    const found: Record<string, number[]> = {};
    for await (const entry of folder.values())
      if (entry.kind === 'file') found[entry.name] = [...new Uint8Array(await (await entry.getFile()).arrayBuffer())];
    return found;
  });
  expect(Object.keys(written).sort()).toEqual(['a.png', 'b.png']);
  expect(written['b.png']).toEqual([]);
  const text = await readText(Uint8Array.from(written['a.png']), 'parameters', async () => new Uint8Array());
  expect(text).toMatch(/^a fox\nSteps: 1, .*Seed: 7, .*Denoising strength: 0\.75/);
  await expect(easel.results).toHaveCount(0);

  await test.step('after a reload it goes on with the folders that were chosen', async () => {
    await page.reload();
    await page.getByRole('button', { name: en.settings.promptMenu }).click();
    await page.getByRole('button', { name: texts.open }).click();
    await expect(sheet.getByText(texts.chosen('in', 3))).toBeVisible();
    await expect(sheet.getByText('out', { exact: true })).toBeVisible();
    await sheet.getByRole('button', { name: texts.start }).click();
    await expect(sheet.getByRole('status')).toHaveText(`${texts.progress(3, 3)} · ${texts.there(2)}`);
  });
});
