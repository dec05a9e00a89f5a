import { writeFileSync } from 'node:fs';
import { bomb, SMALL_PICTURE as PICTURE } from '../src/cli/fuzz/bombs';
import { withText } from '../src/core/image/png-chunks';
import { CanvasPage } from './fixtures/canvas';
import { expect, test } from './fixtures/easel';
import { en } from './fixtures/texts';

test.use({ starter: 'tiny' });

test('files and texts that are far too large are refused by name, and the page goes on', async ({
  easel,
  page,
}, testInfo) => {
  await easel.openEarly();
  /** Looks at each frame: messages go away by themselves. */
  const said = (text: string) => page.waitForFunction((wanted) => document.body.innerText.includes(wanted), text);

  for (const [name, png, message] of [
    [
      'long1m.png',
      withText(PICTURE, 'parameters', 'x'.repeat(1e6)),
      'Prompt must have 100,000 characters at most; it has 1,000,000. Shorten it.',
    ],
    [
      'text.png',
      withText(PICTURE, 'parameters', 'x'.repeat(2e6)),
      'has 2.0 MB, and Easel reads settings of up to 1 MB',
    ],
    ['ztxt.png', bomb('zTXt', 'parameters\0\0'), 'unpacks to more than 16 MB. Save the picture again without it'],
    [
      'itxt.png',
      bomb('iTXt', 'parameters\0\x01\0\0\0'),
      'unpacks to more than 16 MB. Save the picture again without it',
    ],
  ] as const) {
    const file = testInfo.outputPath(name);
    writeFileSync(file, png);
    const told = Promise.all([said(en.store.unread(name, '')), said(message)]);
    await easel.dropOnSettings(file);
    await told;
  }
  await expect(easel.prompt).toHaveValue('');

  const full = page.getByText(en.settings.longestPrompt(100));
  await easel.prompt.fill('a fox');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((text) => navigator.clipboard.writeText(text), '(a'.repeat(100_000));
  await easel.prompt.press('Control+V');
  await expect(full).toContainText(en.settings.pasteLeftOut);
  await expect(easel.prompt).toHaveValue('a fox');
  await easel.prompt.fill('');
  await expect(full).toBeHidden();
  await page.keyboard.insertText('(a'.repeat(200_000));
  await expect(full).toBeVisible();
  expect((await easel.prompt.inputValue()).length).toBe(100_000);
  // Painting its tints would hold the page up.
  const tints = () => Array.from(CSS.highlights.values(), ({ size }) => size).reduce((sum, size) => sum + size, 0);
  expect(await page.evaluate(tints)).toBe(0);
  await easel.prompt.fill('a (red:1.5) fox');
  expect(await page.evaluate(tints)).toBe(1);
  await easel.prompt.fill('a fox');
  await expect(full).toBeHidden();

  const canvas = new CanvasPage(page);
  await canvas.show();
  const told = Promise.all([said('icc.png'), said('colour profile'), said('unpacks to more than 4 MB')]);
  await canvas.openFile('icc.png', 'image/png', bomb('iCCP', 'icc\0\0'));
  await told;
  await canvas.openFile('fine.png', 'image/png', Buffer.from(PICTURE));
  await said(en.canvas.frame('2 × 1'));
});
