import { paintedAs, SAMPLER_IDS, SCHEDULE_IDS, SHEET } from '../../../src/cli/bench/pictures/offered';
import { SAMPLERS } from '../../../src/core/diffusion/samplers/index';
import { STEP_SCHEDULES } from '../../../src/core/diffusion/step-schedules/index';
import { paint } from '../../../src/pipeline/generate';
import { keep, openStarter, requestOf, Sheet, type Suite } from '../page';

const SIDE = 72;

/** Every sampler (rows) with every step schedule that the page offers with it (columns), as one sheet. */
export const samplers: Suite = async ({ device, tiny }) => {
  const model = await openStarter(device);
  const sheet = new Sheet(SCHEDULE_IDS.length, SAMPLER_IDS.length, SIDE, 24);
  let pictures = 0;
  const failures: string[] = [];
  for (const [row, sampler] of (tiny ? SAMPLER_IDS.slice(0, 2) : SAMPLER_IDS).entries()) {
    const offered = paintedAs(sampler, model.info.scheduler);
    for (const schedule of new Set(offered.values())) {
      try {
        const painted = await paint(model, requestOf(model, tiny, { ...SHEET, sampler, schedule }));
        pictures++;
        for (const [shown, as] of offered) {
          if (as !== schedule) continue;
          const words = `${SAMPLERS[sampler].label}, ${STEP_SCHEDULES[shown].label}`;
          await sheet.draw(row, SCHEDULE_IDS.indexOf(shown), painted, words);
        }
      } catch (error) {
        failures.push(`${sampler}, ${schedule}: ${String(error)}`);
      }
    }
    console.log(`${SAMPLERS[sampler].label}: ${offered.size} schedules`);
    await keep('out', 'samplers.jpg', await sheet.jpeg());
  }
  await model.dispose();
  return { device: model.device, pictures, failures };
};
