import { readFileSync, writeFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright/test';
import { bomb } from '../src/cli/fuzz/bombs';
import { CATALOGUE } from '../src/library/catalogue';
import { NAME_WORDS } from '../src/store/gallery/name-pattern';
import { en } from '../src/texts/table';
import { expect, test } from './fixtures/easel';

// English with every text of the table in brackets: what is seen without them does not come from the table.
test.use({ starter: 'tiny', locale: 'en-XA' });

/** What the starter says of itself, in its own language. */
const STARTER = JSON.parse(readFileSync(`${import.meta.dirname}/../models/starter/manifest.json`, 'utf8'));
/** And names, which are the same in every language: of models, their family, and what stands in names of files. */
const NAMES = [
  STARTER.name,
  STARTER.summary,
  ...STARTER.examples,
  ...CATALOGUE.map(({ name }) => name),
  'SD 1.x',
  'red apple', // what is painted
  ...NAME_WORDS.map((word) => `[${word}]`),
];

/**
 * What is seen or read out on the page and has letters that no brackets enclose: text between tags, and names of
 * elements.
 */
async function unmarked(page: Page): Promise<string[]> {
  const found = await page.evaluate((names) => {
    let depth = 0;
    /** What of a text no brackets enclose, those that were open before it counted. */
    const outside = (text: string) => {
      let free = '';
      for (const letter of text) {
        if (letter === '⟦') depth++;
        if (depth === 0) free += letter;
        if (letter === '⟧') depth--;
      }
      return free;
    };
    const words: string[] = [];
    const add = (text: string, where = '') => {
      const others = names.reduce((left, name) => left.replaceAll(name, ''), text);
      if (/\p{L}{2}/u.test(others)) words.push(where + text.trim());
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node instanceof Text) {
        if (!/^(script|style|textarea|noscript)$/i.test(node.parentElement?.tagName ?? '')) add(outside(node.data));
        continue;
      }
      const element = node as Element;
      if (element.closest('[aria-hidden=true]')) continue; // of a drawing, none of which is read out
      const before = depth;
      for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-description', 'aria-valuetext']) {
        depth = 0;
        add(outside(element.getAttribute(name) ?? ''), `${name}: `);
      }
      depth = before;
    }
    if (depth !== 0) words.push('brackets that do not close');
    return words;
  }, NAMES);
  return [...new Set(found)];
}

test('every text of the first view comes from the table, and what errors say', async ({ easel, page }, testInfo) => {
  await page.goto('./');
  await expect(page.getByTestId('model')).toContainText(STARTER.name);
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('en-XA');
  expect(await unmarked(page)).toEqual([]);

  // Of a field, of the worker that reads pictures, and of the engine's.
  await page.locator('[data-field=steps]').fill('0');
  await expect(page.getByRole('alert')).toContainText('⟦⟦Steps⟧ must be at least 1.⟧');
  const picture = testInfo.outputPath('bomb.png');
  writeFileSync(picture, bomb('zTXt', 'parameters\0\0'));
  await easel.dropOnSettings(picture);
  await expect(page.getByText(/bomb\.png could not be read: ⟦⟦.*⟧ unpacks to more than 16 MB/).first()).toBeVisible();
  const model = testInfo.outputPath('model.safetensors');
  writeFileSync(model, 'version https://git-lfs.github.com/spec/v1');
  await (await easel.dragFolder(model))();
  await expect(page.getByText(/⟦model\.safetensors is ⟦a Git LFS pointer/).first()).toBeVisible();
  expect(await unmarked(page)).toEqual([]);
});

/** What is looked at, and what of it was not from the table. */
class Tour {
  readonly found: Record<string, string[]> = {};
  readonly #opened = new Set<string>();

  constructor(readonly page: Page) {}

  async look(where: string): Promise<void> {
    const words = await unmarked(this.page);
    if (words.length > 0) this.found[where] = words;
  }

  /** Opens what opens by each of these, looks, and closes it; what stands in every view is opened in the first. */
  async open(triggers: Locator, where: string): Promise<void> {
    for (const trigger of await triggers.all()) {
      if (!(await trigger.isVisible()) || !(await trigger.isEnabled())) continue;
      const name = (await trigger.getAttribute('aria-label')) ?? (await trigger.innerText());
      if (this.#opened.has(name)) continue;
      this.#opened.add(name);
      await trigger.click();
      await this.look(`${where}: ${name}`);
      await this.page.keyboard.press('Escape');
    }
  }
}

test('every view has its words from the table, and the menus and sheets that open in it', async ({ easel, page }) => {
  await page.goto('./');
  await expect(page.getByTestId('model')).toContainText(STARTER.name);
  const tour = new Tour(page);
  const marked = (text: string) => ({ name: `⟦${text}⟧`, exact: true });
  await page.getByRole('textbox', marked(en.settings.prompt)).fill('a red apple');
  await page.locator('[data-field=steps]').fill('2');
  await page.getByRole('button', { name: `⟦${en.settings.generate}` }).click();
  await expect(easel.picture).toBeVisible();
  for (const view of ['paint', 'canvas', 'gallery', 'models', 'lab'] as const) {
    const link = page.getByRole('link', marked(en.app[view]));
    await link.click();
    await expect(link).toHaveAttribute('aria-current', 'page');
    await expect(page.locator('.view[data-current] .view-loading')).toHaveCount(0);
    await tour.look(view);
    await tour.open(page.locator('summary'), view);
    await tour.open(page.locator('[aria-haspopup]'), view);
  }
  await page.getByRole('link', marked(en.app.paint)).click();
  for (const sheet of [en.studio.openPlot, en.folder.open, en.studio.openStyles, en.studio.openWildcards]) {
    await page.getByRole('button', marked(en.settings.promptMenu)).click();
    await page.getByRole('button', marked(sheet)).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await tour.look(sheet);
    await page.keyboard.press('Escape');
  }
  expect(tour.found).toEqual({});
});
