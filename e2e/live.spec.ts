import { violations } from './fixtures/axe';
import { expect, test } from './fixtures/easel';
import { en } from './fixtures/texts';

test.use({ starter: 'tiny' });

test('ten edits in five seconds end with the picture of the last, and nothing is stored until it is kept', async ({
  easel,
  page,
}) => {
  await easel.open();
  const toggle = page.getByRole('button', { name: en.live.live, exact: true });
  await easel.prompt.fill('a fox');
  await easel.set({ steps: 1 });
  await toggle.focus();
  await page.keyboard.press('Space');
  await expect(toggle).toHaveAttribute('aria-pressed', 'true');
  const picture = page.getByTestId('live-picture');
  await expect(picture).toBeVisible();
  const facts = page.locator('.stage-facts > p').first();
  for (let edit = 1; edit <= 10; edit++) {
    await easel.prompt.fill(`a fox, edit ${edit}`);
    await page.waitForTimeout(450); // the pace is the point
  }
  await expect(facts).toHaveText('a fox, edit 10');
  expect(await violations(page)).toEqual([]);
  await expect(easel.results).toHaveCount(0);
  const live = await picture.getAttribute('src');
  await page.getByRole('button', { name: en.live.keep, exact: true }).click();
  await expect(easel.results).toHaveCount(1);
  await toggle.click();
  await expect(picture).toBeHidden();
  await expect(easel.picture).toHaveAttribute('alt', 'a fox, edit 10');
  expect(await easel.picture.getAttribute('src')).not.toBe(live);
  await page.reload();
  await expect(easel.results).toHaveCount(1);
  await expect(page.getByRole('button', { name: en.live.live, exact: true })).toHaveAttribute('aria-pressed', 'false');
});
