import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomTensor, rawTensors, safetensorsFile } from '../src/model/fixtures/random-model';
import { expect, largestDifference, test } from './fixtures/easel';
import { writeCheckpoint } from './fixtures/models';
import { serveTinyStarter, TINY_MODEL } from './fixtures/tiny-model';

test.describe('beside another tiny model', () => {
  test.beforeEach(({ page }) => serveTinyStarter(page, 128));

  test('a model folder, dropped, says what will happen, opens and paints with its own defaults; through the picker, too', async ({
    easel,
    page,
  }, testInfo) => {
    await easel.open();
    const drop = await easel.dragFolder(TINY_MODEL);
    await expect(page.getByText('Open as model', { exact: false })).toBeVisible();
    await drop();
    await expect(page.getByText('Open as model', { exact: false })).toBeHidden();
    await expect(easel.field('Width')).toHaveValue('64');
    await easel.set({ Steps: 2, Seed: 5 });
    await easel.prompt.fill('a fox');
    await easel.paint();
    const dropped = await easel.pixels();
    expect(dropped).toMatchObject({ width: 64, height: 64 });

    const picked = testInfo.outputPath('picked');
    cpSync(TINY_MODEL, picked, { recursive: true });
    await easel.openFolder(picked);
    await expect(page.getByTestId('model')).toContainText('picked');
    await easel.set({ Steps: 2, Seed: 5 });
    await easel.paint();
    expect(largestDifference(await easel.pixels(), dropped)).toBe(0);
  });

  test('a checkpoint of one file, chosen or dropped, opens and paints; a pickle is refused with the reason', async ({
    easel,
    page,
  }, testInfo) => {
    const checkpoint = testInfo.outputPath('tiny-model.safetensors');
    writeCheckpoint('sd1', checkpoint);
    await easel.open();
    // Its weights are read by workers of the engine's own.
    const helper = page.waitForEvent('worker', (worker) => worker.url().includes('conversion-helper'));
    await page.getByTestId('model-file').setInputFiles(checkpoint);
    await expect(page.getByTestId('model')).toHaveText('tiny-model');
    await helper;
    await easel.set({ Steps: 2, Seed: 5, Width: 64, Height: 64 });
    await easel.prompt.fill('a fox');
    await easel.paint();
    const chosen = await easel.pixels();
    expect(chosen).toMatchObject({ width: 64, height: 64 });

    const pickle = testInfo.outputPath('old.ckpt');
    cpSync(join(TINY_MODEL, '../../pickles/code.ckpt'), pickle);
    await (await easel.dragFolder(pickle))();
    await expect(page.getByRole('alert')).toContainText(/old\.ckpt asks for "posix\.system".*could run code/);

    const renamed = testInfo.outputPath('dropped.safetensors');
    cpSync(checkpoint, renamed);
    await easel.dropAs('Open as model', renamed);
    await expect(page.getByTestId('model')).toHaveText('dropped');
    await easel.set({ Steps: 2, Seed: 5, Width: 64, Height: 64 });
    await easel.paint();
    expect(largestDifference(await easel.pixels(), chosen)).toBe(0);
  });

  test('a LoRA dropped on the page changes the picture and back; one that fits nothing says so', async ({
    easel,
    page,
  }, testInfo) => {
    await easel.open();
    await easel.openFolder(TINY_MODEL);
    await expect(easel.field('Width')).toHaveValue('64');
    await easel.set({ Steps: 2, Seed: 5 });
    await easel.prompt.fill('a fox');
    await easel.paint();
    const plain = await easel.pixels();
    const dropped = testInfo.outputPath('lora_peft.safetensors');
    const tensors = await rawTensors(readFileSync(join(TINY_MODEL, '../lora_peft.safetensors')));
    writeFileSync(dropped, safetensorsFile(tensors, { 'modelspec.trigger_phrase': 'moss (stone)' }));
    await easel.dropAs('Add as LoRA', dropped);
    await expect(easel.prompt).toHaveValue('a fox <lora:lora_peft:1>');
    await easel.paint();
    const changed = await easel.pixels();
    expect(largestDifference(changed, plain)).toBeGreaterThan(3);
    await page.getByRole('spinbutton', { name: 'Weight of lora_peft' }).fill('0.5');
    await expect(easel.prompt).toHaveValue('a fox <lora:lora_peft:0.5>');
    await page.getByRole('button', { name: 'moss (stone)' }).click();
    await expect(easel.prompt).toHaveValue('a fox, moss \\(stone\\) <lora:lora_peft:0.5>');
    await easel.prompt.fill('a fox <lora:lora_peft:0.5>');
    await page.getByRole('button', { name: 'Take lora_peft out of the prompt' }).click();
    await expect(easel.prompt).toHaveValue('a fox');
    await easel.paint();
    expect(largestDifference(await easel.pixels(), plain)).toBe(0);

    const other = testInfo.outputPath('other.safetensors');
    const factors = ['up', 'down'].map((half) => [`lora_unet_other_to_q.lora_${half}.weight`, randomTensor(1, [4, 4])] as const); // biome-ignore format: one thought
    writeFileSync(other, safetensorsFile(new Map(factors)));
    await easel.dropAs('Add as LoRA', other);
    const notices = page.getByRole('region', { name: 'Notifications' }).getByRole('listitem');
    await expect(notices.filter({ hasText: 'other changes nothing: this model has no place for other_to_q.' })).toBeVisible(); // biome-ignore format: one thought
    await expect(easel.prompt).toHaveValue('a fox');
    await test.step('the list of LoRAs has those for this model first, and finds them by their trigger words', async () => {
      await page.getByRole('button', { name: 'Add LoRA' }).click();
      const list = page.getByRole('listbox', { name: 'Search LoRAs and embeddings' });
      await expect(list.getByRole('option')).toHaveText(['lora_peftmoss (stone)', /^other/]);
      await expect(list.getByRole('option', { name: 'other' })).toBeDisabled();
      await page.getByRole('combobox', { name: 'Search LoRAs and embeddings' }).fill('STONE');
      await expect(list.getByRole('option')).toHaveCount(1);
      await page.keyboard.press('Enter');
      await expect(easel.prompt).toHaveValue('a fox <lora:lora_peft:1>');
      await page.getByRole('button', { name: 'Take lora_peft out of the prompt' }).click();
    });

    const several = ['ink', 'wash'].map((name) => testInfo.outputPath(`${name}.safetensors`));
    for (const copy of several) cpSync(join(TINY_MODEL, '../lora_peft.safetensors'), copy);
    await (await easel.dragFolder(...several))();
    await page.getByRole('button', { name: 'Add all 2 to the library' }).click();
    await page.getByRole('button', { name: 'Add LoRA' }).click();
    for (const name of ['ink', 'wash']) await expect(page.getByRole('option', { name })).toBeVisible();
    await expect(easel.prompt).toHaveValue('a fox');
  });

  test('an unreadable folder gives its error, and the page still works', async ({ easel, page }, testInfo) => {
    await easel.open();
    const broken = testInfo.outputPath('broken');
    cpSync(TINY_MODEL, broken, { recursive: true });
    truncateSync(join(broken, 'unet/diffusion_pytorch_model.safetensors'), 5000);
    await easel.openFolder(broken);
    await expect(page.getByRole('alert')).toContainText(/unet\/diffusion_pytorch_model\.safetensors.*cut short/);
    rmSync(join(broken, 'model_index.json'));
    await easel.openFolder(broken);
    await expect(page.getByRole('alert')).toContainText('no model_index.json');
    await easel.set({ Steps: 2 });
    await easel.prompt.fill('a cat');
    await easel.paint();
  });
});
