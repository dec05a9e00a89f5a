import { expect, largestDifference, test } from './fixtures/easel';

test.use({ starter: 'tiny' });

test('the smallest model paints on WebGPU when the person insists, also when the graphics device is lost mid-way', async ({
  easel,
  page,
  browser,
}) => {
  await easel.open();
  await easel.prompt.fill('a fox');
  await easel.set({ Steps: 2, 'CFG scale': 1, Seed: 3 });
  await easel.paint();
  const onCpu = await easel.pixels();
  await easel.runOn('WebGPU');
  // Shaders are compiled during the first picture, which leaves time to lose the device in.
  await easel.generate.click();
  await expect(easel.preview).toHaveAttribute('data-step', '1');
  // As a driver's crash does: the process that owns every graphics device of the browser ends.
  const devtools = await browser.newBrowserCDPSession();
  await devtools.send('Browser.crashGpuProcess');
  await expect(page.getByText('The graphics device was lost. Recovering …')).toBeVisible();
  await expect(easel.preview).toHaveAttribute('data-step', '1');
  const back = 'The graphics device was lost and is back; painting goes on.';
  await expect(page.getByText(back, { exact: true })).toBeVisible();
  await expect(easel.results).toHaveCount(2);
  await expect(easel.device).toContainText('WebGPU · f32');
  await expect(page.getByRole('alert')).toHaveCount(0);
  expect(largestDifference(onCpu, await easel.pixels())).toBeLessThanOrEqual(2);
});
