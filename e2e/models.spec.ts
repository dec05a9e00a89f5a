import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointOf, separateVae } from '../src/model/fixtures/checkpoints';
import { rawTensors, safetensorsFile } from '../src/model/fixtures/random-model';
import { violations } from './fixtures/axe';
import { expect, largestDifference, test } from './fixtures/easel';
import { writeCheckpoint, writePack } from './fixtures/models';
import { ANY, ANY_NUMBER, en, FITS_ON_CPU, like } from './fixtures/texts';
import { serveTinyStarter, TINY_MODEL } from './fixtures/tiny-model';

const TAESD = join(TINY_MODEL, '../../taesd/model/diffusion_pytorch_model.safetensors');
test.beforeEach(({ page }) => serveTinyStarter(page));

/** As A1111 writes them, by torch: its name is the file's. */
const EMBEDDING = join(TINY_MODEL, '../../pickles/embedding.pt');

test('SDXL’s single file, SD 2.x’s as .ckpt and an ONNX pack, dropped, open and paint; what cannot be known is asked', async ({
  easel,
  page,
}, testInfo) => {
  const paints = async () => {
    await easel.set({ steps: 1, seed: 5, width: 64, height: 64, cfgScale: 1 });
    await easel.prompt.fill('a fox');
    await easel.paint();
    expect(await easel.pixels()).toMatchObject({ width: 64, height: 64 });
  };
  await easel.open();
  const sd2 = testInfo.outputPath('tiny-sd2.ckpt');
  writeCheckpoint('sd2', sd2);
  await (await easel.dragFolder(sd2))();
  const panel = page.getByRole('dialog', { name: en.models.droppedFiles });
  await expect(panel).toContainText(en.store.modelReport('SD 2.x'));
  // Nothing is opened before it is asked for.
  await expect(page.getByTestId('model')).toContainText('Easel Starter');
  await expect(panel.getByRole('radio', { name: en.store.velocityV })).toBeChecked();
  await panel.getByRole('radio', { name: en.store.noiseEpsilon }).click();
  // Before a weight is read.
  await expect(panel).toContainText(FITS_ON_CPU);
  await panel.getByRole('button', { name: en.models.openAsModel }).click();
  await expect(page.getByTestId('model')).toHaveText('tiny-sd2');
  // Of SD 2.x, those that predict noise were trained at 512.
  await expect(easel.field('width')).toHaveValue('512');
  await paints();
  await page.goto('./#models');
  await page
    .getByRole('radiogroup', { name: en.models.whatItPredicts('tiny-sd2') })
    .getByRole('radio', { name: en.store.velocityV })
    .click();
  await expect(easel.card('tiny-sd2')).toContainText('768 × 768');

  // Without a picker for files it comes as a download.
  await page.evaluate(() => Object.assign(window, { showSaveFilePicker: undefined }));
  await page.getByRole('button', { name: en.models.moreAbout('tiny-sd2') }).click();
  const saving = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: en.models.saveAsSafetensors }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe('tiny-sd2.safetensors');
  const tensors = await rawTensors(new Uint8Array(readFileSync(await saved.path())));
  const [key, { bytes }] = [...checkpointOf('sd2').file][0];
  expect(Buffer.compare(tensors.get(key)?.bytes ?? new Uint8Array(), bytes)).toBe(0);
  await page.goto('./#paint');

  const sdxl = testInfo.outputPath('tiny-xl.safetensors');
  writeCheckpoint('sdxl', sdxl);
  await easel.dropAs(en.models.openAsModel, sdxl);
  await expect(page.getByTestId('model')).toHaveText('tiny-xl');
  await paints();

  const pack = testInfo.outputPath('tiny-pack');
  await writePack(pack);
  await (await easel.dragFolder(pack))();
  await expect(page.getByTestId('model')).toHaveText('tiny-pack');
  await paints();
});

test('an embedding (.pt), a VAE and TAESD, dropped, change what they should, and the model’s own VAE comes back', async ({
  easel,
  page,
}, testInfo) => {
  await easel.open();
  await easel.set({ steps: 2, seed: 5 });
  await easel.prompt.fill('a fox, embedding');
  await easel.paint();
  const plain = await easel.pixels();

  await easel.dropAs(en.models.addAsEmbedding, EMBEDDING);
  await expect(page.getByRole('region', { name: en.models.lorasAndEmbeddings })).toContainText('embedding');
  await easel.paint();
  expect(largestDifference(await easel.pixels(), plain)).toBeGreaterThan(0);
  await page.goto('./#models');
  await page.getByRole('button', { name: en.models.remove('embedding') }).click();
  await page.goto('./#paint');

  const vae = testInfo.outputPath('other-vae.safetensors');
  writeFileSync(vae, safetensorsFile(separateVae(4)));
  await easel.dropAs(en.models.useAsVae, vae);
  await page.goto('./#models');
  const choice = page.getByRole('combobox', { name: en.models.vaeOf('Easel Starter') });
  await expect(choice).toHaveText('other-vae');
  await page.goto('./#paint');
  await easel.paint();
  expect(largestDifference(await easel.pixels(), plain)).toBeGreaterThan(3);
  expect(await easel.parameters()).toContain(', VAE: other-vae.safetensors, ');

  await easel.dropAs(en.models.useForLivePreviews, TAESD);
  await expect(page.getByText(en.store.previewsDecodedBy('diffusion_pytorch_model'), { exact: true })).toBeVisible();
  // Long enough to be looked at, and cancelled, on any machine.
  await easel.set({ steps: 150 });
  await easel.generate.click();
  await expect.poll(async () => (await easel.previewPixels()).width).toBe(64);
  await easel.cancel.click();
  await easel.set({ steps: 2 });
  await page.goto('./#models');
  await expect(page.getByRole('combobox', { name: en.models.livePreviews })).toHaveText('diffusion_pytorch_model');
  await choice.click();
  await page.getByRole('option', { name: en.models.itsOwn }).click();
  await page.goto('./#paint');
  await easel.paint();
  expect(largestDifference(await easel.pixels(), plain)).toBe(0);
  expect(await easel.parameters()).not.toContain('VAE');
});

test('clip skip reads the prompt from an earlier layer, and back', async ({ easel, page }) => {
  await easel.open();
  await easel.prompt.fill('a fox');
  await page.getByText(en.settings.advancedSettings).click();
  const paintedWith = async (clipSkip: number) => {
    await easel.set({ clipSkip, steps: 2, seed: 5 });
    await easel.paint();
    return easel.pixels();
  };
  const plain = await paintedWith(1);
  expect(largestDifference(await paintedWith(2), plain)).toBeGreaterThan(0);
  expect(largestDifference(await paintedWith(1), plain)).toBe(0);
});

test('the models view: add, test run, keep, remove, undo, and all of it after a reload', async ({
  easel,
  page,
}, testInfo) => {
  const checkpoint = testInfo.outputPath('tiny-model.safetensors');
  writeCheckpoint('sd1', checkpoint);
  await easel.open('./#models');
  await expect(easel.card('Easel Starter')).toContainText(en.models.inUse);
  await expect(easel.card('Easel Starter')).toContainText(en.models.licence('')); // ux 58
  await easel.dropAs(en.models.addToLibraryOnly, checkpoint);
  const card = easel.card('tiny-model');
  await expect(card).toContainText('SD 1.x');
  await expect(page.getByTestId('model')).toContainText('Easel Starter');
  await easel.dropAs(en.models.addAsLora, join(TINY_MODEL, '../lora_peft.safetensors'));

  const starter = easel.card('Easel Starter');
  await starter.getByRole('button', { name: en.models.testRun }).click();
  const picture = starter.getByRole('img', { name: en.models.testRunOf('Easel Starter') });
  await expect(picture).toBeVisible();
  await expect(starter).toContainText(like(en.models.testRunFacts({ steps: 2, width: 64, height: 64, time: ANY })));

  await card.getByRole('button', { name: en.models.keepCopyOf('tiny-model') }).click();
  await expect(card).toContainText(en.store.keptInThisBrowser);
  await page.getByRole('button', { name: en.models.keepCopyOf('lora_peft') }).click();
  await expect(page.getByRole('region', { name: en.models.lorasAndEmbeddings })).toContainText(
    en.store.keptInThisBrowser,
  );

  await card.getByRole('button', { name: en.models.remove('tiny-model') }).click();
  await expect(card).toBeHidden();
  await page.getByRole('button', { name: en.store.undo }).click();
  await expect(card).toBeVisible();

  await page.reload();
  await expect(starter).toHaveAttribute('aria-current', 'true');
  await expect(picture).toBeVisible();
  await card.getByRole('button', { name: en.models.open }).click();
  await expect(card).toHaveAttribute('aria-current', 'true');
  await page.goto('./#paint');
  await expect(easel.prompt).toHaveValue(/<lora:lora_peft:1>/);
  await expect(page.getByRole('spinbutton', { name: en.settings.weightOf('lora_peft'), exact: true })).toHaveValue('1');
});

test('a model without a handle says that it must be dropped again', async ({ easel, page }) => {
  await easel.open();
  await easel.openFolder(TINY_MODEL);
  await page.goto('./#models');
  await expect(easel.card('model')).toContainText(en.store.thisSessionOnly);
  await page.reload();
  await expect(easel.card('model')).toContainText(en.store.unavailable);
  await expect(easel.card('model').getByRole('button', { name: en.models.open })).toBeDisabled();
});

test('the models view by keyboard, on a phone and for axe', async ({ easel, page }, testInfo) => {
  const checkpoint = testInfo.outputPath('tiny-sd2.safetensors');
  writeCheckpoint('sd2', checkpoint);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await easel.open('./#models');
  await (await easel.dragFolder(checkpoint, TAESD))();
  const panel = page.getByRole('dialog', { name: en.models.droppedFiles });
  await expect(panel.getByRole('button', { name: en.models.openAsModel })).toBeFocused();
  await expect(panel).toContainText(en.fileKinds['tiny-vae'].description);
  expect(await violations(page)).toEqual([]);
  await panel.getByRole('button', { name: like(en.models.addAll(ANY_NUMBER)) }).click();
  await expect(easel.card('tiny-sd2')).toBeVisible();
  for (const colorScheme of ['dark', 'light'] as const) expect(await violations(page, colorScheme)).toEqual([]);
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await violations(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await easel
    .card('tiny-sd2')
    .getByRole('button', { name: en.models.remove('tiny-sd2') })
    .focus();
  await page.keyboard.press('Enter');
  await expect(easel.card('tiny-sd2')).toBeHidden();
});
