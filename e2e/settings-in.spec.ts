import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, test } from './fixtures/easel';
import { en } from './fixtures/texts';

const JPEG = readFileSync('src/store/reading/fixtures/usercomment.jpg');
// What stands in it, as A1111 writes it.
const FOX = 'a fox, (snow:1.2)';

/** Drops the picture from the file manager on the middle of the settings column. */
async function dropOnSettings(page: Page): Promise<void> {
  const transfer = await page.evaluateHandle((base64) => {
    const data = new DataTransfer();
    const content = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    data.items.add(new File([content], 'fox.jpg', { type: 'image/jpeg' }));
    return data;
  }, JPEG.toString('base64'));
  const box = await page.getByRole('region', { name: en.settings.settings }).boundingBox();
  if (!box) throw new Error('There are no settings.');
  const at = { dataTransfer: transfer, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true };
  await page.dispatchEvent('body', 'dragover', at);
  await expect(page.getByText(en.app.readItsSettings)).toBeVisible();
  await page.dispatchEvent('body', 'drop', at);
}

const paste = (page: Page, text: string) =>
  page.getByRole('textbox', { name: en.settings.prompt, exact: true }).evaluate((area, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    area.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);

test('settings come from a JPEG dropped on their column and from text pasted into the prompt, each with Undo (ux 13, 14)', async ({
  easel,
  page,
}) => {
  await easel.openEarly();
  await easel.prompt.fill('mine');
  await dropOnSettings(page);
  await expect(easel.prompt).toHaveValue(FOX);
  await expect(easel.field('seed')).toHaveValue('12345');
  await expect(page).not.toHaveURL(/#canvas/);
  await page.getByRole('button', { name: en.store.undo }).click();
  await expect(easel.prompt).toHaveValue('mine');

  await paste(page, 'a pond\nSteps: 9, Sampler: Heun, Seed: 4, ControlNet 0: canny');
  await expect(easel.prompt).toHaveValue('a pond');
  await expect(easel.field('steps')).toHaveValue('9');
  await page.getByText(en.store.notTaken(1), { exact: true }).click();
  await expect(page.getByRole('listitem').getByText('ControlNet 0: canny', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: en.store.undo }).click();
  await expect(easel.prompt).toHaveValue('mine');
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('settings come from a file by the menu, with Undo (ux 26)', async ({ easel, page }) => {
    await easel.openEarly();
    await easel.prompt.fill('mine');
    await page.getByRole('button', { name: en.settings.promptMenu }).click();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: en.settings.readSettingsFromAFile }).click();
    await (await chooser).setFiles({ name: 'fox.jpg', mimeType: 'image/jpeg', buffer: JPEG });
    await expect(easel.prompt).toHaveValue(FOX);
    await page.getByRole('button', { name: en.store.undo }).click();
    await expect(easel.prompt).toHaveValue('mine');
  });
});
