import type { Page } from 'playwright/test';
import { expect, test } from './fixtures/easel';
import { en } from './fixtures/texts';
import { serveTinyStarter, TINY_MODEL } from './fixtures/tiny-model';
import { inWorkersFirst } from './fixtures/workers';

/** What the page and its workers hold, in bytes. */
const bytesOf = (page: Page) =>
  page.evaluate(async () => {
    const { measureUserAgentSpecificMemory } = performance as unknown as {
      measureUserAgentSpecificMemory(): Promise<{ bytes: number }>;
    };
    return (await measureUserAgentSpecificMemory.call(performance)).bytes;
  });

test('memory stays flat over model swaps', async ({ easel, page }) => {
  // onnxruntime's threads wait inside WebAssembly and never say what they hold; the browser asks them for a minute.
  await inWorkersFirst(page, "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 })");
  await serveTinyStarter(page, 128);
  await easel.open();
  const swap = async () => {
    await easel.openFolder(TINY_MODEL);
    await expect(easel.field('width')).toHaveValue('64');
    await page.getByTestId('model').click();
    await page.getByRole('button', { name: en.models.backToStarter }).click();
    await expect(easel.field('width')).toHaveValue('128');
    await expect(page.getByTestId('model')).toContainText('Easel Starter');
  };
  await swap();
  const before = await bytesOf(page);
  for (let i = 0; i < 2; i++) await swap();
  // Were one of the two models of 14 MB kept at each swap, or its worker, it would be 28 MB and more.
  expect(await bytesOf(page)).toBeLessThan(before + 20e6);
});
