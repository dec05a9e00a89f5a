import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { type ConvergenceOfSampler, type ConvergenceReport, rootMeanSquare } from '../../core/convergence';
import { trainedSigmas } from '../../core/diffusion/noise-schedules';
import { planSteps } from '../../core/diffusion/plan-steps';
import { SAMPLERS, type SamplerId } from '../../core/diffusion/samplers/index';
import type { StepScheduleId } from '../../core/diffusion/step-schedules/index';
import { EaselError } from '../../core/errors';
import { type GenerationRequest, parseRequest } from '../../core/request';
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

/** Karras for all, so that samplers are compared and not schedules; a sampler's own where it does not take that. */
function scheduleFor(sampler: SamplerId, { info }: PaintingModel): StepScheduleId {
  try {
    planSteps({ sampler, schedule: 'karras', steps: 20, table: trainedSigmas(info.scheduler), config: info.scheduler });
    return 'karras';
  } catch (thrown) {
    if (thrown instanceof EaselError && thrown.code === 'bad-request') return 'automatic';
    throw thrown;
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
 * those that add noise from their own. Takes some minutes for each sampler.
 */
export async function convergence(): Promise<void> {
  const { threads } = await loadOrt(Math.min(8, availableParallelism()));
  const model = await loadModel(await openDirectory('models/starter'), await chooseDevice('wasm', threads));
  const base = parseRequest({ ...model.info.defaults, eta: undefined, prompt: PROMPT, seed: 0 });
  const requestFor = (sampler: SamplerId, steps: number) => ({
    ...base,
    sampler,
    schedule: scheduleFor(sampler, model),
    steps,
  });
  const references = new Map<SamplerId, Uint8Array>();
  const referenceOf = async (sampler: SamplerId) => {
    const known = references.get(sampler) ?? (await picturesOf(model, requestFor(sampler, REFERENCE_STEPS))).rgb;
    references.set(sampler, known);
    return known;
  };
  const samplers: ConvergenceOfSampler[] = [];
  for (const id of Object.keys(SAMPLERS) as SamplerId[]) {
    const { label, group } = SAMPLERS[id];
    const reference = group === 'Deterministic' ? REFERENCE : id;
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
    samplers.push(row);
  }
  await model.dispose();
  const { width, height, cfgScale } = base;
  const { name } = model.info;
  const report: ConvergenceReport = {
    v: 1,
    model: name,
    prompt: PROMPT,
    seeds: SEEDS,
    width,
    height,
    cfgScale,
    referenceSteps: REFERENCE_STEPS,
    steps: STEPS,
    samplers,
  };
  await mkdir(dirname(OUT), { recursive: true });
  await writeFile(OUT, `${JSON.stringify(report, null, 1)}\n`);
}
