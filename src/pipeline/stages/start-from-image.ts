import { encodedImage } from '../input-image/encode';
import type { PreparedImage } from '../input-image/prepared-image';
import type { PaintRun } from '../run';
import type { RunPlan } from './plan';
import type { RunStart } from './start';
import { startFromLatent } from './start-from-latent';

/** Begins a run from a given picture all of which is painted, as A1111's img2img does. */
export async function startFromImage(run: PaintRun, plan: RunPlan, image: PreparedImage): Promise<RunStart> {
  await run.progress.enter('encode-picture');
  return startFromLatent(run, plan, await encodedImage(run, image));
}
