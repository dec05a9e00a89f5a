import type { Page } from 'playwright/test';
import { expect, test } from './fixtures/easel';

test.use({ starter: 'tiny' });

/** The engine's worker; onnxruntime's threads are workers, too. */
const engineOf = (page: Page) => page.workers().filter((worker) => worker.url().includes('/worker-'));

test('an engine that hangs or ends is ended and said, comes back by one click, and the queue goes on', async ({
  easel,
  page,
}) => {
  await easel.open();
  const [hanging] = engineOf(page);
  // It never answers, so neither does this.
  hanging
    .evaluate(() => {
      for (;;);
    })
    .catch(() => undefined);
  await easel.prompt.fill('a fox');
  await easel.generate.click();
  await easel.prompt.fill('a red cat');
  await page.getByRole('button', { name: /^Queue/ }).click();
  await easel.cancel.click();
  await expect(easel.cancel).toHaveText(/Cancelling.*Press again/);
  await easel.cancel.click();
  const card = page.getByRole('alert');
  await expect(card).toContainText('The engine was ended while it was busy.');
  await expect(page.getByRole('button', { name: /^Generate/ })).toContainText('1 waiting');
  await card.getByRole('button', { name: 'Load the model again' }).click();
  await expect(easel.results).toHaveCount(1);
  await expect(card).toBeHidden();
  expect(await easel.picture.getAttribute('alt')).toContain('a red cat');

  // In the middle of a run that would take far longer than this test.
  await easel.set({ Steps: 150, 'Batch count': 64 });
  await easel.generate.click();
  await expect(easel.preview).toBeVisible();
  const [closing] = engineOf(page);
  closing.evaluate(() => self.close()).catch(() => undefined);
  await expect(card).toContainText('The engine ended by itself');
  await easel.set({ Steps: 2, 'Batch count': 1 });
  const painted = await easel.results.count();
  // Asking for a picture is the one click, too.
  await easel.generate.click();
  await expect(easel.results).toHaveCount(painted + 1);
});
