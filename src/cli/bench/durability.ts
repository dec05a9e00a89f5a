import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { EaselError, said } from '../../core/errors';
import { ROOT } from '../prepare.mjs';
import { killTrials, leaveTrials } from './durability/canvas-trials';
import { quotaTrials, upgradeTrials } from './durability/disk-trials';
import { MACHINE, report } from './report';

/** How often the page is left, and the browser killed, where nothing else is said. */
const TRIALS = { left: 200, kills: 50 };

/**
 * What is lost where the page or its browser goes at a bad moment, the disk is full or another version has the
 * database: in headless Chromium, on the built page.
 * @param counts how often the page is left and the browser is killed
 */
export async function durability(counts: readonly string[]): Promise<void> {
  const [left, kills] = [countOf(counts[0], TRIALS.left), countOf(counts[1], TRIALS.kills)];
  const outDir = await mkdtemp(join(tmpdir(), 'easel-durability-'));
  await build({ root: ROOT, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  const server = await preview({ root: ROOT, logLevel: 'warn', build: { outDir }, preview: { port: 0 } });
  const address = server.resolvedUrls?.local[0] ?? '';
  try {
    const tallies = [
      await leaveTrials(address, left),
      await killTrials(address, kills),
      await quotaTrials(address),
      await upgradeTrials(address),
    ];
    await report('durability', { machine: MACHINE, trials: tallies });
    console.log(`lost ${tallies.reduce((sum, { lost }) => sum + lost, 0)}`);
  } finally {
    await server.close();
    await rm(outDir, { recursive: true });
  }
}

function countOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0) return count;
  throw new EaselError(
    'bad-request',
    said`"${text}" is not a number of trials. Give two whole numbers, as in: durability 4 2.`,
  );
}
