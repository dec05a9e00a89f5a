import { randomBytes } from 'node:crypto';
import { mersenneTwister } from '../../../core/random';
import type { OwnBrowser } from '../durability/own-browser';
import { openStoreBrowser, type StoreBrowser } from './browser';
import type { StoreNews } from './protocol';

export interface Survival {
  trials: number;
  /** After so many of them the store opened, what it listed was whole, and the download went on. */
  survived: number;
  /** So many hit a write. */
  withinWrites: number;
  /** So often a model arrived whole in spite of it all. */
  arrived: number;
  faults: string[];
  /** How often a site was asked whether a request may be made. */
  preflights: number;
}

const MIB = 2 ** 20;

/** A model whose download takes some seconds, so that most kills hit it. */
function publish({ sites }: StoreBrowser): void {
  const weights = (bytes: number) => {
    const file = randomBytes(bytes);
    file.writeBigUInt64LE(2n, 0);
    file.write('{}', 8);
    return file;
  };
  sites.addRepository('some/model', {
    'model_index.json': Buffer.from('{}'),
    'unet/config.json': Buffer.from('{}'),
    'unet/diffusion_pytorch_model.safetensors': weights(16 * MIB),
    'vae/config.json': Buffer.from('{}'),
    'vae/diffusion_pytorch_model.safetensors': weights(5 * MIB),
  });
  sites.spoil = () => ({ pieceMs: 4 });
}

/**
 * Kills the browser at random moments of downloads and writes, and looks each time at what the next start finds.
 * @param seed of the moments
 */
export async function killTrials(trials: number, seed: number, tell: (line: string) => void): Promise<Survival> {
  const random = randomMoments(seed);
  const browser = await openStoreBrowser();
  publish(browser);
  const survival: Survival = { trials, survived: 0, withinWrites: 0, arrived: 0, faults: [], preflights: 0 };
  try {
    // One start more than kills: the last one looks at what the last kill left.
    for (let trial = 0; trial <= trials; trial++) {
      const opened = await visitAndKill(browser, momentOf(trial, trials, random), survival);
      if (trial === 0) continue;
      if (opened.wasWriting) survival.withinWrites++;
      if (opened.damaged.length > 0) survival.faults.push(`kill ${trial}: damaged ${opened.damaged.join(', ')}`);
      else survival.survived++;
      if (trial % 10 === 0) tell(`${trial} kills, ${survival.withinWrites} within a write`);
    }
    survival.preflights = browser.sites.seen.filter(({ method }) => method === 'OPTIONS').length;
  } finally {
    await browser.close();
  }
  return survival;
}

type Opened = Extract<StoreNews, { kind: 'opened' }>;

/** When the browser is killed: so long after the store opened, within one of its writes, or when a model is whole. */
type Moment = { afterMs: number } | { write: number } | 'whole';

function momentOf(trial: number, trials: number, random: () => number): Moment {
  if (trial === trials) return 'whole';
  return trial % 2 === 0 ? { write: 1 + Math.floor(random() * 40) } : { afterMs: random() * 2000 };
}

async function visitAndKill({ visit }: StoreBrowser, moment: Moment, survival: Survival): Promise<Opened> {
  let opened: Opened | undefined;
  let begin: Promise<OwnBrowser> | undefined;
  await new Promise<void>((resolve, reject) => {
    const hear = (news: StoreNews) => {
      if (news === 'whole') {
        survival.arrived++;
        if (moment === 'whole') resolve();
      } else if (news === 'writing') {
        resolve();
      } else if (news.kind === 'opened') {
        opened = news;
        if (typeof moment === 'object' && 'afterMs' in moment) setTimeout(resolve, moment.afterMs);
      } else reject(new Error(news.kind === 'failed' ? news.message : 'The worker measures.'));
    };
    const write = typeof moment === 'object' && 'write' in moment ? moment.write : 0;
    begin = visit({ kind: 'trial', write }, hear);
    begin.catch(reject);
  });
  await (await begin)?.kill();
  if (!opened) throw new Error('The store did not open.');
  return opened;
}

function randomMoments(seed: number): () => number {
  const next = mersenneTwister(seed);
  return () => next() / 2 ** 32;
}
