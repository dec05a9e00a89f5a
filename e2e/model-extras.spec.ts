import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomTensors, safetensorsFile } from '../src/model/fixtures/random-model';
import { buildNameClassifier } from '../src/model/graph/name-classifier';
import { expect, largestDifference, test } from './fixtures/easel';
import { en } from './fixtures/texts';
import { serveTinyStarter, TINY_MODEL } from './fixtures/tiny-model';

const NAMES = ['fox', 'apple'];
const TOWER = { latentChannels: 4, widths: [8, 16], timeFeatures: 8, timeWidth: 12, width: 10, names: NAMES.length };

/** The smallest model with a LoRA for few steps and a classifier in its folder. */
function writeModel(folder: string): void {
  cpSync(TINY_MODEL, folder, { recursive: true });
  for (const name of ['lora', 'guidance']) mkdirSync(join(folder, name));
  cpSync(join(TINY_MODEL, '../lora_peft.safetensors'), join(folder, 'lora/fast.safetensors'));
  const fast = { lora: 'lora/fast.safetensors', sampler: 'lcm', steps: 2, cfgScale: 1 };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ v: 1, name: 'Extras', files: [], fast }));
  writeFileSync(
    join(folder, 'guidance/tower.safetensors'),
    safetensorsFile(randomTensors([buildNameClassifier(TOWER)])),
  );
  writeFileSync(join(folder, 'guidance/names.json'), JSON.stringify(NAMES));
}

test('a model that brings a LoRA for few steps and a classifier offers both', async ({ easel, page }, testInfo) => {
  const folder = testInfo.outputPath('extras');
  writeModel(folder);
  await serveTinyStarter(page);
  await easel.open();
  await expect(page.getByRole('checkbox', { name: en.fields.fast.label })).toBeHidden();
  await easel.openFolder(folder);
  await expect(page.getByTestId('model')).toContainText('Extras');

  const before = await easel.field('steps').inputValue();
  const fast = page.getByRole('checkbox', { name: en.fields.fast.label });
  await fast.check();
  await expect(page.getByRole('combobox', { name: en.fields.sampler.label })).toContainText(
    en.fields.sampler.choices.lcm.label,
  );
  await expect(easel.field('steps')).toHaveValue('2');

  await page.getByText(en.settings.advancedSettings).click();
  await easel.prompt.fill('a dog');
  await expect(easel.field('classifierScale')).toBeHidden();
  await easel.prompt.fill('a fox');
  await easel.set({ classifierScale: 5, seed: 5 });
  await page.screenshot({ path: testInfo.outputPath('extras.png') });
  await easel.paint();
  const guided = await easel.pixels();
  await easel.set({ classifierScale: 0 });
  await easel.paint();
  expect(largestDifference(await easel.pixels(), guided)).toBeGreaterThan(0);

  await fast.uncheck();
  await expect(easel.field('steps')).toHaveValue(before);
  await expect(page.getByRole('combobox', { name: en.fields.sampler.label })).not.toContainText(
    en.fields.sampler.choices.lcm.label,
  );
});
