import { randomBytes } from 'node:crypto';
import { EaselError, said } from '../../../core/errors';
import { MACHINE, report } from '../report';
import { openStoreBrowser } from './browser';
import { killTrials } from './kill-trials';
import type { StoreNews } from './protocol';

const KILLS = 100;
/** Of the file that the rates are measured with. */
const MEASURED_BYTES = 256 * 2 ** 20;
const SEED = 18;

/**
 * What becomes of models that are being downloaded and copied where the browser is killed, and how fast they come: in
 * headless Chromium, from stand-ins of the sites on this machine.
 * @param counts how often the browser is killed
 */
export async function store([count]: readonly string[]): Promise<void> {
  const kills = count === undefined ? KILLS : Number(count);
  if (!Number.isInteger(kills) || kills < 0)
    throw new EaselError('bad-request', said`"${count}" is not a number of kills. Give a whole one, as in: store 10.`);
  const rates = await measure();
  const { survived, withinWrites, arrived, faults } = await killTrials(kills, SEED, console.log);
  for (const fault of faults) console.error(fault);
  await report('store', {
    machine: MACHINE,
    'MB/s': rates,
    'kills within a write': withinWrites,
    'models that arrived': arrived,
  });
  console.log(`survived ${survived} of ${kills}`);
}

/** Megabytes a second. */
async function measure(): Promise<Readonly<Record<string, number>>> {
  const { sites, visit, close } = await openStoreBrowser();
  const file = randomBytes(MEASURED_BYTES);
  file.writeBigUInt64LE(2n, 0);
  file.write('{}', 8);
  sites.addRepository('some/large', { 'large.safetensors': file });
  try {
    const { download, write, hash, fetched } = await new Promise<Extract<StoreNews, { kind: 'measured' }>>(
      (resolve, reject) => {
        visit({ kind: 'measure', address: 'some/large' }, (news) => {
          if (typeof news !== 'object') return;
          if (news.kind === 'measured') resolve(news);
          if (news.kind === 'failed') reject(new Error(news.message));
        }).catch(reject);
      },
    );
    return {
      'download, hash and write': Math.round(download),
      'plain write': Math.round(write),
      'hash from the disk': Math.round(hash),
      'plain download': Math.round(fetched),
    };
  } finally {
    await close();
  }
}
