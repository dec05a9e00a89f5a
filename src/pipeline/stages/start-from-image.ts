import { encodedImage } from '../input-image/encode';
import { emptyInpaintChannels, isInpaintingModel } from '../input-image/inpaint-channels';
import type { PreparedImage } from '../input-image/prepared-image';
import type { PaintRun } from '../run';
import type { RunPlan } from './plan';
import { FREE, type RunStart, startFromLatent } from './start';

/** Begins a run from a given picture all of which is painted, as A1111's img2img does. */
export async function startFromImage(run: PaintRun, plan: RunPlan, image: PreparedImage): Promise<RunStart> {
  const { model, size, progress } = run;
  await progress.enter('encode-picture');
  const latent = await encodedImage(run, image);
  return {
    ...FREE,
    ...startFromLatent(plan.whole, plan.steps, latent, plan.noise.starting),
    inpaintChannels: isInpaintingModel(model) ? await emptyInpaintChannels(model, size) : undefined,
  };
}
