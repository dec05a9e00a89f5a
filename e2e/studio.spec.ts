import { readFileSync, writeFileSync } from 'node:fs';
import { readText } from '../src/core/image/png-chunks';
import { violations } from './fixtures/axe';
import { expect, test } from './fixtures/easel';
import { en, sentence } from './fixtures/texts';
import { TINY_MODEL } from './fixtures/tiny-model';

test.use({ starter: 'tiny' });

test('wildcards come from a dropped file and stay, and the same seed gives the same prompt', async ({
  easel,
  page,
}, info) => {
  const path = info.outputPath('animal.txt');
  writeFileSync(path, '# animals\nfox\nowl\ncrow\n{red|grey} squirrel\n');
  await easel.open();
  await easel.prompt.fill('a __animal__');
  await expect(page.getByRole('alert')).toContainText(
    sentence(
      'There is no wildcard “{0}”. Drop {1}.txt on the page, or write the list under Wildcards.',
      'animal',
      'animal',
    ),
  );
  await (await easel.dragFolder(path))();
  await expect(page.getByText(en.studio.addedWildcards(['animal']), { exact: true })).toBeVisible();
  await easel.set({ steps: 1, seed: 7 });
  await easel.paint();
  const first = await easel.parameters();
  expect(first).toMatch(/^a (fox|owl|crow|(red|grey) squirrel)\n.*, Template: a __animal__, /);
  await page.reload();
  await expect(easel.results).toHaveCount(1);
  await easel.paint();
  expect(await easel.parameters()).toBe(first);

  await page.getByRole('button', { name: en.settings.promptMenu }).click();
  await page.getByRole('button', { name: en.studio.openWildcards }).click();
  const sheet = page.getByRole('dialog', { name: en.studio.wildcards });
  await expect(sheet.getByRole('button', { name: `animal ${en.studio.lines(4)}` })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await sheet.getByRole('textbox', { name: en.studio.listLines }).fill('whale');
  await page.keyboard.press('Escape');
  await easel.paint();
  expect(await easel.parameters()).toMatch(/^a whale\n/);
});

test('a plot of steps and CFG has a picture in each cell, one of which is painted again', async ({ easel, page }) => {
  await easel.open();
  await easel.prompt.fill('a fox');
  await easel.set({ seed: 7 });
  await page.getByRole('button', { name: en.settings.promptMenu }).click();
  await page.getByRole('button', { name: en.studio.openPlot }).click();
  const sheet = page.getByRole('dialog', { name: en.studio.plot });
  await sheet.getByRole('textbox', { name: en.studio.axisValues('X') }).fill('1-3');
  await sheet.getByRole('textbox', { name: en.studio.axisValues('Y') }).fill('1, 5');
  await expect(sheet.getByRole('status')).toContainText(en.studio.plotCount(6));
  expect(await violations(page)).toEqual([]);
  await sheet.getByRole('button', { name: en.studio.paintPlot }).click();
  const plot = page.getByRole('region', { name: en.studio.plot });
  const cell = plot.getByRole('button', { name: en.studio.showCell('Steps: 2, CFG Scale: 5') });
  await expect(page.getByText(en.studio.plotDone(6, 6))).toBeVisible();
  await expect(plot.getByRole('img', { includeHidden: true })).toHaveCount(6);
  const before = await cell.locator('img').getAttribute('src');
  await plot.getByRole('button', { name: en.studio.cellAgain('Steps: 2, CFG Scale: 5') }).click();
  await expect(cell.locator('img')).not.toHaveAttribute('src', before ?? '');
  await expect(easel.results).toHaveCount(7);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: en.studio.savePlot }).click();
  const bytes = readFileSync(await (await saved).path());
  const text = await readText(bytes, 'parameters', async () => new Uint8Array());
  expect(text).toContain(
    ', Script: X/Y/Z plot, X Type: Steps, X Values: 1-3, Y Type: CFG Scale, Y Values: "1, 5", Version: ',
  );
});

test('on a phone, by keyboard alone: a plot of two models and the prompts of a file', async ({ easel, page }, info) => {
  const prompts = info.outputPath('prompts.txt');
  writeFileSync(prompts, 'a fox\n\nan owl\n');
  await page.setViewportSize({ width: 360, height: 740 });
  await easel.open();
  await easel.openFolder(TINY_MODEL);
  await expect(page.getByTestId('model')).toContainText('model');
  await easel.prompt.fill('a fox');
  await page.getByRole('button', { name: en.settings.promptMenu }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: en.studio.openPlot }).focus();
  await page.keyboard.press('Enter');
  const sheet = page.getByRole('dialog', { name: en.studio.plot });
  await page.keyboard.press('Tab'); // past the button that closes it
  await page.keyboard.press('Tab');
  await page.keyboard.type('Checkpoint');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Easel Starter, model');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Prompts from');
  await sheet.getByTestId('prompts-file').setInputFiles(prompts);
  await expect(sheet.getByRole('textbox', { name: en.studio.axisValues('Y') })).toHaveValue('a fox\n\nan owl\n');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab'); // past the button of the file
  await page.keyboard.press('Tab');
  await page.keyboard.type(en.fields.steps.label);
  await page.keyboard.press('Tab');
  await page.keyboard.type('1');
  await expect(sheet.getByRole('status')).toContainText(en.studio.plotCount(4));
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByText(en.studio.plotDone(4, 4))).toBeVisible();
  await expect(easel.results).toHaveCount(4);
  const plot = page.getByRole('region', { name: en.studio.plot });
  for (const model of ['Easel Starter', 'model'])
    await expect(plot.getByRole('button', { name: en.studio.showCell(`${model}, an owl, Steps: 1`) })).toBeVisible();
  // The cells of one model come together.
  for (const [at, model] of ['model', 'model', 'Easel Starter', 'Easel Starter'].entries()) {
    await easel.results.nth(at).click();
    await expect(page.locator('.stage-facts')).toContainText(`${model} · `);
  }
});
