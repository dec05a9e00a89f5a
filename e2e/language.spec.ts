import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { en } from '../src/texts/table';
import { expect, test } from './fixtures/easel';
import { STARTER as STARTER_FILES } from './fixtures/tiny-model';

// English with every text of the table in brackets: what is seen without them does not come from the table.
test.use({ starter: 'tiny', locale: 'en-XA' });

/** What the starter says of itself, in its own language. */
const STARTER = JSON.parse(readFileSync(`${import.meta.dirname}/../models/starter/manifest.json`, 'utf8'));
/** Names that are the same everywhere: of the model, of devices, of keys. */
const NAMES = new Set<string>(['Easel Starter', STARTER.summary, ...STARTER.examples]);

/**
 * What is seen or read out on the page and has letters that no brackets enclose: text between tags, and names of
 * elements.
 */
async function unmarked(page: Page): Promise<string[]> {
  const found = await page.evaluate(() => {
    const isWord = /\p{L}{2}/u;
    const outside = (text: string) => text.replace(/⟦[^⟦⟧]*⟧/g, '').replace(/⟦[^⟦⟧]*⟧/g, '');
    const words: string[] = [];
    let depth = 0;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node instanceof Element) {
        for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
          const text = outside(node.getAttribute(name) ?? '');
          if (isWord.test(text)) words.push(`${name}="${text}"`);
        }
        continue;
      }
      if (/^(SCRIPT|STYLE|TEXTAREA|NOSCRIPT)$/.test(node.parentElement?.tagName ?? '')) continue;
      let free = '';
      for (const letter of node.textContent ?? '') {
        if (letter === '⟦') depth++;
        if (depth === 0) free += letter;
        if (letter === '⟧') depth--;
      }
      if (isWord.test(free)) words.push(free.trim());
    }
    if (depth !== 0) words.push('brackets that do not close');
    return words;
  });
  return [...new Set(found)].filter((text) => !NAMES.has(text));
}

/** Opens each menu and each fold of a view, one after the other. */
async function unmarkedIn(page: Page, view: string): Promise<string[]> {
  const found = await unmarked(page);
  const shown = page.locator('.view').filter({ visible: true });
  await shown.evaluate((element) => {
    for (const fold of element.querySelectorAll('details')) fold.open = true;
  });
  found.push(...(await unmarked(page)));
  const menus = shown.locator('[aria-haspopup]:enabled');
  for (let at = 0; at < (await menus.count()); at++) {
    if (!(await menus.nth(at).isVisible())) continue;
    await menus.nth(at).press('Enter');
    await expect(page.locator('[data-state="open"][role]').first()).toBeVisible();
    found.push(...(await unmarked(page)));
    await page.keyboard.press('Escape');
  }
  return [...new Set(found)].map((text) => `${view}: ${text}`);
}

test('every text of the page comes from the table', async ({ page }) => {
  await page.route(STARTER_FILES, () => undefined); // on its way: opening it is most of a visit's work
  await page.goto('./');
  await expect(page.getByRole('navigation', { name: `⟦${en.app.views}⟧` })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('en-XA');
  const found = await unmarkedIn(page, 'paint');
  await page.goto('#canvas');
  await page.locator('.canvas-begin > .button').last().click();
  await expect(page.getByTestId('canvas')).toBeVisible();
  found.push(...(await unmarkedIn(page, 'canvas')));
  await page.goto('#models');
  await expect(page.getByRole('list', { name: `⟦${en.models.knownModels}⟧` })).toBeVisible();
  found.push(...(await unmarkedIn(page, 'models')));
  await page.goto('#lab');
  await expect(page.getByRole('heading', { name: `⟦${en.lab.whatTheSettingsDo}⟧` })).toBeVisible();
  found.push(...(await unmarked(page)).map((text) => `lab: ${text}`));
  expect(found).toEqual([]);
});
