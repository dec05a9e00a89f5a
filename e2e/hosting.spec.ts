import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { errorsOf, expect, test } from './fixtures/easel';
import { DIST, type Fault, missing, PlainHost, page200 } from './fixtures/host';
import { ANY, ANY_NUMBER, en, like, sentence } from './fixtures/texts';

// Its own worker serves the page where a host does not isolate it.
test.use({ serviceWorkers: 'allow' });

test('on a host that sends no headers the page isolates itself and paints with threads', async ({ easel, page }) => {
  const host = await PlainHost.open();
  await easel.open(host.address);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await expect(easel.device).toContainText(/[2-9]\d* threads/);
  await easel.set({ steps: 1 });
  await easel.paint();
  host.close();
});

test('the page lets nothing in that it did not bring, and every test would notice what it refuses', async ({
  page,
}) => {
  const errors = await errorsOf(page);
  const response = await page.goto('./');
  expect(response?.headers()).toMatchObject({
    'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  await expect(page.locator('meta[http-equiv="Content-Security-Policy"]')).toHaveAttribute(
    'content',
    /default-src 'none'/,
  );
  expect(errors).toEqual([]);
  const outcomes = await page.evaluate(async () => {
    const outcome = async (act: () => unknown) => {
      try {
        await act();
        return 'done';
      } catch (error) {
        return (error as Error).name;
      }
    };
    return [
      await outcome(() => fetch('http://example.com/')),
      await outcome(() => new Worker(URL.createObjectURL(new Blob(['']))).terminate()),
      await outcome(() => navigator.serviceWorker.register('./other.js')),
      await outcome(() => document.body.insertAdjacentHTML('beforeend', '<img src="x">')),
      await outcome(() => document.body.setAttribute('style', 'margin: 99px')),
    ];
  });
  expect(outcomes).toEqual(['TypeError', 'TypeError', 'TypeError', 'TypeError', 'done']);
  expect(await page.evaluate(() => getComputedStyle(document.body).margin)).toBe('0px');
  for (const directive of ['connect-src', 'require-trusted-types-for', 'style-src-attr'])
    await expect.poll(() => errors.join('\n')).toContain(directive);
});

test('the licence of everything that is shipped lies beside it', () => {
  const shipped = readFileSync(join(DIST, 'licences.txt'), 'utf8');
  const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
  // An alias bears the name of what it stands for; Radix's and React's packages come in parts.
  const names = Object.entries<string>(dependencies).map(([name, version]) => /^npm:(.+)@/.exec(version)?.[1] ?? name);
  const parts = ['@radix-ui/react-select', 'scheduler', 'd3-scale', 'onnxruntime-common', '@huggingface/tokenizers'];
  for (const name of [...names.filter((name) => name !== 'radix-ui'), ...parts])
    expect(shipped).toContain(`==== ${name} `);
  expect(shipped).toContain('Copyright (c) Microsoft Corporation');
  expect(shipped).toContain('protocolbuffers/protobuf'); // in onnxruntime's WebAssembly
});

test('on plain http the page asks for https or localhost before it loads anything', async ({
  playwright,
  launchOptions,
}) => {
  const host = await PlainHost.open();
  const args = [...(launchOptions.args ?? []), '--host-resolver-rules=MAP insecure.test 127.0.0.1'];
  const browser = await playwright.chromium.launch({ ...launchOptions, args });
  const page = await browser.newPage();
  await page.goto(`http://insecure.test:${host.port}/easel/`);
  const message = page.getByRole('alert');
  await expect(message).toContainText(en.app.openSecurely);
  await expect(message).toContainText(en.app.addressIsNeither(`http://insecure.test:${host.port}`).join(''));
  const address = `http://localhost:${host.port}/easel/`;
  await expect(message.getByRole('link', { name: `localhost:${host.port}` })).toHaveAttribute('href', address);
  // Not the pictures of the examples, which the page's head asks for: neither a program nor a model.
  expect(host.paths.filter((path) => /main-|worker|models(?!.*examples\.webp)/.test(path))).toEqual([]);
  await browser.close();
  host.close();
});

test('where the scripts come as plain text, the page says what its host must do', async ({ page }) => {
  const host = await PlainHost.open((path, response) => {
    if (extname(path) !== '.js') return false;
    response.writeHead(200, { 'Content-Type': 'text/plain' }).end(readFileSync(join(DIST, path)));
    return true;
  });
  await page.goto(host.address);
  await expect(page.getByText('.js files must be sent as text/javascript')).toBeVisible();
  host.close();
});

const REMEDY = sentence('Whoever hosts it must copy all of the model’s files.');

/** What a host lacks, or sends in its place. */
const FAULTS: Readonly<Record<string, { fault: Fault; says: string; remedy?: string }>> = {
  'a page in place of a script': {
    fault: (path, response) => /main-.*\.js$/.test(path) && page200(response),
    says: en.app.easelNotLoaded,
    remedy: en.app.partDidNotCome,
  },
  'no .wasm files': {
    fault: (path, response) => path.endsWith('.wasm') && missing(response),
    says: sentence(
      'onnxruntime, which runs the model, did not come from the host, or something else came in its place. Reload the page. If you host it: copy all of dist/assets, the .wasm files too.',
    ),
  },
  'a page in place of the manifest': {
    fault: (path, response) => path.endsWith('manifest.json') && page200(response),
    says: sentence('{0}{1} is not there: the host sends a web page in its place. {2}', ANY, 'manifest.json'),
    remedy: REMEDY,
  },
  'a page in place of the weights': {
    fault: (path, response) => path.endsWith('.safetensors') && page200(response),
    says: sentence('{0}{1} is not there: the host sends a web page in its place. {2}', ANY, '.safetensors'),
    remedy: REMEDY,
  },
};

test('a host that lacks something is named what it lacks, and the remedy', async ({ page }) => {
  for (const [name, { fault, says, remedy }] of Object.entries(FAULTS)) {
    const host = await PlainHost.open(fault);
    await test.step(name, async () => {
      await page.goto(host.address);
      await expect(page.getByRole('alert')).toContainText(like(says));
      if (remedy !== undefined) await expect(page.getByRole('alert')).toContainText(remedy);
    });
    host.close();
  }
});

test('a view that could not be loaded comes without a reload: by its button, and with the network', async ({
  easel,
  page,
}) => {
  let deployed = false;
  const host = await PlainHost.open(
    (path, response) => !deployed && /(canvas-view|lab)-/.test(path) && missing(response),
  );
  await easel.openEarly(host.address);
  await easel.prompt.fill('a fox');

  await easel.view('canvas').click();
  await expect(page.getByRole('alert')).toContainText(en.app.viewNotLoaded(en.app.canvas));
  // After an update, the older chunks are gone for good.
  await expect(page.getByRole('alert').getByRole('button', { name: en.app.reloadThePage })).toBeVisible();
  deployed = true;
  await page.getByRole('button', { name: en.app.tryAgain }).click();
  await expect(page.getByRole('button', { name: like(en.canvas.blankCanvas(ANY_NUMBER, ANY_NUMBER)) })).toBeVisible();
  // Its style sheet failed, too, and came with it.
  await expect(page.getByRole('main', { name: en.app.canvas })).toHaveCSS('display', 'grid');

  await page.context().setOffline(true);
  await easel.view('models').click();
  await expect(page.getByRole('alert')).toContainText(en.app.viewNotLoaded(en.app.models));
  await page.context().setOffline(false);
  await expect(page.getByRole('heading', { name: en.models.models, level: 2 })).toBeVisible();

  await easel.view('paint').click();
  await expect(easel.prompt).toHaveValue('a fox');
  host.close();
});
