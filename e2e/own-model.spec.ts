import { cpSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADAPTER_METHODS } from '../src/model/fixtures/adapter-methods';
import { type RawTensor, randomTensor, safetensorsFile } from '../src/model/fixtures/random-model';
import { expect, largestDifference, test } from './fixtures/easel';
import { writeCheckpoint } from './fixtures/models';
import { en, sentence } from './fixtures/texts';
import { serveTinyStarter, TINY_MODEL } from './fixtures/tiny-model';

/** One pixel. */
const COVER =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** A LoKr for the tiny model's attention, strong enough to be seen, with what training writes into a header. */
function writeLokr(path: string): void {
  const blocks = ['mid_block_attentions_0', 'up_blocks_1_attentions_0', 'up_blocks_1_attentions_1'];
  const layers = blocks.flatMap((block) => ['q', 'k', 'v'].map((head) => `${block}_transformer_blocks_0_attn1_to_${head}`)); // biome-ignore format: one thought
  const tensors = layers.flatMap((layer, i) => {
    const shapes = Object.entries(ADAPTER_METHODS.LoKr([64, 64], 4));
    return shapes.map(([end, shape], j) => [`lora_unet_${layer}.${end}`, end === 'alpha' ? STRONG : randomTensor(9 * i + j, shape)] as const); // biome-ignore format: one thought
  });
  const metadata = {
    'modelspec.trigger_phrase': 'moss (stone)',
    'modelspec.thumbnail': COVER,
    ss_base_model_version: 'sd_v1',
    ss_sd_model_name: 'grove.ckpt',
    ss_network_dim: '4',
    ss_network_args: '{"algo": "lokr"}',
  };
  writeFileSync(path, safetensorsFile(new Map(tensors), metadata));
}

const STRONG: RawTensor = { dtype: 'F32', shape: [], bytes: new Uint8Array(Float32Array.of(200).buffer) };

test.describe('beside another tiny model', () => {
  test.beforeEach(({ page }) => serveTinyStarter(page, 128));

  test('a model folder, dropped, says what will happen, opens and paints with its own defaults; through the picker, too', async ({
    easel,
    page,
  }, testInfo) => {
    await easel.open();
    const drop = await easel.dragFolder(TINY_MODEL);
    await expect(page.getByText(en.models.openAsModel, { exact: false })).toBeVisible();
    await drop();
    await expect(page.getByText(en.models.openAsModel, { exact: false })).toBeHidden();
    await expect(easel.field('width')).toHaveValue('64');
    await easel.set({ steps: 2, seed: 5 });
    await easel.prompt.fill('a fox');
    await easel.paint();
    const dropped = await easel.pixels();
    expect(dropped).toMatchObject({ width: 64, height: 64 });

    const picked = testInfo.outputPath('picked');
    cpSync(TINY_MODEL, picked, { recursive: true });
    await easel.openFolder(picked);
    await expect(page.getByTestId('model')).toContainText('picked');
    await easel.set({ steps: 2, seed: 5 });
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
    await easel.set({ steps: 2, seed: 5, width: 64, height: 64 });
    await easel.prompt.fill('a fox');
    await easel.paint();
    const chosen = await easel.pixels();
    expect(chosen).toMatchObject({ width: 64, height: 64 });

    const pickle = testInfo.outputPath('old.ckpt');
    cpSync(join(TINY_MODEL, '../../pickles/code.ckpt'), pickle);
    await (await easel.dragFolder(pickle))();
    await expect(page.getByRole('alert')).toContainText(
      sentence(
        '{0} asks for "{1}", which is not part of weights: it could run code. Nothing was run, and the file is not opened. Get the model as .safetensors.',
        'old.ckpt',
        'posix.system',
      ),
    );

    const renamed = testInfo.outputPath('dropped.safetensors');
    cpSync(checkpoint, renamed);
    await easel.dropAs(en.models.openAsModel, renamed);
    await expect(page.getByTestId('model')).toHaveText('dropped');
    await easel.set({ steps: 2, seed: 5, width: 64, height: 64 });
    await easel.paint();
    expect(largestDifference(await easel.pixels(), chosen)).toBe(0);
  });

  test('a LoKr dropped on the page changes the picture and back; a LoRA that fits nothing says so', async ({
    easel,
    page,
  }, testInfo) => {
    await easel.open();
    await easel.openFolder(TINY_MODEL);
    await expect(easel.field('width')).toHaveValue('64');
    await easel.set({ steps: 2, seed: 5 });
    await easel.prompt.fill('a fox');
    await easel.paint();
    const plain = await easel.pixels();
    const dropped = testInfo.outputPath('kron.safetensors');
    writeLokr(dropped);
    await easel.dropAs(en.models.addAsLora, dropped);
    await expect(easel.prompt).toHaveValue('a fox <lora:kron:1>');
    await page.getByRole('button', { name: 'moss (stone)' }).click();
    await expect(easel.prompt).toHaveValue('a fox, moss \\(stone\\) <lora:kron:1>');
    await easel.prompt.fill('a fox <lora:kron:1>');
    await easel.paint();
    const changed = await easel.pixels();
    expect(largestDifference(changed, plain)).toBeGreaterThan(3);
    await page.getByRole('button', { name: en.settings.weightsApart('kron') }).click();
    await page.getByRole('spinbutton', { name: en.settings.unetWeightOf('kron') }).fill('0.5');
    await expect(easel.prompt).toHaveValue('a fox <lora:kron:1:0.5>');
    await easel.paint();
    const weaker = await easel.pixels();
    expect(largestDifference(weaker, changed)).toBeGreaterThan(1);
    await page.getByRole('button', { name: en.settings.oneWeight('kron') }).click();
    await expect(easel.prompt).toHaveValue('a fox <lora:kron:0.5>');
    await page.getByRole('button', { name: en.settings.takeOutOfThePrompt('kron') }).click();
    await expect(easel.prompt).toHaveValue('a fox');
    await easel.paint();
    expect(largestDifference(await easel.pixels(), plain)).toBe(0);

    const other = testInfo.outputPath('other.safetensors');
    const factors = ['up', 'down'].map((half) => [`lora_unet_other_to_q.lora_${half}.weight`, randomTensor(1, [4, 4])] as const); // biome-ignore format: one thought
    writeFileSync(other, safetensorsFile(new Map(factors)));
    await easel.dropAs(en.models.addAsLora, other);
    const notices = easel.notices;
    await expect(notices.filter({ hasText: 'other changes nothing: this model has no place for other_to_q.' })).toBeVisible(); // biome-ignore format: one thought
    await expect(easel.prompt).toHaveValue('a fox');
    await test.step('the list of LoRAs has those for this model first, and finds them by their trigger words', async () => {
      await page.getByRole('button', { name: en.settings.addLora }).click();
      const list = page.getByRole('listbox', { name: en.settings.searchLorasAndEmbeddings });
      await expect(list.getByRole('option')).toHaveText(['kronmoss (stone) · LoKr · grove', /^other/]);
      await expect(list.getByRole('option', { name: 'other' })).toBeDisabled();
      await page.getByRole('combobox', { name: en.settings.searchLorasAndEmbeddings }).fill('STONE lokr');
      await expect(list.getByRole('option')).toHaveCount(1);
      await page.keyboard.press('Enter');
      await expect(easel.prompt).toHaveValue('a fox <lora:kron:1>');
      await page.getByRole('button', { name: en.settings.takeOutOfThePrompt('kron') }).click();
    });

    const several = ['ink', 'wash'].map((name) => testInfo.outputPath(`${name}.safetensors`));
    for (const copy of several) cpSync(join(TINY_MODEL, '../lora_peft.safetensors'), copy);
    await (await easel.dragFolder(...several))();
    await page.getByRole('button', { name: en.models.addAll(2) }).click();
    await page.getByRole('button', { name: en.settings.addLora }).click();
    for (const name of ['ink', 'wash']) await expect(page.getByRole('option', { name })).toBeVisible();
    await expect(easel.prompt).toHaveValue('a fox');
    await test.step('the card says how it was made; its words go into the prompt; families are told apart', async () => {
      await page.keyboard.press('Escape');
      await easel.view('models').click();
      const card = page.getByRole('listitem').filter({ hasText: 'LoKr · trained on grove · dim 4, algo lokr' });
      await expect(card.getByRole('img', { name: en.models.previewOf('kron') })).toBeVisible();
      await card.getByRole('button', { name: 'moss (stone)' }).click();
      await expect(card.getByRole('button', { name: 'moss (stone)', pressed: true })).toBeVisible();
      await page.getByRole('combobox', { name: en.models.family }).click();
      await page.getByRole('option', { name: en.models.familyUnknown }).click();
      await expect(card).toBeHidden();
      await page.screenshot({ path: testInfo.outputPath('families.png') });
      await page.getByRole('combobox', { name: en.models.family }).click();
      await page.getByRole('option', { name: 'SD 1.x' }).click();
      await expect(card).toBeVisible();
      await page.screenshot({ path: testInfo.outputPath('card.png'), fullPage: true });
    });
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
    await expect(page.getByRole('alert')).toContainText(
      sentence(
        '“{0}” is not a diffusers folder: it has no model_index.json. Choose the folder that has one, with unet, vae and text_encoder beside it.',
        'broken',
      ),
    );
    await easel.set({ steps: 2 });
    await easel.prompt.fill('a cat');
    await easel.paint();
  });
});
