import { expect, largestDifference, test } from './fixtures/easel';

test.use({ starter: 'tiny' });

test('the smallest model paints on WebGPU when the person insists, and again when the graphics device is lost mid-way', async ({
  easel,
  page,
  browser,
}) => {
  await easel.open();
  await easel.prompt.fill('a fox');
  await easel.set({ Steps: 6, 'CFG scale': 1, Seed: 3 });
  await easel.paint();
  const onCpu = await easel.pixels();
  await easel.runOn('WebGPU');
  await easel.paint();
  expect(largestDifference(await easel.pixels(), onCpu)).toBeLessThanOrEqual(2);

  await easel.generate.click();
  await expect(easel.preview).toHaveAttribute('data-step', /[1-5]/);
  // As a driver's crash does: the process that owns every graphics device of the browser ends.
  const devtools = await browser.newBrowserCDPSession();
  await devtools.send('Browser.crashGpuProcess');
  await expect(page.getByText('The graphics device was lost. Recovering …')).toBeVisible();
  await expect(easel.preview).toHaveAttribute('data-step', /[1-5]/);
  const back = 'The graphics device was lost and is back; painting goes on.';
  await expect(page.getByText(back, { exact: true })).toBeVisible();
  await expect(easel.results).toHaveCount(3);
  await expect(easel.device).toContainText('WebGPU · f32');
  await expect(page.getByRole('alert')).toHaveCount(0);
  expect(largestDifference(await easel.pixels(), onCpu)).toBeLessThanOrEqual(2);
});
