import { readFileSync } from 'node:fs';
import { CATALOGUE, type CatalogueEntry } from '../src/library/catalogue';
import { copyBuild, ISOLATION } from './fixtures/builds';
import { Easel, errorsOf, expect, test } from './fixtures/easel';
import { PlainHost } from './fixtures/host';
import { writeCheckpoint } from './fixtures/models';
import { browserWithSites } from './fixtures/sites';
import { ANY, ANY_NUMBER, begins, en, FITS_ON_CPU, like } from './fixtures/texts';
import { tinyModel } from './fixtures/tiny-model';

/** A tiny model in an entry's place: as one file where the entry names one, else as a folder. */
function filesOf({ address: { path } }: CatalogueEntry, checkpoint: string): Readonly<Record<string, Buffer>> {
  return path === undefined ? tinyModel() : { [path]: readFileSync(checkpoint) };
}

test('a newcomer comes from the first page to a picture by the model that it offers, and to another with every server gone', async ({
  playwright,
  launchOptions,
}, testInfo) => {
  const { sites, browser } = await browserWithSites(playwright.chromium, launchOptions);
  const checkpoint = testInfo.outputPath('tiny.safetensors');
  writeCheckpoint('sd1', checkpoint);
  for (const entry of CATALOGUE.filter(({ kind }) => kind === 'model'))
    sites.addRepository(entry.address.repository, filesOf(entry, checkpoint), { licence: entry.licence });
  const host = await PlainHost.open();
  [host.folder, host.headers] = [testInfo.outputPath('build'), ISOLATION];
  await copyBuild(host.folder);
  const page = await (await browser.newContext({ serviceWorkers: 'allow' })).newPage();
  const errors = await errorsOf(page);
  const easel = new Easel(page);
  await easel.open(host.address);

  const card = page.getByRole('region', { name: en.stage.modelForPhotographs });
  await expect(card).toContainText(en.stage.thisModelDraws(''));
  await expect(card).toContainText(FITS_ON_CPU);
  const asked = (name: string) => sites.seen.filter((request) => request.host === name).length;
  expect(asked('huggingface.co')).toBe(0);
  await card.getByRole('button', { name: begins(en.stage.get('')) }).click();
  // The tiny one is not as large as the page said: that is shown before its first byte.
  await expect(card).toContainText(like(`${ANY_NUMBER} MB · ${en.stage.free(ANY)}`));
  expect(asked('cdn.example')).toBe(0);
  await card.getByRole('button', { name: en.stage.downloadIt }).click();
  await card.getByRole('button', { name: en.stage.startWithIt }).click();

  await expect(page.getByTestId('model')).not.toContainText('Easel Starter');
  await expect(card).toBeHidden();
  const name = await page.getByTestId('model').innerText();
  await easel.set({ width: 64, height: 64, steps: 2, seed: 5 });
  await easel.prompt.fill('a fox');
  await easel.paint();
  expect(await easel.pixels()).toMatchObject({ width: 64, height: 64 });

  await easel.expectReadyOffline();
  host.close();
  await sites.close();
  await page.reload();
  await expect(page.getByTestId('model')).toContainText('Easel Starter');
  await easel.view('models').click();
  await easel
    .card(name)
    .getByRole('button', { name: begins(en.models.open) })
    .click();
  await expect(page.getByTestId('model')).toHaveText(name);
  await easel.view('paint').click();
  await easel.set({ width: 64, height: 64, steps: 2, seed: 6 });
  await easel.paint();
  expect(await easel.pixels()).toMatchObject({ width: 64, height: 64 });
  expect(errors).toEqual([]);
  await browser.close();
});
