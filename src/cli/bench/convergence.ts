import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { type ConvergenceOfSampler, type ConvergenceReport, rootMeanSquare } from '../../core/convergence';
import { SAMPLERS, type SamplerId, samplerEntry } from '../../core/diffusion/samplers/index';
import { EaselError } from '../../core/errors';
import { type GenerationRequest, parseRequest, schedulesOf } from '../../core/request';
import { loadModel } from '../../model/load';
import { chooseDevice } from '../../model/runtime/device';
import { loadOrt } from '../../model/runtime/ort';
import type { PaintingModel } from '../../model/types';
import { paint } from '../../pipeline/generate';
import { openDirectory } from '../directory';

const OUT = 'src/ui/lab/convergence.json';
const PROMPT = 'a red apple on a white background';
const SEEDS = [7, 8];
const STEPS = [5, 10, 15, 20, 30, 50];
const REFERENCE_STEPS = 200;
/** Whose picture of many steps the deterministic samplers are measured against: they all solve one equation. */
const REFERENCE: SamplerId = 'dpmpp_2m';

/** Samplers that can be compared: those that take the number of steps they are given, on models that were not distilled. */
const COMPARED = (Object.keys(SAMPLERS) as SamplerId[]).filter(
  (id) => id !== 'lcm' && !samplerEntry(id).ends?.adaptive,
);

/** What an earlier run measured on the same request. */
async function measuredBefore(): Promise<ConvergenceReport | undefined> {
  try {
    return JSON.parse(await readFile(OUT, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The pixels of every seed, one after another, and how often the UNet was called for each. */
async function picturesOf(
  model: PaintingModel,
  request: GenerationRequest,
): Promise<{ rgb: Uint8Array; calls: number }> {
  const before = model.runs.unet;
  const pictures: Uint8Array[] = [];
  for (const seed of SEEDS) pictures.push((await paint(model, { ...request, seed })).rgb);
  return { rgb: Buffer.concat(pictures), calls: (model.runs.unet - before) / SEEDS.length };
}

/**
 * How far each sampler's pictures of few steps are from one of 200, for the lab's plot: deterministic samplers from DPM++ 2M's,
 * those that add noise (and CFG++) from their own. Takes some minutes for each sampler, and keeps what was measured of those that are not named.
 * @param names of samplers; all if there are none.
 */
export async function convergence(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !(COMPARED as string[]).includes(name));
  if (unknown.length > 0) throw new EaselError('bad-request', `Not compared: ${unknown.join(', ')}. Compared: ${COMPARED.join(', ')}.`); // biome-ignore format: one sentence
  const wanted = names.length === 0 ? COMPARED : COMPARED.filter((id) => names.includes(id));
  const { threads } = await loadOrt(Math.min(8, availableParallelism()));
  const model = await loadModel(await openDirectory('models/starter'), await chooseDevice('wasm', threads));
  const base = parseRequest({ ...model.info.defaults, eta: undefined, prompt: PROMPT, seed: 0 });
  // Karras for all, so that samplers are compared and not schedules; a sampler's own where it does not take that.
  const requestFor = (sampler: SamplerId, steps: number): GenerationRequest => ({
    ...base,
    sampler,
    schedule: schedulesOf(sampler).includes('karras') ? 'karras' : 'automatic',
    steps,
  });
  const references = new Map<SamplerId, Uint8Array>();
  const referenceOf = async (sampler: SamplerId) => {
    const known = references.get(sampler) ?? (await picturesOf(model, requestFor(sampler, REFERENCE_STEPS))).rgb;
    references.set(sampler, known);
    return known;
  };
  const { width, height, cfgScale } = base;
  const what = { v: 1, model: model.info.name, prompt: PROMPT, seeds: SEEDS, width, height, cfgScale, referenceSteps: REFERENCE_STEPS, steps: STEPS } as const; // biome-ignore format: one thing
  const before = await measuredBefore();
  const same = before && JSON.stringify({ ...before, samplers: [] }) === JSON.stringify({ ...what, samplers: [] });
  const rows = new Map((same ? before.samplers : []).map((row) => [row.id, row]));
  for (const id of wanted) {
    const { label, noise, cfgpp } = samplerEntry(id);
    // CFG++ follows an equation of its own.
    const reference = noise === 'none' && !cfgpp ? REFERENCE : id;
    const measured = await referenceOf(reference);
    const row: ConvergenceOfSampler = {
      id,
      label,
      schedule: requestFor(id, REFERENCE_STEPS).schedule,
      reference,
      calls: [],
      distances: [],
    };
    for (const steps of STEPS) {
      const { rgb, calls } = await picturesOf(model, requestFor(id, steps));
      row.calls.push(calls);
      row.distances.push(Number(rootMeanSquare(rgb, measured).toFixed(3)));
    }
    console.log(`${label.padEnd(24)} ${row.distances.map((distance) => distance.toFixed(2).padStart(7)).join('')}`);
    rows.set(id, row);
    const report: ConvergenceReport = { ...what, samplers: COMPARED.flatMap((other) => rows.get(other) ?? []) };
    await writeFile(OUT, `${JSON.stringify(report, null, 1)}\n`);
  }
  await model.dispose();
}
