import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { ConvergenceReport } from '../../core/diffusion/theory/convergence';
import { EaselError, said } from '../../core/errors';
import { loadModel } from '../../model/running/load';
import { chooseDevice } from '../../model/runtime/device';
import { loadOrt } from '../../model/runtime/ort';
import { openDirectory } from '../directory';
import { COMPARED, emptyReport, type Measuring, measureConvergence } from './converge';

const OUT = 'src/ui/lab/convergence.json';
const MEASURING: Measuring = {
  prompt: 'a red apple on a white background',
  seeds: [7, 8],
  steps: [5, 10, 15, 20, 30, 50],
  referenceSteps: 200,
  width: 256,
  height: 256,
};

/** What an earlier run measured. */
async function measuredBefore(): Promise<ConvergenceReport | undefined> {
  try {
    return JSON.parse(await readFile(OUT, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Measures for the lab's plot. Takes some minutes for each sampler, and keeps what was measured of those that are not
 * named.
 * @param names of samplers; all if there are none.
 */
export async function convergence(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !(COMPARED as string[]).includes(name));
  if (unknown.length > 0) throw new EaselError('bad-request', said`Not compared: ${unknown.join(', ')}. Compared: ${COMPARED.join(', ')}.`); // biome-ignore format: one sentence
  const wanted = names.length === 0 ? COMPARED : COMPARED.filter((id) => names.includes(id));
  const { threads } = await loadOrt(Math.min(8, availableParallelism()));
  const model = await loadModel(await openDirectory('models/starter'), await chooseDevice('wasm', threads));
  const what = emptyReport(model, MEASURING);
  const before = await measuredBefore();
  const same = before && JSON.stringify({ ...before, samplers: [] }) === JSON.stringify(what);
  const rows = new Map((same ? before.samplers : []).map((row) => [row.id, row]));
  await measureConvergence(model, MEASURING, wanted, async (row) => {
    console.log(`${row.label.padEnd(24)} ${row.distances.map((distance) => distance.toFixed(2).padStart(7)).join('')}`);
    rows.set(row.id, row);
    const report: ConvergenceReport = { ...what, samplers: COMPARED.flatMap((id) => rows.get(id) ?? []) };
    await writeFile(OUT, `${JSON.stringify(report, null, 1)}\n`);
  });
  await model.dispose();
}
