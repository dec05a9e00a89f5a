import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { correlation, expect, meanDifference, type Pixels, sharedVisit, test } from './fixtures/easel';
import { ANY, ANY_NUMBER, en, like, sentence } from './fixtures/texts';
import { serveTinyStarter } from './fixtures/tiny-model';

test.use({ starter: 'tiny' });

const ROOT = join(import.meta.dirname, '..');
const STEPS = 6;

/** The same request painted by the command line, in Node. */
function paintInNode(prompt: string, out: string): Pixels {
  const args = ['tsx', 'src/cli/generate.ts', prompt, '--fast', '--seed', '7', '--steps', String(STEPS), '--out', out];
  const run = spawnSync('npx', args, { cwd: ROOT, encoding: 'utf8' });
  expect(run.status, run.stderr).toBe(0);
  return decode(readFileSync(out));
}

test.describe('with Easel’s own model', () => {
  test.use({ starter: 'bundled' });

  test('a newcomer types, generates, watches and gets the picture', async ({ easel, page }, testInfo) => {
    await easel.open();
    await expect(easel.device).toContainText(en.models.cpu);
    await expect(page.getByText(en.stage.everythingIsLocal)).toBeVisible();
    // On the CPU it starts with few steps.
    await expect(page.getByRole('checkbox', { name: en.settings.fast(8, 20) })).toBeChecked();
    await page.getByRole('button', { name: 'a penguin in the snow' }).click();
    await expect(easel.prompt).toHaveValue('a penguin in the snow');
    await easel.prompt.fill('a red apple');
    await easel.set({ steps: STEPS, seed: 7 });
    await easel.generate.click();

    await expect(easel.cancel).toContainText(like(en.store.stepOf(ANY_NUMBER, STEPS)));
    await expect(easel.preview).toHaveAttribute('data-step', String(STEPS));
    const preview = await easel.previewPixels();
    await expect(easel.picture).toBeVisible();
    const first = await easel.pixels();
    expect(preview.step).toBe(STEPS);
    expect(correlation(preview, first)).toBeGreaterThanOrEqual(0.8);
    await page.getByRole('button', { name: en.stage.allSettings }).click();
    await expect(page.getByText(like(en.stage.stageTimes(ANY, ANY, ANY, ANY)))).toBeVisible();
    await page.keyboard.press('Escape');

    // The same pixels as the command line's.
    expect(meanDifference(first, paintInNode('a red apple', testInfo.outputPath('node.png')))).toBeLessThanOrEqual(2);

    await easel.prompt.fill('a rocket in space');
    await easel.paint();
    expect(meanDifference(first, await easel.pixels())).toBeGreaterThan(10);
    await easel.set({ seed: 9 });
    await page.getByRole('button', { name: en.stage.allSettings }).click();
    await page.getByRole('button', { name: en.stage.takeSetting(en.fields.seed.label), exact: true }).click(); // ux 31
    await expect(easel.field('seed')).toHaveValue('7');
  });
});

test('cancelling ends within one step, and painting goes on with the same sessions', async ({ easel }) => {
  await easel.open();
  await easel.prompt.fill('a cat');
  // Far more steps than are painted until the key is pressed, also where a step is short.
  await easel.set({ steps: 150, seed: 1 });
  await easel.generate.click();
  // A loaded machine may show the third step and the fifth, but not the fourth.
  await expect(easel.preview).toHaveAttribute('data-step', /^([3-9]|\d\d+)$/);
  await easel.page.keyboard.press('Escape');
  const asked = (await easel.statistics()).unetRuns;
  await expect(easel.generate).toBeVisible();
  const ended = await easel.statistics();
  expect(ended.unetRuns).toBeLessThanOrEqual(asked + 1);
  await easel.set({ steps: 2 });
  await easel.paint();
  expect((await easel.statistics()).sessionsCreated).toBe(ended.sessionsCreated);
});

test('settings and results survive a reload; a deleted result can be brought back', async ({ easel, page }) => {
  await easel.open();
  await easel.prompt.fill('a (red:1.2) apple');
  await easel.set({ steps: 2, seed: 11, cfgScale: 4.5 });
  await easel.paint();
  const before = await easel.pixels();
  await easel.open();
  await expect(easel.prompt).toHaveValue('a (red:1.2) apple');
  await expect(easel.field('steps')).toHaveValue('2');
  await expect(easel.field('cfgScale')).toHaveValue('4.5');
  await expect(easel.results).toHaveCount(1);
  expect(meanDifference(before, await easel.pixels())).toBe(0);

  await easel.prompt.fill('something else');
  await page.getByRole('button', { name: en.stage.reuseSettings }).click();
  await expect(easel.prompt).toHaveValue('a (red:1.2) apple');
  await page.getByRole('button', { name: en.stage.deletePicture }).click();
  await expect(easel.results).toHaveCount(0);
  const deleted = page.getByRole('listitem').filter({ hasText: en.store.picturesDeleted(1) });
  await deleted.getByRole('button', { name: en.store.undo }).click();
  await expect(easel.results).toHaveCount(1);
});

test.describe('what cannot be painted', () => {
  const visit = sharedVisit(async (easel) => {
    await serveTinyStarter(easel.page);
    await easel.open();
  });

  test('a value that cannot be is refused with its reason, and kept as typed', async () => {
    const easel = visit();
    const { page } = easel;
    for (const [field, value, reason] of [
      ['steps', '0', sentence('{0} must be at least {1}.', en.fields.steps.label, 1)],
      [
        'width',
        '300',
        sentence('{0} must be a multiple of {1}, such as {2} or {3}.', en.fields.width.label, 8, 296, 304),
      ],
      ['cfgScale', 'abc', sentence('{0} must be a number.', en.fields.cfgScale.label)],
      ['seed', '4294967296', sentence('{0} must be at most {1}.', en.fields.seed.label, 4294967295)],
    ] as const) {
      const old = await easel.field(field).inputValue();
      await easel.field(field).fill(value);
      await expect(page.getByRole('alert')).toContainText(reason);
      await expect(easel.generate).toBeDisabled();
      await expect(easel.field(field)).toHaveValue(value);
      await easel.field(field).fill(old);
      await expect(easel.generate).toBeEnabled();
    }
  });

  test('the page says what the model makes of a prompt, before it paints', async () => {
    const easel = visit();
    const { page } = easel;
    const heard = page.getByRole('region', { name: en.settings.whatModelMakes });
    // What is said of the prompt moves nothing (ux 22).
    const labels = page.locator('.settings-label').filter({ visible: true });
    const places = () => labels.evaluateAll((all) => all.map((label) => label.getBoundingClientRect().top));
    await easel.prompt.fill('');
    const before = await places();
    expect(before.length).toBeGreaterThan(3);
    await easel.prompt.fill('a red fox, photo');
    await expect(heard.getByRole('list', { name: en.settings.understood })).toContainText(
      `${en.settings.thing}: fox${en.settings.colour}: red`,
    );
    await expect(heard).toContainText(`${en.settings.noEffect}photo`);
    expect(await places()).toEqual(before);
    await easel.prompt.fill('a king');
    await expect(heard).toContainText(en.settings.nothingPaintable);
    expect(await places()).toEqual(before);
    await heard.getByRole('button', { name: en.settings.getOneThatCan }).click();
    await expect(page.getByRole('region', { name: en.stage.modelForPhotographs })).toBeVisible();
    await heard.getByRole('button', { name: en.settings.replaceBy('king', 'crown') }).click();
    await expect(easel.prompt).toHaveValue('a crown');
    await expect(heard).not.toContainText(en.settings.noEffect);
  });

  test('names are completed as they are typed, and all of them can be looked through', async () => {
    const easel = visit();
    const { page } = easel;
    await easel.prompt.fill('');
    await easel.prompt.pressSequentially('a cr');
    await expect(page.getByRole('option', { name: 'crown' })).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(easel.prompt).toHaveValue('a crown');
    await page.getByRole('button', { name: en.settings.whatCanItPaint }).click();
    await page.getByRole('searchbox').fill('king');
    await page.getByRole('searchbox').press('Tab');
    await expect(page.getByRole('region', { name: en.settings.things }).getByRole('button')).toHaveText(['crown']);
    await page.getByRole('searchbox').fill('app');
    await page.getByRole('button', { name: 'red apple' }).click();
    await page.keyboard.press('Escape');
    await expect(easel.prompt).toHaveValue('a crown, red apple');
  });
});
