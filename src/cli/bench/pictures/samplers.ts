import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { trainedSigmas } from '../../../core/diffusion/noise-schedules';
import { planSteps } from '../../../core/diffusion/plan-steps';
import { SAMPLERS, type SamplerId, samplerEntry } from '../../../core/diffusion/samplers/index';
import { STEP_SCHEDULES, type StepScheduleId } from '../../../core/diffusion/step-schedules/index';
import { parseRequest, schedulesOf } from '../../../core/request';
import { loadModel } from '../../../model/load';
import { chooseDevice } from '../../../model/runtime/device';
import { loadOrt } from '../../../model/runtime/ort';
import type { SchedulerConfig } from '../../../model/types';
import { paint } from '../../../pipeline/generate';
import { encodePicture } from '../../../pipeline/picture';
import { openDirectory } from '../../directory';
import { writeContactSheet } from './contact-sheet';

const PROMPT = 'a red apple';
const SEED = 7;
const STEPS = 25;
/** One picture a cell, kept so that the painting can go on where it was stopped. */
const CELLS = 'out/pictures/samplers';
const OUT = 'models/samplers.jpg';

const SAMPLER_IDS = Object.keys(SAMPLERS) as SamplerId[];
const SCHEDULE_IDS = Object.keys(STEP_SCHEDULES) as StepScheduleId[];

/**
 * For each schedule that the page offers with a sampler, the first one that gives the same plan of noise levels and timesteps
 * ("Automatic" is always another's): those need painting once.
 */
function paintedAs(sampler: SamplerId, scheduler: SchedulerConfig): ReadonlyMap<StepScheduleId, StepScheduleId> {
  const table = trainedSigmas(scheduler, samplerEntry(sampler).exactTerminal ? 'almostExact' : 'diffusers');
  const firsts = new Map<string, StepScheduleId>();
  return new Map(
    schedulesOf(sampler).map((schedule) => {
      const plan = JSON.stringify(planSteps({ sampler, schedule, steps: STEPS, table, config: scheduler }));
      const first = firsts.get(plan) ?? schedule;
      firsts.set(plan, first);
      return [schedule, first];
    }),
  );
}

const exists = (path: string) => stat(path).then(() => true, () => false); // biome-ignore format: one thought

/** One prompt and seed by every sampler with every step schedule that the page offers, as one sheet. */
export async function samplerSheet(): Promise<void> {
  const { threads } = await loadOrt(Math.min(8, availableParallelism()));
  const model = await loadModel(await openDirectory('models/starter'), await chooseDevice('wasm', threads));
  await mkdir(CELLS, { recursive: true });
  const pathOf = (sampler: SamplerId, schedule: StepScheduleId) => `${CELLS}/${sampler}-${schedule}.png`;
  const offered = SAMPLER_IDS.map((sampler) => paintedAs(sampler, model.info.scheduler));
  for (const [row, sampler] of SAMPLER_IDS.entries()) {
    for (const schedule of new Set(offered[row].values())) {
      const path = pathOf(sampler, schedule);
      if (await exists(path)) continue;
      const wishes = { ...model.info.defaults, eta: undefined, prompt: PROMPT, seed: SEED, steps: STEPS };
      const request = parseRequest({ ...wishes, sampler, schedule });
      const painted = await paint(model, request);
      await writeFile(`${path}.part`, encodePicture(painted, request, model.info).png);
      await rename(`${path}.part`, path);
      console.log(`${path} ${(painted.timings.totalMs / 1000).toFixed(1)} s`);
    }
  }
  await model.dispose();
  await writeContactSheet(OUT, {
    rows: SAMPLER_IDS.map((sampler) => SAMPLERS[sampler].label),
    columns: SCHEDULE_IDS.map((schedule) => STEP_SCHEDULES[schedule].label),
    cell(row, column) {
      const schedule = offered[row].get(SCHEDULE_IDS[column]);
      return schedule && pathOf(SAMPLER_IDS[row], schedule);
    },
    side: 72,
  });
  console.log(OUT);
}
