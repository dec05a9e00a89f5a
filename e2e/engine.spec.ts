import type { Page, Worker } from 'playwright/test';
import { expect, test } from './fixtures/easel';
import { begins, either, en, sentence } from './fixtures/texts';

test.use({ starter: 'tiny' });

/**
 * The youngest worker of the engine's; one that was ended may still be listed, and onnxruntime's threads are workers,
 * too.
 */
function engineOf(page: Page): Worker {
  const worker = page.workers().findLast((other) => other.url().includes('/worker-'));
  if (!worker) throw new Error('The page has no engine.');
  return worker;
}

test('an engine that hangs or ends is ended and said, comes back by one click, and the queue goes on', async ({
  easel,
  page,
}) => {
  await easel.open();
  // It never answers, so neither does this.
  engineOf(page)
    .evaluate(() => {
      for (;;);
    })
    .catch(() => undefined);
  await easel.prompt.fill('a fox');
  await easel.generate.click();
  await easel.prompt.fill('a red cat');
  await page.getByRole('button', { name: begins(en.settings.queue) }).click();
  await easel.cancel.click();
  // The second wish takes the queue off, which comes back with the engine; the third ends that.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  const card = page.getByRole('alert');
  // Where the machine is so busy that the third wish takes 5 s, the first one has done it.
  await expect(card).toContainText(
    either(
      sentence('The engine was ended while it was busy.'),
      sentence('The engine did not answer to Cancel for {0} s and was ended.'),
    ),
  );
  await expect(page.getByRole('button', { name: begins(`1 ${en.queue.showWaiting}`) })).toBeVisible();
  await card.getByRole('button', { name: en.store.loadTheModelAgain }).click();
  await expect(easel.results).toHaveCount(1);
  await expect(card).toBeHidden();
  expect(await easel.picture.getAttribute('alt')).toContain('a red cat');

  // In the middle of a run that would take far longer than this test.
  await easel.set({ steps: 150, batchCount: 64 });
  await easel.generate.click();
  await expect(easel.preview).toBeVisible();
  engineOf(page)
    .evaluate(() => self.close())
    .catch(() => undefined);
  await expect(card).toContainText(sentence('The engine ended by itself, as it does for want of memory.'));
  await easel.set({ steps: 2, batchCount: 1 });
  await easel.prompt.fill('an apple');
  // Asking for a picture is the one click, too.
  await easel.generate.click();
  await expect(easel.picture).toHaveAttribute('alt', /an apple/);
});
