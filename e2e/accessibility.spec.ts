import { violations } from './fixtures/axe';
import { expect, test } from './fixtures/easel';
import { en } from './fixtures/texts';

test.use({ starter: 'tiny' });

test('axe finds nothing, wide and narrow, dark and light', async ({ easel, page }) => {
  await easel.open();
  await expect(easel.prompt).toBeFocused();
  expect(await violations(page, 'dark')).toEqual([]);
  expect(await violations(page, 'light')).toEqual([]);
  await easel.prompt.fill('a zebraesque cat');
  await expect(page.getByRole('list', { name: en.settings.withoutEffect })).toContainText('zebraesque');
  await easel.paint();
  await test.step('with a picture', async () => {
    expect(await violations(page, 'light')).toEqual([]);
    expect(await violations(page, 'dark')).toEqual([]);
  });
  await test.step('in the system’s own colours, which tell what can be pressed and where a slider stands (ux 64)', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    for (const element of [easel.generate, page.locator('.number-slider').first()])
      await expect(element).toHaveCSS('forced-color-adjust', 'none');
    await page.emulateMedia({ forcedColors: 'none' });
  });
  await test.step('on a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await violations(page, 'dark')).toEqual([]);
    expect(await violations(page, 'light')).toEqual([]);
    await page.setViewportSize({ width: 844, height: 390 });
    await expect(easel.prompt).toBeInViewport({ ratio: 1 });
    await expect(easel.generate).toBeInViewport({ ratio: 1 });
    await expect(easel.picture).toBeInViewport({ ratio: 1 });
    await page.setViewportSize({ width: 360, height: 740 });
    // Nothing is wider than a small phone.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });
});

test('the keyboard alone is enough: type, change a weight, paint, read the result', async ({ easel, page }) => {
  await easel.open();
  await easel.prompt.focus();
  await page.keyboard.type('a red cat');
  await page.keyboard.press('Control+ArrowUp');
  await expect(easel.prompt).toHaveValue('a red (cat:1.1)');
  await easel.field('steps').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('1');
  await page.keyboard.press('Control+Enter');
  await expect(easel.results).toHaveCount(1);
  await expect(page.getByRole('status').filter({ hasText: en.stage.pictureIsReady(1) })).toBeAttached();
});
