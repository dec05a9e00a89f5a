import type { BrowserContext, Page } from 'playwright';
import { bareTab, holdDatabase } from './database';
import { newProfile } from './own-browser';
import { generate, openCanvas, openPage, PATIENCE_MS, resultsOf, showView, takeBrush } from './page';
import { draw, missing } from './strokes';
import type { Piece } from './tally';

/** Larger than the view: it then fills the same share of it with the bar that tells of trouble as without. */
const SIDE = 1024;
const STROKES = 3;

/** One trial in a browser of its own. @returns how many things were kept, of how many */
type Trial = (context: BrowserContext, address: string) => Promise<[kept: number, of: number]>;

const piecesOf = (what: string, trials: Readonly<Record<string, Trial>>): Piece[] =>
  Object.entries(trials).map(([about, trial]) => ({
    what,
    trials: 1,
    async run(address, cores, tell) {
      const profile = await newProfile([], cores);
      const browser = await profile.start();
      try {
        const [kept, of] = await trial(browser.context, address);
        tell({ about, kept, lost: of - kept });
      } finally {
        await browser.kill();
        await profile.remove();
      }
    },
  }));

/** The disk is full, the page says so, and there is room again: all is kept that was made meanwhile. */
export const quotaPieces = (): Piece[] =>
  piecesOf('full disks', { results: resultsOnFullDisk, canvas: canvasOnFullDisk, settings: settingsInFullStorage });

/** Another version of the page has the database. */
export const upgradePieces = (): Piece[] =>
  piecesOf('upgrades', { 'a newer page comes': newerComes, 'an older page stays': olderStays });

const unsaved = (page: Page, what: string) => page.getByText(new RegExp(`^Not saved: .*${what}`)).first();

/** Waits until the page says that something is not saved, and after `makeRoom` until all is. */
async function untilSaved(page: Page, what: string, makeRoom: () => Promise<unknown>): Promise<void> {
  await unsaved(page, what).waitFor({ timeout: PATIENCE_MS });
  await makeRoom();
  await unsaved(page, '').waitFor({ state: 'hidden', timeout: PATIENCE_MS });
}

/** Opens the page where there is no room for it. @returns the page, and what makes room */
async function openOnFullDisk(context: BrowserContext, address: string, model: boolean) {
  const bare = await bareTab(context, address);
  const devtools = await context.newCDPSession(bare);
  const { origin } = new URL(address);
  // Before the page first asks: Chromium remembers for a while what room there was.
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  const page = await openPage(context, address, { model });
  return { page, makeRoom: () => devtools.send('Storage.overrideQuotaForOrigin', { origin }) };
}

const resultsOnFullDisk: Trial = async (context, address) => {
  const { page, makeRoom } = await openOnFullDisk(context, address, true);
  await generate(page, 2, 1);
  await resultsOf(page, 2);
  await untilSaved(page, '2 pictures', makeRoom);
  await page.reload();
  return [await resultsOf(page, 2), 2];
};

const canvasOnFullDisk: Trial = async (context, address) => {
  const { page, makeRoom } = await openOnFullDisk(context, address, false);
  await openCanvas(page, SIDE);
  const strokes = await drawSome(page);
  await untilSaved(page, 'the canvas', makeRoom);
  await page.reload();
  return [STROKES - (await missing(page, strokes)).length, STROKES];
};

const settingsInFullStorage: Trial = async (context, address) => {
  const page = await openPage(context, address, { view: 'paint' });
  const prompt = page.getByRole('textbox', { name: 'Prompt', exact: true });
  await prompt.waitFor();
  await page.evaluate(() => {
    const { localStorage } = globalThis as unknown as { localStorage: { setItem(key: string, text: string): void } };
    for (let length = 2 ** 22; length >= 1; length /= 2)
      try {
        for (let i = 0; ; i++) localStorage.setItem(`filler ${length} ${i}`, 'x'.repeat(length));
      } catch {
        // smaller ones may still fit
      }
  });
  await prompt.fill('a long and precious prompt');
  await untilSaved(page, '', () =>
    page.evaluate(() => {
      const { localStorage } = globalThis as unknown as { localStorage: Record<string, string> };
      for (const key of Object.keys(localStorage)) if (key.startsWith('filler')) delete localStorage[key];
    }),
  );
  await page.reload();
  await prompt.waitFor();
  return [(await prompt.inputValue()) === 'a long and precious prompt' ? 1 : 0, 1];
};

async function drawSome(page: Page) {
  await takeBrush(page);
  const strokes = [];
  for (let i = 0; i < STROKES; i++) strokes.push(await draw(page, i, 20));
  return strokes;
}

/** The page lets go of the database with all that it has, and marks what is painted afterwards. */
const newerComes: Trial = async (context, address) => {
  const page = await openPage(context, address, { model: true });
  await generate(page, 1, 1);
  await resultsOf(page, 1);
  await showView(page, 'Canvas');
  await openCanvas(page, SIDE);
  await drawSome(page);
  const bare = await bareTab(context, address);
  const found = await holdDatabase(bare, 'newer');
  await page.getByText('A newer Easel').waitFor();
  await generate(page, 1, 1);
  await unsaved(page, '1 picture').waitFor({ timeout: PATIENCE_MS });
  // The picture that was opened is a step, too.
  return [Math.min(found.results, 1) + Math.min(found.steps - 1, STROKES), 1 + STROKES];
};

/** The page says which tab to close, paints meanwhile, and keeps all of it when that tab is gone. */
const olderStays: Trial = async (context, address) => {
  const bare = await bareTab(context, address);
  await holdDatabase(bare, 'first');
  const page = await openPage(context, address, { model: true });
  await page.getByText('Close that tab').waitFor();
  await openCanvas(page, SIDE);
  const strokes = await drawSome(page);
  await generate(page, 1, 1);
  await untilSaved(page, '1 picture', () => bare.close());
  await page.reload();
  const results = await resultsOf(page, 1);
  await showView(page, 'Canvas');
  return [results + STROKES - (await missing(page, strokes)).length, 1 + STROKES];
};
