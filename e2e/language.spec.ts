import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { bomb } from '../src/cli/fuzz/bombs';
import { CATALOGUE } from '../src/library/catalogue';
import { expect, test } from './fixtures/easel';

// English with every text of the table in brackets: what is seen without them does not come from the table.
test.use({ starter: 'tiny', locale: 'en-XA' });

/** What the starter says of itself, in its own language. */
const STARTER = JSON.parse(readFileSync(`${import.meta.dirname}/../models/starter/manifest.json`, 'utf8'));
/** And names of models, which are the same in every language. */
const NAMES = new Set<string>([
  STARTER.name,
  STARTER.summary,
  ...STARTER.examples,
  ...CATALOGUE.map(({ name }) => name),
]);

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

test('every text of the first view comes from the table, and what errors say', async ({ easel, page }, testInfo) => {
  await page.goto('./');
  await expect(page.getByTestId('model')).toContainText(STARTER.name);
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('en-XA');
  expect(await unmarked(page)).toEqual([]);

  // Of a field, of the worker that reads pictures, and of the engine's.
  await page.locator('[data-field=steps]').fill('0');
  await expect(page.getByRole('alert')).toContainText('⟦Steps must be at least 1.⟧');
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
