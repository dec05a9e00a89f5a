import { cpSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, largestDifference, TINY_MODEL, test } from './fixtures/easel';

test('a model folder opened through the picker paints with its own defaults', async ({ easel, page }) => {
  await easel.open();
  await easel.openFolder(TINY_MODEL);
  await expect(page.getByTestId('model')).toContainText('model', { timeout: 60_000 });
  await expect(easel.field('Width')).toHaveValue('64', { timeout: 60_000 });
  await easel.set({ Steps: 2 });
  await easel.prompt.fill('a fox');
  await easel.paint();
  expect(await easel.pixels()).toMatchObject({ width: 64, height: 64 });
});

test('a model folder dropped on the page says what will happen, opens and paints', async ({ easel, page }) => {
  await easel.open();
  const drop = await easel.dragFolder(TINY_MODEL);
  await expect(page.getByText('Open as model')).toBeVisible();
  await drop();
  await expect(page.getByText('Open as model')).toBeHidden();
  await expect(easel.field('Width')).toHaveValue('64', { timeout: 60_000 });
  await easel.set({ Steps: 2 });
  await easel.prompt.fill('a fox');
  await easel.paint();
  expect(await easel.pixels()).toMatchObject({ width: 64, height: 64 });
});

test('an unreadable folder gives its error, and the page still works', async ({ easel, page }, testInfo) => {
  await easel.open();
  const broken = testInfo.outputPath('broken');
  cpSync(TINY_MODEL, broken, { recursive: true });
  truncateSync(join(broken, 'unet/diffusion_pytorch_model.safetensors'), 5000);
  await easel.openFolder(broken);
  await expect(page.getByRole('alert')).toContainText(/unet\/diffusion_pytorch_model\.safetensors.*cut short/, {
    timeout: 60_000,
  });
  await expect(page.getByRole('alert')).toContainText('corrupt');
  rmSync(join(broken, 'model_index.json'));
  await easel.openFolder(broken);
  await expect(page.getByRole('alert')).toContainText('no model_index.json');
  await easel.set({ Steps: 2 });
  await easel.prompt.fill('a cat');
  await easel.paint();
});

test('memory stays flat over five model swaps', async ({ easel, page }) => {
  test.setTimeout(240_000);
  await easel.open();
  const swap = async () => {
    await easel.openFolder(TINY_MODEL);
    await expect(easel.field('Width')).toHaveValue('64', { timeout: 60_000 });
    await easel.page.getByTestId('model').click();
    await page.getByRole('button', { name: 'Back to the starter model' }).click();
    await expect(easel.field('Width')).toHaveValue('256', { timeout: 60_000 });
    await expect(page.getByTestId('model')).toContainText('Easel Starter', { timeout: 60_000 });
  };
  const bytes = () =>
    page.evaluate(async () => {
      const { measureUserAgentSpecificMemory } = performance as unknown as {
        measureUserAgentSpecificMemory(): Promise<{ bytes: number }>;
      };
      return (await measureUserAgentSpecificMemory.call(performance)).bytes;
    });
  await swap();
  const before = await bytes();
  for (let i = 0; i < 5; i++) await swap();
  expect(await bytes()).toBeLessThan(before * 1.15);
});

test('the smallest model paints on WebGPU when the person insists', async ({ easel }) => {
  test.setTimeout(300_000);
  await easel.open();
  await easel.openFolder(TINY_MODEL);
  await expect(easel.field('Width')).toHaveValue('64', { timeout: 60_000 });
  await easel.runOn('WebGPU');
  await easel.set({ Steps: 1, 'CFG scale': 1, Seed: 3 });
  await easel.prompt.fill('a fox');
  await easel.paint(240_000);
  const onGpu = await easel.pixels();

  await easel.runOn('CPU');
  await easel.paint();
  expect(largestDifference(await easel.pixels(), onGpu)).toBeLessThanOrEqual(2);
});
