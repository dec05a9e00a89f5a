import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { violations } from './fixtures/axe';
import { expect, test } from './fixtures/easel';
import { ANY, ANY_NUMBER, begins, en, like } from './fixtures/texts';

const NETWORK = join(import.meta.dirname, '../src/model/fixtures/upscalers/compact_x2.pth');

/** 80 x 64 pixels. */
const NOT_PAINTED = {
  name: 'own.png',
  mimeType: 'image/png',
  buffer: Buffer.from(encode({ width: 80, height: 64, channels: 3, data: new Uint8Array(3 * 80 * 64).fill(90) })),
};

/** What the first picture was made into, as the page says it. */
const madeOf = (way: string) => en.stage.madeOf(way, en.stage.pictureNumber(1)).join('');

test.use({ starter: 'tiny' });

test('a result is upscaled by a filter and by a network, says what it was made of, and its settings are read back', async ({
  easel,
  page,
}, testInfo) => {
  await easel.open();
  await easel.set({ steps: 1, seed: 5, width: 64, height: 64, cfgScale: 1 });
  await easel.prompt.fill('a fox');
  await easel.paint();
  const upscale = async (factor: number) => {
    await page.getByRole('button', { name: en.stage.upscale, exact: true }).click();
    await page.getByRole('button', { name: begins(en.stage.upscaleTo(factor, ANY_NUMBER, ANY_NUMBER)) }).click();
  };
  await upscale(2);
  await expect(easel.results).toHaveCount(2);
  expect(await easel.pixels()).toMatchObject({ width: 128, height: 128 });
  await expect(page.getByText(madeOf(en.store.upscaledBy(2, 'Lanczos')))).toBeVisible();

  await easel.dropAs(en.models.addAsUpscaler, NETWORK);
  await expect(page.getByText(en.store.upscalerAdded('compact_x2'), { exact: false }).first()).toBeVisible();
  await page.goto('./#models');
  await expect(page.getByRole('region', { name: en.models.upscalers })).toContainText('compact_x2');
  await page.goto('./#paint');
  await page.getByRole('button', { name: en.stage.upscale, exact: true }).click();
  await expect(page.getByRole('combobox', { name: en.stage.upscaler })).toHaveText('compact_x2');
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await upscale(2);
  await expect(easel.results).toHaveCount(3);
  expect(await easel.pixels()).toMatchObject({ width: 256, height: 256 });

  const saving = page.waitForEvent('download');
  await page.getByRole('link', { name: en.stage.download }).click();
  const file = testInfo.outputPath('large.png');
  await (await saving).saveAs(file);
  const png = readFileSync(file).toString('latin1');
  expect(png).toContain('postprocessing\0Postprocess upscale by: 2, Postprocess upscaler: compact_x2');
  await easel.prompt.fill('something else');
  await easel.dropOnSettings(file);
  await expect(easel.prompt).toHaveValue('a fox');
  // What was read is told over the picture's facts until it is put away.
  const read = page.getByRole('listitem').filter({ hasText: begins(en.store.settingsRead(ANY)) });
  await read.getByRole('button', { name: en.app.dismiss }).click();
  await page.getByRole('button', { name: en.stage.pictureNumber(2), exact: true }).click();
  expect(await easel.pixels()).toMatchObject({ width: 128, height: 128 });
});

test('a part of a result is painted in detail by a box that is drawn, and pictures between two results', async ({
  easel,
  page,
}, testInfo) => {
  await easel.open();
  await easel.set({ steps: 2, seed: 5, width: 128, height: 128, cfgScale: 1 });
  await easel.prompt.fill('a fox');
  await easel.paint();
  const before = await easel.pixels();
  await easel.more(en.stage.paintDetail);
  const box = page.getByRole('application', {
    name: begins(en.stage.detailBox({ x: ANY_NUMBER, y: ANY_NUMBER, width: ANY_NUMBER, height: ANY_NUMBER })),
  });
  const { x, y, width } = (await box.boundingBox()) ?? { x: 0, y: 0, width: 0 };
  // The upper left quarter, but for a rim.
  await page.mouse.move(x + width / 8, y + width / 8);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + width / 2, { steps: 4 });
  await page.mouse.up();
  await expect(page.getByRole('button', { name: en.stage.paintBox(48, 48) })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: testInfo.outputPath('detail.png') });
  await page.getByRole('textbox', { name: en.stage.whatIsThere }).fill('a head');
  await page.getByRole('button', { name: en.stage.paintBox(48, 48) }).click();
  await expect(easel.results).toHaveCount(2);
  await expect(page.getByText(madeOf(en.store.detailOf(48, 48)))).toBeVisible();
  const after = await easel.pixels();
  const colour = (of: typeof after, px: number, py: number) =>
    [0, 1, 2].map((c) => of.data[(py * of.width + px) * of.channels + c]);
  expect(colour(after, 120, 120)).toEqual(colour(before, 120, 120));
  expect(colour(after, 40, 40)).not.toEqual(colour(before, 40, 40));

  await easel.set({ seed: 9 });
  await easel.paint();
  // By keyboard, as far as the menu and what it opens are concerned; the button has the focus when all is closed.
  const more = page.getByRole('button', { name: en.stage.moreActions });
  await more.press('Enter');
  await expect(page.getByRole('menuitem', { name: en.stage.fourVariations })).toBeFocused();
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: testInfo.outputPath('more.png') });
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('radio', { name: en.stage.webp })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(more).toBeFocused();
  await easel.more(en.stage.interpolate);
  await page.getByRole('spinbutton', { name: en.stage.picturesBetween }).fill('2');
  await page.screenshot({ path: testInfo.outputPath('between.png') });
  await page.getByRole('button', { name: begins(en.stage.interpolateWith(1, '')) }).click();
  await expect(easel.results).toHaveCount(5);
});

test('a result painted larger in tiles is cancelled on the way: the tiles that are done are kept (SD upscale)', async ({
  easel,
  page,
}, testInfo) => {
  await easel.open();
  await easel.set({ steps: 20, seed: 5, width: 64, height: 64, cfgScale: 1 });
  await easel.prompt.fill('a fox');
  await easel.paint();
  await page.getByRole('button', { name: en.stage.upscale, exact: true }).click();
  const panel = page.getByRole('region', { name: en.stage.sdUpscale });
  await panel.getByRole('spinbutton', { name: en.fields.sdUpscaleOverlap.label }).fill('16');
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: testInfo.outputPath('sd-upscale.png') });
  // 25 tiles of 64 pixels.
  await panel.getByRole('button', { name: en.stage.sdUpscaleTo(4, 256, 256) }).click();
  await expect(page.getByText(begins(en.store.atTile(en.store.tileOf(3, 25), ''))).first()).toBeVisible();
  await easel.cancel.click();
  await expect(easel.results).toHaveCount(2);
  expect(await easel.pixels()).toMatchObject({ width: 256, height: 256 });
  await expect(page.getByText(madeOf(en.store.upscaledBy(4, en.fields.sdUpscale.label)))).toBeVisible();
  await expect(page.getByText(/^Cancelled after \d+ of 25 tiles: the rest is enlarged only\.$/).first()).toBeVisible();

  // A picture of the person's own, with the form's words.
  await page.goto('./#canvas');
  await page.getByTestId('picture-file').setInputFiles(NOT_PAINTED);
  await page.getByRole('button', { name: en.stage.sdUpscale, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: en.stage.sdUpscale });
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: testInfo.outputPath('sd-upscale-of-canvas.png') });
  await dialog.getByRole('button', { name: like(en.stage.sdUpscaleTo(2, ANY_NUMBER, ANY_NUMBER)) }).click();
  await expect(easel.results).toHaveCount(3);
  expect(await easel.pixels()).toMatchObject({ width: 160, height: 128 });
});
