import type { Locator } from 'playwright/test';
import { violations } from './fixtures/axe';
import { expect, test } from './fixtures/easel';
import { ANY_NUMBER, en, like } from './fixtures/texts';

test.use({ starter: 'tiny' });

/** Drags one element to the middle of another, as a mouse does. */
async function drag(from: Locator, to: Locator): Promise<void> {
  const [start, end] = [await from.boundingBox(), await to.boundingBox()];
  if (!start || !end) throw new Error('What is dragged is not in sight.');
  const { mouse } = from.page();
  await mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await mouse.down();
  await mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 5 });
  await mouse.up();
}

test('three prompts are queued and ordered, one is cancelled by its own button, and after a reload the rest goes on', async ({
  easel,
  page,
}) => {
  // While the model is on its way nothing is painted, however fast the machine is.
  await easel.openEarly();
  for (const prompt of ['a fox', 'a red cat', 'an apple']) {
    await easel.prompt.fill(prompt);
    await easel.generate.click();
  }
  await page.getByRole('button', { name: `3 ${en.queue.showWaiting}` }).click();
  const queue = page.getByRole('dialog', { name: en.queue.queue });
  const entries = queue.getByRole('listitem');
  const apple = queue.getByRole('button', {
    name: like(en.queue.move(en.queue.named('an apple'), ANY_NUMBER, ANY_NUMBER)),
  });
  await expect(entries).toContainText(['a fox', 'a red cat', 'an apple']);
  expect(await violations(page)).toEqual([]);
  await apple.press('ArrowUp');
  await expect(entries).toContainText(['a fox', 'an apple', 'a red cat']);
  await expect(apple).toBeFocused();
  await expect(queue.getByRole('status')).toHaveText(en.queue.movedTo(2, 3));
  await drag(apple, entries.first());
  await expect(entries).toContainText(['an apple', 'a fox', 'a red cat']);
  await queue.getByRole('button', { name: en.queue.remove(en.queue.named('a fox')) }).click();
  await expect(entries).toContainText(['an apple', 'a red cat']);

  await easel.open();
  const notice = page.getByRole('listitem').filter({ hasText: en.store.waitingFromLastVisit(2) });
  await expect(notice).toBeVisible();
  await expect(easel.results).toHaveCount(0);
  await notice.getByRole('button', { name: en.store.continue }).click();
  await expect(easel.results).toHaveCount(2);
  await expect(easel.results.first()).toHaveAccessibleName(/a red cat/);
  await expect(easel.results.last()).toHaveAccessibleName(/an apple/);
  // Nothing is left to ask for on the next visit: the queue is empty on the disk, too.
  await expect(page.getByRole('button', { name: en.queue.showWaiting })).toBeHidden();
});
