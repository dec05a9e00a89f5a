import { decode } from 'fast-png';
import type { Locator, Page } from 'playwright/test';
import { violations } from './fixtures/axe';
import { expect, type Pixels, sharedVisit, test } from './fixtures/easel';
import { ANY, begins, en, like, sentence } from './fixtures/texts';
import { serveTinyStarter } from './fixtures/tiny-model';

test.use({ starter: 'tiny' });

const PHONE = { width: 390, height: 844 };

/** What can be pressed or typed into and is smaller than a finger, by its name and size. */
const smallTargets = (page: Page) =>
  page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>('button, a[href], input, textarea, [role="radio"]');
    return (
      Array.from(all)
        // What a label holds is pressed by it, too.
        .map((element) => ({ element, box: (element.closest('label') ?? element).getBoundingClientRect() }))
        .filter(({ element }) => element.checkVisibility() && !element.closest('[inert]'))
        .filter(({ box }) => box.width < 44 || box.height < 44)
        .map(({ element, box }) => `${element.outerHTML.slice(0, 90)} ${box.width} x ${box.height}`)
    );
  });

const focusIsInside = (container: Locator) => container.evaluate((element) => element.contains(document.activeElement));

test.describe('on a phone', () => {
  test.use({ viewport: PHONE });

  test('axe finds nothing in the open sheet, dark and light, and fingers find everything', async ({ easel, page }) => {
    await easel.openEarly();
    await page.getByRole('button', { name: begins(en.settings.settings) }).click();
    await expect(easel.field('batchCount')).toBeVisible();
    expect(await violations(page, 'dark')).toEqual([]);
    expect(await violations(page, 'light')).toEqual([]);
    expect(await smallTargets(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
  });

  test('a wrong value in the closed sheet is shown where it stands', async ({ easel, page }) => {
    await easel.openEarly();
    await page.getByRole('button', { name: begins(en.settings.settings) }).click();
    await easel.set({ width: 10 });
    await page.getByRole('button', { name: en.settings.close }).click();
    const alert = page.getByRole('alert');
    await expect(alert).toContainText(sentence('{0} must be at least {1}.', en.fields.width.label, 16));
    expect(await smallTargets(page)).toEqual([]);
    await alert.getByRole('button', { name: en.settings.show }).click();
    await expect(easel.field('width')).toBeFocused();
    await expect(easel.field('width')).toHaveValue('10');
  });

  const visit = sharedVisit(async (easel) => {
    await serveTinyStarter(easel.page);
    await easel.open();
  });

  test('the stage comes first, the prompt under it, and the settings say what they are', async () => {
    const easel = visit();
    const { page } = easel;
    const top = async (locator: Locator) => (await locator.boundingBox())?.y ?? Number.NaN;
    const settings = page.getByRole('button', { name: begins(en.settings.settings) });
    const tops = [
      await top(page.getByRole('main')),
      await top(easel.prompt),
      await top(page.getByRole('button', { name: en.settings.negativePrompt })),
      await top(settings),
      await top(easel.generate),
    ];
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
    await expect(settings).toHaveText(
      like(`${en.settings.settings}${ANY}${en.settings.summary('DDIM', 2, '64 × 64')}`),
    );
    await expect(easel.field('steps')).toHaveCount(0);
    expect(await smallTargets(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
  });

  test('the keyboard alone opens the sheet, stays in it, changes a setting, closes it and paints', async () => {
    const easel = visit();
    const { page } = easel;
    await easel.prompt.focus();
    await page.keyboard.type('a red cat');
    await page.keyboard.press('Tab');
    await expect(page.getByRole('button', { name: en.settings.negativePrompt })).toBeFocused();
    await page.keyboard.press('Tab');
    const settings = page.getByRole('button', { name: begins(en.settings.settings) });
    await expect(settings).toBeFocused();
    await page.keyboard.press('Enter');
    const sheet = page.getByRole('dialog', { name: en.settings.settings });
    await expect(sheet).toBeVisible();
    let steps = 0;
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab');
      expect(await focusIsInside(sheet)).toBe(true);
      if (await easel.field('steps').evaluate((field) => field === document.activeElement)) steps++;
    }
    expect(steps).toBeGreaterThanOrEqual(2);
    // A list inside the sheet takes its own Escape.
    await page.getByRole('combobox', { name: en.fields.sampler.label }).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('listbox')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('listbox')).toBeHidden();
    await expect(sheet).toBeVisible();
    await easel.field('steps').focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('1');
    // The field shows its hint now, which goes with the sheet.
    await page.keyboard.press('Escape');
    await expect(sheet).toBeHidden();
    await expect(settings).toBeFocused();
    await expect(settings).toHaveText(like(en.settings.summary('DDIM', 1, '64 × 64')));
    await page.keyboard.press('Control+Enter');
    await expect(easel.results).toHaveCount(1);

    // Now the page is longer than the screen: a button under the bar with Generate comes out when it gets the focus.
    await page.getByRole('button', { name: en.settings.negativePrompt }).focus();
    await settings.evaluate((button) => scrollBy(0, button.getBoundingClientRect().bottom - innerHeight + 4));
    await page.keyboard.press('Tab');
    await expect(settings).toBeFocused();
    const bar = await page.locator('.generate').boundingBox();
    const button = await settings.boundingBox();
    expect((button?.y ?? 0) + (button?.height ?? 0)).toBeLessThanOrEqual(bar?.y ?? 0);
  });

  test('what is larger than the model was made for is painted in two passes, and its settings come back', async () => {
    const easel = visit();
    const { page } = easel;
    const settings = page.getByRole('button', { name: begins(en.settings.settings) });
    await settings.click();
    await easel.set({ steps: 1, width: 128, height: 128 });
    await page.getByRole('button', { name: en.settings.paintThenEnlarge(64, 64) }).click();
    await expect(page.getByText(en.settings.twoPasses('64 × 64', '128 × 128'))).toBeVisible();
    await page.getByText(en.settings.hiresDetails).click();
    await page.getByRole('textbox', { name: en.settings.hiresPrompt }).fill('a red cat, fur');
    expect(await smallTargets(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
    await page.keyboard.press('Escape');
    await expect(settings).toHaveText(/64 × 64 → 128 × 128/);
    await easel.paint();
    const { width, height } = await easel.pixels();
    expect([width, height]).toEqual([128, 128]);
    const hires = page.getByRole('checkbox', { name: en.fields.hires.label });
    await settings.click();
    await hires.uncheck();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: en.stage.reuseSettings }).click();
    await expect(settings).toHaveText(/64 × 64 → 128 × 128/);
    await settings.click();
    await page.getByText(en.settings.hiresDetails).click();
    await expect(page.getByRole('textbox', { name: en.settings.hiresPrompt })).toHaveValue('a red cat, fur');
    await hires.uncheck();
    await page.keyboard.press('Escape');
    // The sheet has gone when the page has its roles again.
    await expect(settings).toHaveText(/64 × 64$/);
  });

  test('closing the sheet while a picture is painted does not cancel it', async () => {
    const easel = visit();
    const { page } = easel;
    const before = await easel.results.count();
    await page.getByRole('button', { name: begins(en.settings.settings) }).click();
    // Long enough for the sheet to open and close meanwhile.
    await easel.set({ steps: 150 });
    await page.keyboard.press('Escape');
    await easel.generate.click();
    await expect(easel.cancel).toBeVisible();
    await page.getByRole('button', { name: begins(en.settings.settings) }).click();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog', { name: en.settings.settings })).toBeHidden();
    await expect(easel.results).toHaveCount(before + 1);
  });
});

test('the negative prompt folds away, shows when it holds text, and remembers', async ({ easel, page }) => {
  const { negativePrompt } = easel;
  const fold = page.getByRole('button', { name: en.settings.negativePrompt });
  await easel.openEarly();
  await expect(fold).toHaveAttribute('aria-expanded', 'false');
  await expect(negativePrompt).toHaveCount(0);
  await fold.click();
  await negativePrompt.fill('x');
  await expect(fold).toBeDisabled();
  // The last letter goes, the box stays under the caret.
  await negativePrompt.press('Backspace');
  await expect(negativePrompt).toBeFocused();
  await easel.openEarly();
  await expect(negativePrompt).toBeVisible();
  await fold.press('Enter');
  await expect(negativePrompt).toHaveCount(0);
  await easel.open();
  await expect(fold).toHaveAttribute('aria-expanded', 'false');
  await expect(negativePrompt).toHaveCount(0);

  await fold.click();
  await negativePrompt.fill('blurry');
  await easel.set({ steps: 1, cfgScale: 1 });
  await expect(page.getByText(en.settings.noEffectAtCfg1)).toBeVisible();
  await easel.paint();
  await negativePrompt.fill('');
  await fold.click();
  await expect(negativePrompt).toHaveCount(0);
  await page.getByRole('button', { name: en.stage.reuseSettings }).click();
  await expect(negativePrompt).toHaveValue('blurry');
  await easel.openEarly();
  await expect(negativePrompt).toHaveValue('blurry');
});

test('Generate says that it waits while the model is on its way, and puts suggestions away', async ({
  easel,
  page,
}) => {
  await easel.openEarly();
  await expect(easel.generate).toContainText(en.settings.onceModelIsHere);
  const suggestions = page.getByRole('listbox', { name: en.studio.suggestions });
  await easel.prompt.pressSequentially('a red fo');
  await expect(suggestions).toBeVisible();
  await easel.prompt.press('Control+Enter');
  await expect(suggestions).toBeHidden();
  await expect(easel.generate).toContainText(en.settings.waitsForTheModel);
  await test.step('what is taken within a prompt leaves the caret behind it', async () => {
    await easel.prompt.fill('a red  at night');
    await easel.prompt.press('Home');
    for (let letter = 0; letter < 'a red '.length; letter++) await easel.prompt.press('ArrowRight');
    await easel.prompt.pressSequentially('fo');
    await expect(suggestions).toBeVisible();
    await easel.prompt.press('ArrowDown');
    await easel.prompt.press('Enter');
    await easel.prompt.pressSequentially('!');
    await expect(easel.prompt).toHaveValue(/^a red fo\w.*! at night$/);
    await easel.prompt.press('Control+z');
    await expect(easel.prompt).not.toHaveValue(/!/);
  });
});

test('the settings are labelled with the words that people know', async ({ easel, page }) => {
  await easel.openEarly();
  const { schedule, sampler, seed } = en.fields;
  for (const name of [en.settings.size, schedule.label, sampler.label, seed.label]) {
    const label = page.locator('.settings-label').getByText(name, { exact: true });
    await expect(label).toBeVisible();
    // It fits its column, on one line.
    const { width, height } = await label.evaluate((element) => element.getBoundingClientRect());
    expect(height).toBe(20);
    expect(width).toBeLessThanOrEqual(96);
  }
  await expect(page.getByRole('group', { name: en.settings.size }).getByRole('button')).not.toHaveCount(0);
});

/** The tinted pieces of both prompts, by tint. */
const tints = (page: Page) =>
  page.evaluate(() =>
    Object.fromEntries(
      Array.from(CSS.highlights, ([name, highlight]) => [
        name,
        Array.from(highlight, (range) => range.startContainer.textContent?.slice(range.startOffset, range.endOffset)),
      ]).filter(([, texts]) => texts.length > 0),
    ),
  );

const WEIGHTED = 'a (red:1.2) fox, ((quick)) [brown] (lazy:0.5)';
const TINTS = {
  'weight-more-2': ['red', 'quick'],
  'weight-less-1': ['brown'],
  'weight-less-4': ['lazy'],
};

test('weights are tinted while one types, in both prompts', async ({ easel, page }) => {
  await easel.openEarly();
  await easel.prompt.pressSequentially('a (red:1.');
  // A bracket left open holds to the end.
  expect(await tints(page)).toEqual({ 'weight-more-1': ['red:1.'] });
  await easel.prompt.pressSequentially('2');
  expect(await tints(page)).toEqual({ 'weight-more-1': ['red:1.2'] });
  await easel.prompt.pressSequentially(WEIGHTED.slice(10));
  expect(await tints(page)).toEqual(TINTS);
  await page.getByRole('button', { name: en.settings.negativePrompt }).click();
  await easel.negativePrompt.fill('[text]');
  expect(await tints(page)).toEqual({ ...TINTS, 'weight-less-1': ['brown', 'text'] });
  await easel.negativePrompt.fill('');
  await easel.prompt.fill('plain');
  expect(await tints(page)).toEqual({});
});

const LONG = Array.from(
  { length: 60 },
  (_, i) => `line ${i}, (weighted words:1.${i % 10}) and\tan-unbreakably-long-word-${'x'.repeat(i)}   [less]`,
).join('\n');

for (const [what, prompt] of [
  ['a short one', WEIGHTED],
  ['one that ends in line breaks', 'a (cat:1.3)\n(dog)\n\n'],
  ['one that scrolls', LONG],
]) {
  test(`the tints lie exactly under the letters, and move none: ${what}`, async ({ easel, page }) => {
    await easel.openEarly();
    await easel.prompt.fill(prompt);
    await easel.prompt.evaluate((area) => {
      area.blur();
      area.scrollTop = 137;
    });
    const box = page.locator('.prompt-box').first();
    const shot = async (css = '/* as it is */'): Promise<Buffer> => {
      const style = await page.addStyleTag({ content: css });
      // Two frames: the scroll event, then the highlights.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const png = await box.screenshot();
      await style.evaluate((element) => (element as Element).remove());
      return png;
    };
    const tinted = decode(await shot());
    await page.evaluate(() => CSS.highlights.clear());
    const letters = await shot();
    const mirrored = await shot(
      '.prompt-text { color: transparent !important } .prompt-mirror { color: var(--text) !important }',
    );
    expect(await shot('.prompt-text { color: transparent !important }')).not.toEqual(letters);
    expect(mirrored.equals(letters)).toBe(true);
    const changed = differences(tinted, decode(letters));
    expect(changed).toBeGreaterThan(200);
    expect(changed).toBeLessThan(0.5 * tinted.width * tinted.height);
  });
}

test('a browser without highlights has the plain prompt', async ({ easel, page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'Highlight'));
  await easel.openEarly();
  await easel.prompt.fill(WEIGHTED);
  await expect(easel.prompt).toHaveValue(WEIGHTED);
  await expect(page.locator('.prompt-mirror')).toHaveCount(0);
});

/** How many pixels of two pictures of one size differ. */
function differences(a: Pixels, b: Pixels): number {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  let count = 0;
  for (let i = 0; i < a.width * a.height; i++) {
    const differs = [0, 1, 2].some((c) => a.data[i * a.channels + c] !== b.data[i * b.channels + c]);
    if (differs) count++;
  }
  return count;
}
