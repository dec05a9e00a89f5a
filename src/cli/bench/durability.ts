import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { EaselError, said } from '../../core/errors';
import { ROOT } from '../prepare.mjs';
import { killPieces, leavePieces } from './durability/canvas-trials';
import { quotaPieces, upgradePieces } from './durability/disk-trials';
import type { Cores } from './durability/own-browser';
import { runPieces, verdictOf } from './durability/tally';
import { MACHINE, report } from './report';

/** How often the page is left, and the browser killed, where nothing else is said. */
const TRIALS = { left: 200, kills: 50 };

/** What a browser that paints is worth. */
const CORES_A_BROWSER = 4;

/**
 * What is lost where the page or its browser goes at a bad moment, the disk is full or another version has the
 * database: in headless Chromium, on the built page.
 * @param counts how often the page is left and the browser is killed, and how many browsers do it side by side
 */
export async function durability(counts: readonly string[]): Promise<void> {
  const [left, kills] = [countOf(counts[0], TRIALS.left), countOf(counts[1], TRIALS.kills)];
  const crew = crewOf(countOf(counts[2], Math.floor(availableParallelism() / CORES_A_BROWSER)));
  const outDir = await mkdtemp(join(tmpdir(), 'easel-durability-'));
  await build({ root: ROOT, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  const server = await preview({ root: ROOT, logLevel: 'warn', build: { outDir }, preview: { port: 0 } });
  const pieces = [...quotaPieces(), ...upgradePieces(), ...killPieces(kills), ...leavePieces(left)];
  try {
    const tallies = await runPieces(pieces, server.resolvedUrls?.local[0] ?? '', crew);
    await report('durability', { machine: MACHINE, 'side by side': crew.length, trials: tallies });
    console.log(verdictOf(Object.values(tallies)));
  } finally {
    await server.close();
    await rm(outDir, { recursive: true });
  }
}

/** So many browsers, each with its share of the machine's cores. */
function crewOf(browsers: number): Cores[] {
  if (browsers <= 1) return [undefined];
  const share = Math.max(1, Math.floor(availableParallelism() / browsers));
  return Array.from({ length: browsers }, (_, i) => {
    const first = (i * share) % availableParallelism();
    return `${first}-${first + share - 1}`;
  });
}

function countOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0) return count;
  throw new EaselError(
    'bad-request',
    said`"${text}" is not a number of trials. Give whole numbers: how often the page is left, the browser killed, and how many browsers side by side, as in: durability 4 2 1.`,
  );
}
