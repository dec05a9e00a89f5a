import type { Page } from 'playwright';
import { mersenneTwister } from '../../../core/random';
import { newProfile, type OwnBrowser, type Profile } from './own-browser';
import { openCanvas, openPage, startPainting, takeBrush } from './page';
import { draw, MAX_STROKES, missing, type Stroke } from './strokes';
import type { Tally } from './tally';

/** Strokes this old must outlive a kill. */
const KILL_MAY_COST_MS = 3000;

const SIDES = [512, 1024, 2048, 4096];

/** Trials that share a canvas: each end is followed by a look at all strokes of the canvas so far. */
interface Series {
  side: number;
  painting: boolean;
  trials: number;
}

/** Trials spread over all sides, idle and painting. */
function seriesOf(trials: number): Series[] {
  const kinds = [false, true].flatMap((painting) => SIDES.map((side) => ({ side, painting })));
  const all = kinds.map((kind, i) => ({ ...kind, trials: Math.floor((trials + i) / kinds.length) }));
  return all.filter((series) => series.trials > 0);
}

/** Random whole numbers, the same at every run. */
function dice(seed: number): (from: number, to: number) => number {
  const next = mersenneTwister(seed);
  return (from, to) => from + (next() % (to - from + 1));
}

const describe = ({ side, painting, trials }: Series) =>
  `${side} x ${side}, ${painting ? 'painting' : 'idle'}, ${trials} trials`;

/**
 * The page goes at a random moment after strokes: by reload, by a link away and back, with its tab. None may be
 * missing.
 */
export async function leaveTrials(address: string, trials: number): Promise<Tally> {
  const tally: Tally = { what: 'left pages', trials, kept: 0, lost: 0 };
  const random = dice(trials);
  for (const series of seriesOf(trials)) {
    const profile = await newProfile();
    const { context, close } = await profile.start();
    const open = () => openPage(context, address, { model: series.painting });
    let page = await open();
    let strokes: readonly Stroke[] = [];
    let [cell, lost] = [0, 0];
    for (let trial = 0; trial < series.trials; trial++) {
      const count = random(1, 3);
      if (trial === 0 || cell + count > MAX_STROKES) {
        await openCanvas(page, series.side);
        [strokes, cell] = [[], 0];
      }
      await takeBrush(page);
      if (series.painting) await startPainting(page);
      for (const end = cell + count; cell < end; cell++) strokes = [...strokes, await draw(page, cell, random(1, 200))];
      await page.waitForTimeout(random(0, 3000));
      page = await leave(page, `${address}#canvas`, trial, open);
      const unseen = await missing(page, strokes);
      lost += unseen.length;
      tally.kept += count - unseen.length;
      strokes = strokes.filter((stroke) => !unseen.includes(stroke));
    }
    tally.lost += lost;
    console.log(`left, ${describe(series)}: ${lost} strokes missing`);
    await close();
    await profile.remove();
  }
  return tally;
}

async function leave(page: Page, address: string, trial: number, open: () => Promise<Page>): Promise<Page> {
  switch (trial % 3) {
    case 0:
      await page.reload();
      return page;
    case 1:
      await page.goto('about:blank');
      await page.goto(address);
      return page;
    default:
      await page.close();
      return open();
  }
}

/**
 * The browser is killed at a random moment while strokes are drawn without a pause. Only those of the last 3 s may be
 * missing.
 */
export async function killTrials(address: string, trials: number): Promise<Tally> {
  const tally: Tally = { what: 'kills', trials, kept: 0, lost: 0 };
  const random = dice(trials + 1);
  for (const series of seriesOf(trials)) {
    const profile = await newProfile();
    let { browser, page } = await start(profile, address, series);
    let strokes: readonly Stroke[] = [];
    let [cell, lost, young] = [0, 0, 0];
    for (let trial = 0; trial < series.trials; trial++) {
      const count = random(3, 8);
      if (trial === 0 || cell + count > MAX_STROKES) {
        await openCanvas(page, series.side);
        [strokes, cell] = [[], 0];
      }
      await takeBrush(page);
      if (series.painting) await startPainting(page);
      const before = strokes.length;
      for (const end = cell + count; cell < end; cell++) {
        strokes = [...strokes, await draw(page, cell, random(1, 200))];
        await page.waitForTimeout(random(0, 700));
      }
      await page.waitForTimeout(random(0, 3000));
      const killedAt = Date.now();
      await browser.kill();
      ({ browser, page } = await start(profile, address, series));
      const unseen = await missing(page, strokes);
      const old = unseen.filter(({ doneAt }) => doneAt < killedAt - KILL_MAY_COST_MS);
      lost += old.length;
      young += unseen.length - old.length;
      strokes = strokes.filter((stroke) => !unseen.includes(stroke));
      tally.kept += strokes.length - before;
    }
    tally.lost += lost;
    console.log(`killed, ${describe(series)}: ${lost} strokes missing, ${young} more of the last 3 s`);
    await browser.kill();
    await profile.remove();
  }
  return tally;
}

async function start(
  profile: Profile,
  address: string,
  { painting }: Series,
): Promise<{ browser: OwnBrowser; page: Page }> {
  const browser = await profile.start();
  return { browser, page: await openPage(browser.context, address, { model: painting }) };
}
