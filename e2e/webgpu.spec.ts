import { expect, largestDifference, test } from './fixtures/easel';
import { en } from './fixtures/texts';

test.use({ starter: 'tiny' });

test('the smallest model paints on WebGPU when the person insists, also when the graphics device is lost mid-way', async ({
  easel,
  page,
  browser,
}) => {
  await easel.open();
  await easel.prompt.fill('a fox');
  await easel.set({ steps: 2, cfgScale: 1, seed: 3 });
  await easel.paint();
  const onCpu = await easel.pixels();
  await easel.runOn('webgpu');
  // Shaders are compiled during the first picture, which leaves time to lose the device in.
  await easel.generate.click();
  await expect(easel.preview).toHaveAttribute('data-step', '1');
  // As a driver's crash does: the process that owns every graphics device of the browser ends.
  const devtools = await browser.newBrowserCDPSession();
  await devtools.send('Browser.crashGpuProcess');
  await expect(page.getByText(en.stage.deviceLost)).toBeVisible();
  await expect(easel.preview).toHaveAttribute('data-step', '1');
  await expect(page.getByText(en.store.deviceIsBack, { exact: true })).toBeVisible();
  await expect(easel.results).toHaveCount(2);
  await expect(easel.device).toContainText(en.models.onWebgpu('f32', ''));
  await expect(page.getByRole('alert')).toHaveCount(0);
  expect(largestDifference(onCpu, await easel.pixels())).toBeLessThanOrEqual(2);
});
