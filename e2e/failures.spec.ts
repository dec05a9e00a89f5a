import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, meanDifference, test } from './fixtures/easel';
import { editTensors } from './fixtures/tensors';
import { ANY_NUMBER, en, like, sentence } from './fixtures/texts';
import { TINY_MODEL } from './fixtures/tiny-model';

/**
 * The tiny model, changed so that it paints as ever at high noise and produces NaN below timestep 600 or so: one unit
 * of the time embedding reads 1.5e38 (cos 0.0018 t + cos 0.001 t + cos 0.00056 t), which passes float32's 3.4e38 there,
 * and nothing reads that unit, 0 times which is 0 until it is infinite.
 */
function modelThatFailsMidway(folder: string): string {
  cpSync(TINY_MODEL, folder, { recursive: true });
  editTensors(join(folder, 'unet/diffusion_pytorch_model.safetensors'), {
    'time_embedding.linear_1.weight': ({ shape: [units, inputs] }) => {
      const weight = new Float32Array(units * inputs);
      weight.fill(1.5e38, 11, 14);
      return { dtype: 'F32', shape: [units, inputs], bytes: Buffer.from(weight.buffer) };
    },
    'time_embedding.linear_2.weight': ({ dtype, shape, bytes }) => {
      for (let row = 0; row < shape[0]; row++) bytes.writeUInt16LE(0, 2 * row * shape[1]);
      return { dtype, shape, bytes };
    },
  });
  return folder;
}

test.use({ starter: 'tiny' });

test('a model that produces NaN stops with the step, and the last preview and picture stay', async ({
  easel,
  page,
}, testInfo) => {
  await easel.open();
  await easel.prompt.fill('a fox');
  await easel.set({ steps: 2 });
  await easel.paint();
  const before = await easel.pixels();

  await easel.openFolder(modelThatFailsMidway(testInfo.outputPath('midway')));
  await expect(page.getByTestId('model')).toContainText('midway');
  await expect(easel.generate).toBeEnabled();
  await easel.set({ steps: 6, seed: 3 });
  await easel.generate.click();
  const card = page.getByRole('alert');
  await expect(card).toContainText(
    like(sentence('The model produced NaN or infinity at step {0} of {1} (sigma {2}).', 3, 6, ANY_NUMBER)),
  );
  await expect(easel.preview).toHaveAttribute('data-step', '2');
  await expect(page.getByText(en.stage.stoppedAfter(2, 6))).toBeVisible();
  const { data } = await easel.previewPixels();
  expect(new Set(Array.from(data)).size).toBeGreaterThan(10);

  await expect(easel.results).toHaveCount(1);
  await easel.results.click();
  expect(meanDifference(before, await easel.pixels())).toBe(0);
  await expect(card).toBeVisible();
  await page.getByRole('button', { name: en.gallery.stopped }).click();
  await expect(easel.preview).toBeVisible();
  await card.getByRole('button', { name: en.stage.dismiss }).click();
  await expect(easel.preview).toBeHidden();
  expect(meanDifference(before, await easel.pixels())).toBe(0);
});
