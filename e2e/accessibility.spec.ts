import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures/easel';

for (const colorScheme of ['dark', 'light'] as const) {
  test(`axe finds nothing, wide and narrow, ${colorScheme}`, async ({ easel, page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await easel.open();
    const violations = async () =>
      (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
    expect(await violations()).toEqual([]);
    await easel.set({ Steps: 1 });
    await easel.prompt.fill('a zebraesque cat');
    await easel.paint();
    expect(await violations()).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await violations()).toEqual([]);
    // Nothing is wider than a small phone.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });
}

test('the keyboard alone is enough: type, change a weight, paint, read the result', async ({ easel, page }) => {
  await easel.open();
  await easel.prompt.focus();
  await page.keyboard.type('a red cat');
  await page.keyboard.press('Control+ArrowUp');
  await expect(easel.prompt).toHaveValue('a red (cat:1.1)');
  await easel.field('Steps').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('1');
  await page.keyboard.press('Control+Enter');
  await expect(easel.results).toHaveCount(1, { timeout: 60_000 });
  await expect(page.getByRole('status')).toContainText('Picture 1 is ready');
});
