import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CLASS_NAMES, theoryFolder } from '../src/model/fixtures/theory-models';
import { expect, largestDifference, test } from './fixtures/easel';
import { begins, en } from './fixtures/texts';
import { serveTinyStarter } from './fixtures/tiny-model';

/** Guided diffusion in small, with names for its classes or without. */
function writeModel(folder: string, index: object): string {
  for (const [path, content] of Object.entries(theoryFolder('adm', { index }))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

test('a class is picked in the prompt’s place, painted, and read back from the picture', async ({
  easel,
  page,
}, testInfo) => {
  await serveTinyStarter(page);
  await easel.open();
  const id2label = Object.fromEntries(CLASS_NAMES.map((name, label) => [label, name]));
  await easel.openFolder(writeModel(testInfo.outputPath('by-class'), { id2label }));
  await expect(page.getByTestId('model')).toContainText('by-class');
  await expect(easel.prompt).toBeHidden();
  await expect(page.getByText(en.settings.fixedSize(16))).toBeVisible();
  await expect(easel.field('cfgScale')).toBeHidden();

  const picker = page.getByRole('button', { name: begins(en.settings.chosenClass('')) });
  await picker.click();
  await page.getByRole('combobox', { name: en.settings.searchClasses }).fill('ostri');
  await page.keyboard.press('Enter');
  await expect(picker).toHaveText('4 ostrich');
  await easel.set({ steps: 2, seed: 5 });
  await easel.paint();
  const ostrich = await easel.pixels();
  expect(ostrich).toMatchObject({ width: 16, height: 16 });
  expect(await easel.parameters()).toContain('Class: 4 "ostrich", ');

  // Without names by its label, which must be one that the model has.
  await easel.openFolder(writeModel(testInfo.outputPath('unnamed'), {}));
  await expect(page.getByTestId('model')).toContainText('unnamed');
  await easel.set({ steps: 2, seed: 5, classLabel: 7 });
  await expect(page.getByRole('alert')).toContainText(en.store.classTooHigh(6));
  await easel.set({ classLabel: 1 });
  await easel.paint();
  expect(largestDifference(await easel.pixels(), ostrich)).toBeGreaterThan(0);
});
