import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright/test';
import { copyBuild, ISOLATION } from './fixtures/builds';
import { pngOf } from './fixtures/canvas';
import { Easel, errorsOf, expect, test } from './fixtures/easel';
import { PlainHost } from './fixtures/host';
import { writeCheckpoint } from './fixtures/models';
import { ANY_NUMBER, en, like } from './fixtures/texts';

test.use({ serviceWorkers: 'allow' });

/** Builds of the page, the tiny model in the starter's place: another one differs in the page and in the lab's code. */
let builds: { first: string; second: string };

test.beforeAll(async ({ browserName: _ }, testInfo) => {
  const folder = testInfo.project.outputDir;
  builds = { first: join(folder, 'offline-first'), second: join(folder, 'offline-second') };
  await copyBuild(builds.first);
  await copyBuild(builds.second, changeLab);
});

test.afterAll(() => {
  for (const folder of Object.values(builds)) rmSync(folder, { recursive: true, force: true });
});

/** A newer Easel: the lab's chunk under another name, as its hash would be, and a page that can be told. */
function changeLab(folder: string): void {
  const assets = join(folder, 'assets');
  const [lab] = readdirSync(assets).filter((file) => /^lab-.*\.js$/.test(file));
  renameSync(join(assets, lab), join(assets, 'lab-changed.js'));
  for (const file of readdirSync(assets).filter((name) => name.endsWith('.js'))) {
    const text = readFileSync(join(assets, file), 'utf8');
    if (text.includes(lab)) writeFileSync(join(assets, file), text.replaceAll(lab, 'lab-changed.js'));
  }
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  writeFileSync(join(folder, 'index.html'), page.replace('<html lang="en">', '<html lang="en" data-build="second">'));
}

/** Weights, WebAssembly and vocabularies. Small scripts come again for each of onnxruntime's threads. */
const isLarge = (path: string) => /\.(wasm|safetensors)$|vocab\.json|merges\.txt/.test(path);

const largeFilesFetchedAgain = ({ paths }: PlainHost) =>
  paths.filter((path, i) => isLarge(path) && paths.indexOf(path) !== i);

/** What each view shows once its code is there. */
const SHOWN = {
  canvas: ['button', like(en.canvas.blankCanvas(ANY_NUMBER, ANY_NUMBER))],
  models: ['heading', en.models.models],
  lab: ['heading', en.lab.stepSchedules],
  paint: ['button', en.settings.generate],
} as const;

async function openView(easel: Easel, name: keyof typeof SHOWN): Promise<void> {
  await easel.view(name).click();
  const [role, text] = SHOWN[name];
  await expect(easel.page.getByRole(role, { name: text }).first()).toBeVisible();
}

const originsAskedBy = (context: BrowserContext) => {
  const origins = new Set<string>();
  context.on('request', (request) => {
    if (/^(https?|wss?):/.test(request.url())) origins.add(new URL(request.url()).origin);
  });
  return origins;
};

test('after one visit Easel can be installed, and all of it works with the server gone: views, starter, own checkpoints', async ({
  playwright,
  launchOptions,
}, testInfo) => {
  const host = await PlainHost.open();
  [host.folder, host.headers] = [builds.first, ISOLATION];
  // Chromium installs nothing from a private window, which other tests' contexts are.
  const context = await playwright.chromium.launchPersistentContext(testInfo.outputPath('profile'), launchOptions);
  const page = await context.newPage();
  const errors = await errorsOf(page);
  const origins = originsAskedBy(context);
  const easel = new Easel(page);
  await easel.open(host.address);
  await easel.expectReadyOffline();

  const devtools = await context.newCDPSession(page);
  expect((await devtools.send('Page.getInstallabilityErrors')).installabilityErrors).toEqual([]);
  expect((await devtools.send('Page.getAppManifest')).errors).toEqual([]);

  expect(largeFilesFetchedAgain(host)).toEqual([]);

  host.close();
  await page.reload();
  await expect(page.getByTestId('model')).toContainText('Easel Starter');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await easel.prompt.fill('a fox');
  await easel.paint();
  await openView(easel, 'canvas');
  await openView(easel, 'models');
  await openView(easel, 'lab');
  await openView(easel, 'paint');
  const checkpoint = testInfo.outputPath('mine.safetensors');
  writeCheckpoint('sd1', checkpoint); // without a vocabulary of its own
  await page.getByTestId('model-file').setInputFiles(checkpoint);
  await expect(page.getByTestId('model')).toHaveText('mine');
  await easel.set({ steps: 1, width: 64, height: 64 });
  await easel.paint();
  expect([...origins]).toEqual([new URL(host.address).origin]);
  expect(errors).toEqual([]);
  await context.close();
});

test('a newer version waits beside an open page and comes with its reload; what other programs share arrives', async ({
  easel,
  page,
}) => {
  const host = await PlainHost.open();
  host.folder = builds.first;
  await easel.open(host.address);
  await easel.expectReadyOffline();
  host.folder = builds.second;
  host.paths.length = 0;
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
  const notice = page.getByRole('listitem').filter({ hasText: en.store.newVersion });
  await expect(notice).toBeVisible();
  // Of it, only what changed was fetched.
  expect(host.paths.filter((path) => /models|wasm|css|worker-/.test(path) && path !== '/service-worker.js')).toEqual(
    [],
  );
  expect(host.paths).toContain('/assets/lab-changed.js');

  // The open page has its own files still, which the server has no more.
  await openView(easel, 'lab');
  await openView(easel, 'paint');
  await easel.prompt.fill('a precious prompt');
  await notice.getByRole('button', { name: en.store.reload }).click();
  await expect(page.locator('html')).toHaveAttribute('data-build', 'second');
  await expect(page.getByTestId('model')).toContainText('Easel Starter');
  await expect(easel.prompt).toHaveValue('a precious prompt');
  await openView(easel, 'lab');

  host.close();
  await page.goto('about:blank');
  await page.setContent(
    `<form action="${host.address}share" method="post" enctype="multipart/form-data">
       <input name="text" value="a shared prompt"><input name="files" type="file"><button>Send</button>
     </form>`,
  );
  const blue = { name: 'blue.png', mimeType: 'image/png', buffer: pngOf(64, 64, () => [20, 40, 200]) };
  await page.locator('input[type=file]').setInputFiles(blue);
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page).toHaveURL(`${host.address}#canvas`);
  await expect(page.getByRole('main', { name: en.app.canvas })).toBeVisible();
  await openView(easel, 'paint');
  await expect(easel.prompt).toHaveValue('a shared prompt');
});
