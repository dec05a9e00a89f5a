import type { Page } from 'playwright';
import { mersenneTwister } from '../../../core/random';
import { type Cores, newProfile, type OwnBrowser, type Profile } from './own-browser';
import { openCanvas, openPage, startPainting, takeBrush } from './page';
import { draw, MAX_STROKES, missing, type Stroke } from './strokes';
import type { Piece, Tell } from './tally';

/** Strokes this old must outlive a kill. */
const KILL_MAY_COST_MS = 3000;

/** The slowest first, so that browsers side by side end together. */
const SIDES = [4096, 2048, 1024, 512];

/** As many trials share a browser at most: a long row of them would be waited for by all others. */
const MAX_TRIALS = 13;

/** Trials that share a canvas: each end is followed by a look at all strokes of the canvas so far. */
interface Series {
  side: number;
  painting: boolean;
  trials: number;
}

/** Where a series is run, and who hears of it. */
interface Where {
  address: string;
  cores: Cores;
  tell: Tell;
}

type Random = (from: number, to: number) => number;

/** Trials spread over all sides, painting and idle. */
function seriesOf(trials: number): Series[] {
  const kinds = [true, false].flatMap((painting) => SIDES.map((side) => ({ side, painting })));
  return kinds.flatMap((kind, i) => {
    const all = Math.floor((trials + i) / kinds.length);
    const parts = Math.ceil(all / MAX_TRIALS);
    return Array.from({ length: parts }, (_, part) => ({ ...kind, trials: Math.floor((all + part) / parts) }));
  });
}

/** Random whole numbers, the same at every run. */
function dice(seed: number): Random {
  const next = mersenneTwister(seed);
  return (from, to) => from + (next() % (to - from + 1));
}

const describe = ({ side, painting }: Series) => `${side} x ${side}, ${painting ? 'painting' : 'idle'}`;

/**
 * The page goes at a random moment after strokes: by reload, by a link away and back, with its tab. None may be
 * missing.
 */
export const leavePieces = (trials: number): Piece[] =>
  seriesOf(trials).map((series, i) => ({
    what: 'left pages',
    trials: series.trials,
    run: (address, cores, tell) => leaveOften({ address, cores, tell }, series, dice(2 * i)),
  }));

/**
 * The browser is killed at a random moment while strokes are drawn without a pause. Only those of the last 3 s may be
 * missing.
 */
export const killPieces = (trials: number): Piece[] =>
  seriesOf(trials).map((series, i) => ({
    what: 'kills',
    trials: series.trials,
    run: (address, cores, tell) => killOften({ address, cores, tell }, series, dice(2 * i + 1)),
  }));

/** A canvas that fills with strokes, trial by trial. */
class Drawing {
  /** All that were seen after the last trial. */
  strokes: readonly Stroke[] = [];
  /** How many cells of the canvas had a stroke; without a canvas as if all had. */
  private used = MAX_STROKES;

  constructor(
    private readonly series: Series,
    private readonly random: Random,
  ) {}

  /** Draws so many strokes, on a new canvas where this one has no room for them. */
  async draw(page: Page, count: number, pause: () => Promise<void>): Promise<void> {
    if (this.used + count > MAX_STROKES) {
      await openCanvas(page, this.series.side);
      [this.strokes, this.used] = [[], 0];
    }
    await takeBrush(page);
    if (this.series.painting) await startPainting(page);
    for (const end = this.used + count; this.used < end; this.used++) {
      this.strokes = [...this.strokes, await draw(page, this.used, this.random(1, 200))];
      await pause();
    }
    await page.waitForTimeout(this.random(0, 3000));
  }

  /** Which strokes are not seen on a page that was opened again; they are looked for no more. */
  async unseen(page: Page): Promise<readonly Stroke[]> {
    const unseen = await missing(page, this.strokes);
    this.strokes = this.strokes.filter((stroke) => !unseen.includes(stroke));
    return unseen;
  }
}

async function leaveOften({ address, cores, tell }: Where, series: Series, random: Random): Promise<void> {
  const profile = await newProfile([], cores);
  const { context, kill } = await profile.start();
  try {
    const open = () => openPage(context, address, { model: series.painting });
    let page = await open();
    const drawing = new Drawing(series, random);
    for (let trial = 0; trial < series.trials; trial++) {
      const count = random(1, 3);
      await drawing.draw(page, count, async () => undefined);
      page = await leave(page, `${address}#canvas`, trial, open);
      const lost = (await drawing.unseen(page)).length;
      tell({ about: describe(series), kept: count - lost, lost });
    }
  } finally {
    await kill();
    await profile.remove();
  }
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

async function killOften({ address, cores, tell }: Where, series: Series, random: Random): Promise<void> {
  const profile = await newProfile([], cores);
  let { browser, page } = await start(profile, address, series);
  try {
    const drawing = new Drawing(series, random);
    for (let trial = 0; trial < series.trials; trial++) {
      const count = random(3, 8);
      await drawing.draw(page, count, () => page.waitForTimeout(random(0, 700)));
      const killedAt = Date.now();
      await browser.kill();
      ({ browser, page } = await start(profile, address, series));
      const unseen = await drawing.unseen(page);
      const lost = unseen.filter(({ doneAt }) => doneAt < killedAt - KILL_MAY_COST_MS).length;
      tell({ about: describe(series), kept: count - unseen.length, lost, allowed: unseen.length - lost });
    }
  } finally {
    await browser.kill();
    await profile.remove();
  }
}

async function start(
  profile: Profile,
  address: string,
  { painting }: Series,
): Promise<{ browser: OwnBrowser; page: Page }> {
  const browser = await profile.start();
  return { browser, page: await openPage(browser.context, address, { model: painting }) };
}
