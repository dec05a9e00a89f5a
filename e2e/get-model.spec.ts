import type { StandIn } from '../src/cli/stand-in/stand-in';
import { Easel, expect, test } from './fixtures/easel';
import { ofHead, visitWithSites } from './fixtures/sites';
import { ANY, ANY_NUMBER, begins, en, FITS_ON_CPU, like, sentence } from './fixtures/texts';
import { serveTinyStarter, tinyModel } from './fixtures/tiny-model';

const TOKEN = 'hf_secretTokenOfSomebody_wxyz';

const UNET = tinyModel()['unet/diffusion_pytorch_model.safetensors'];
const NO_ROOM = sentence(
  'There is no room left in the browser for {0}. Remove a model or free space on the disk, then go on: what has arrived is kept.',
);

const ofUnet = ({ host, range }: StandIn['seen'][number]) => host === 'cdn.example' && range?.end === UNET.length;

/**
 * The disk is full in the middle of the UNet: that is said, and the download goes on from what it has when there is
 * room again.
 */
async function fillTheDisk({ page }: Easel, sites: StandIn, begin: () => Promise<void>): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const origin = new URL(page.url()).origin;
  const panel = page.getByRole('region', { name: en.models.getAModel });
  const arrived = panel.getByRole('progressbar', { name: en.models.downloadOf('tiny-sd') });
  sites.spoil = (request) => (ofUnet(request) ? { stallAfter: 2 ** 21 } : undefined);
  await begin();
  await expect.poll(() => sites.seen.filter(ofUnet).length).toBe(1);
  const before = sites.seen
    .slice(0, sites.seen.findIndex(ofUnet))
    .filter((seen) => seen.host === 'cdn.example' && !ofHead(seen));
  const wholeBytes = before.reduce((sum, { range }) => sum + (range?.end ?? 0), 0);
  await expect.poll(async () => Number(await arrived.getAttribute('value'))).toBeGreaterThan(wholeBytes);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  sites.spoil = () => undefined;
  sites.hangUp();
  await expect(panel.getByRole('alert')).toContainText(like(NO_ROOM));
  await devtools.send('Storage.overrideQuotaForOrigin', { origin });
  sites.seen.length = 0;
  await panel.getByRole('button', { name: en.models.goOnWith('tiny-sd') }).click();
}

test('a newcomer gets a model from the Hub by its name, paints with it, and has it on the next visit without the Hub', async ({
  playwright,
  launchOptions,
  baseURL,
}) => {
  const { sites, easel, page, errors, close } = await visitWithSites({ playwright, launchOptions, baseURL });
  sites.addRepository('some/tiny-sd', tinyModel(), { licence: 'mit', token: TOKEN });
  sites.addRepository('some/free', tinyModel());
  const abroad: string[] = [];
  page.context().on('request', (request) => {
    if (/^https:/.test(request.url())) abroad.push(new URL(request.url()).host);
  });
  await easel.open();
  expect(abroad).toEqual([]); // nobody was asked anything that the person did not ask for

  await easel.view('models').click();
  const panel = page.getByRole('region', { name: en.models.getAModel });
  await expect(panel.getByRole('listitem').filter({ hasText: en.models.startWithThisOne })).toHaveCount(1);
  const look = async (address: string) => {
    await panel.getByRole('textbox', { name: en.models.addressOfAModel }).fill(address);
    await panel.getByRole('button', { name: en.models.look }).click();
  };
  await look('some/free');
  // From the heads of its files alone.
  const free = panel.getByRole('region', { name: en.models.downloadOf('free') });
  await expect(free).toContainText(FITS_ON_CPU);
  for (const { range } of sites.seen) expect(range?.end ?? 0).toBeLessThanOrEqual(2 ** 19);
  await free.getByRole('button', { name: en.models.notNow }).click();
  sites.seen.length = 0;

  await look('some/tiny-sd');
  const offer = panel.getByRole('region', { name: en.models.downloadOf('tiny-sd') });
  await expect(offer).toContainText(like(`${ANY_NUMBER} MB · ${en.models.free(ANY)} · ${en.models.licence('mit')}`));
  expect(sites.seen.filter(({ host }) => host === 'cdn.example')).toEqual([]); // not a byte of it yet
  await offer.getByRole('button', { name: en.models.download }).click();

  // It is one that asks for the person's token.
  await expect(panel.getByRole('alert')).toContainText(
    like(
      sentence(
        '{0} gives {1} only to people it knows, or it is not there under this name. Accept its licence on the site and add your access token for {2}.',
        ANY,
        ANY,
        'huggingface.co',
      ),
    ),
  );
  await panel.getByLabel(en.models.accessTokenFor('huggingface.co')).fill(TOKEN);
  await fillTheDisk(easel, sites, () => panel.getByRole('button', { name: en.models.useIt }).click());
  await expect(easel.card('tiny-sd')).toContainText(en.store.keptInThisBrowser);
  expect(sites.seen.filter(ofUnet).map(({ range }) => range?.start)).not.toContain(0);
  await easel
    .card('tiny-sd')
    .getByRole('button', { name: begins(en.models.open) })
    .click();
  await expect(page.getByTestId('model')).toContainText('tiny-sd');
  await easel.view('paint').click();
  await expect(easel.field('width')).toHaveValue('64'); // its own defaults
  await easel.set({ steps: 2, seed: 5 });
  await easel.prompt.fill('a fox');
  await easel.paint();
  expect(await easel.pixels()).toMatchObject({ width: 64, height: 64 });
  expect(new Set(abroad)).toEqual(new Set(['huggingface.co', 'cdn.example']));
  for (const { host, headers } of sites.seen)
    if (host !== 'huggingface.co') expect(headers.authorization).toBeUndefined();

  // It is not in the picture, nor in a copy of what is stored but where secrets are.
  expect((await easel.png()).includes(TOKEN)).toBe(false);
  const slots = await page.evaluate(() => Object.entries(localStorage));
  expect(slots.filter(([, text]) => text.includes(TOKEN)).map(([key]) => key)).toEqual(['easel.secret.site-keys']);

  await sites.close();
  const second = new Easel(await page.context().newPage());
  await serveTinyStarter(second.page, 128);
  const tabs = [easel, second];
  await page.goto('about:blank');
  for (const tab of tabs) await tab.open('./#models');
  // In two tabs at once.
  await Promise.all(
    tabs.map((tab) =>
      tab
        .card('tiny-sd')
        .getByRole('button', { name: begins(en.models.open) })
        .click(),
    ),
  );
  for (const tab of tabs) await expect(tab.page.getByTestId('model')).toContainText('tiny-sd');
  await second.page.close();
  const keys = panel.getByRole('list', { name: en.models.accessTokens });
  await expect(keys).toContainText(en.models.tokenFacts('wxyz', 'huggingface.co'));
  await keys.getByRole('button', { name: en.models.forgetToken('huggingface.co') }).click();
  await expect(keys).toBeHidden();
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('wxyz');
  expect(errors).toEqual([]);
  await close();
});
