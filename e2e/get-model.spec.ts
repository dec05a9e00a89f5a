import { Easel, errorsOf, expect, test } from './fixtures/easel';
import { browserWithSites } from './fixtures/sites';
import { serveTinyStarter, tinyModel } from './fixtures/tiny-model';

test('a newcomer gets a model from the Hub by its name, paints with it, and has it on the next visit without the Hub', async ({
  playwright,
  launchOptions,
  baseURL,
}) => {
  const { sites, browser } = await browserWithSites(playwright.chromium, launchOptions);
  sites.addRepository('some/tiny-sd', tinyModel(), { licence: 'mit', token: 'hf_secret' });
  const page = await (await browser.newContext({ baseURL })).newPage();
  const errors = await errorsOf(page);
  const abroad: string[] = [];
  page.context().on('request', (request) => {
    if (/^https:/.test(request.url())) abroad.push(new URL(request.url()).host);
  });
  await serveTinyStarter(page, 128);
  const easel = new Easel(page);
  await easel.open();
  expect(abroad).toEqual([]); // nobody was asked anything that the person did not ask for

  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Models' }).click();
  const panel = page.getByRole('region', { name: 'Get a model' });
  await expect(panel.getByRole('listitem').filter({ hasText: 'Start with this one' })).toHaveCount(1);
  await expect(panel.getByRole('button', { name: 'Download BK-SDM Tiny' })).toBeDisabled();
  await panel.getByRole('textbox', { name: 'Address of a model' }).fill('some/tiny-sd');
  await panel.getByRole('button', { name: 'Look' }).click();
  const offer = panel.getByRole('region', { name: 'Download of tiny-sd' });
  await expect(offer).toContainText(/\d MB · .* free for this page · Licence: mit/);
  expect(sites.seen.filter(({ host }) => host === 'cdn.example')).toEqual([]); // not a byte of it yet
  await offer.getByRole('button', { name: 'Download' }).click();

  // It is one that asks for the person's token.
  await expect(panel.getByRole('alert')).toContainText('add your access token for huggingface.co');
  await panel.getByLabel('Access token for huggingface.co').fill('hf_secret');
  await panel.getByRole('button', { name: 'Use it' }).click();
  await expect(easel.card('tiny-sd')).toContainText('Kept in this browser');
  await easel.card('tiny-sd').getByRole('button', { name: /^Open/ }).click();
  await expect(page.getByTestId('model')).toContainText('tiny-sd');
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Paint' }).click();
  await expect(easel.field('Width')).toHaveValue('64'); // its own defaults
  await easel.set({ Steps: 2, Seed: 5 });
  await easel.prompt.fill('a fox');
  await easel.paint();
  expect(await easel.pixels()).toMatchObject({ width: 64, height: 64 });
  expect(new Set(abroad)).toEqual(new Set(['huggingface.co', 'cdn.example']));
  for (const { host, headers } of sites.seen)
    if (host !== 'huggingface.co') expect(headers.authorization).toBeUndefined();

  await sites.close();
  await page.reload();
  await expect(page.getByTestId('model')).toContainText('Easel Starter');
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Models' }).click();
  await easel.card('tiny-sd').getByRole('button', { name: /^Open/ }).click();
  await expect(page.getByTestId('model')).toContainText('tiny-sd');
  expect(errors).toEqual([]);
  await browser.close();
});
