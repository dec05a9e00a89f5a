import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { SAMPLERS, type SamplerId } from '../../../core/diffusion/samplers/index';
import { STEP_SCHEDULES, type StepScheduleId } from '../../../core/diffusion/step-schedules/index';
import { parseRequest } from '../../../core/request/request';
import { loadModel } from '../../../model/running/load';
import { chooseDevice } from '../../../model/runtime/device';
import { loadOrt } from '../../../model/runtime/ort';
import { paint } from '../../../pipeline/generate';
import { encodePicture } from '../../../pipeline/picture';
import { openDirectory } from '../../directory';
import { writeContactSheet } from './contact-sheet';
import { paintedAs, SAMPLER_IDS, SCHEDULE_IDS, SHEET } from './offered';

/** One picture a cell, kept so that the painting can go on where it was stopped. */
const CELLS = 'out/pictures/samplers';
const OUT = 'models/samplers.jpg';

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
      const modelDefaults = { ...model.info.defaults, eta: undefined, ...SHEET };
      const request = parseRequest({ ...modelDefaults, sampler, schedule });
      const painted = await paint(model, request);
      await writeFile(`${path}.part`, (await encodePicture(painted, request, model.info)).png);
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
