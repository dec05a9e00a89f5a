import { stepsFrom } from '../input-image/prepare';
import type { PreparedImage } from '../input-image/prepared-image';
import type { PaintedPixels } from '../painted';
import type { PaintRun } from '../run';
import { composite } from '../stages/composite';
import { decode } from '../stages/decode';
import { denoise } from '../stages/denoise';
import { encodeText } from '../stages/encode-text';
import { plan as planRun } from '../stages/plan';
import { startFromImage } from '../stages/start-from-image';

/** A picture from another one, all of which is painted. */
export async function imageToImage(run: PaintRun, image: PreparedImage): Promise<PaintedPixels> {
  const conditioningAt = await encodeText(run);
  const plan = planRun(run, stepsFrom(run.request));
  const start = await startFromImage(run, plan, image);
  const latent = await denoise(run, plan, start, conditioningAt, image.place);
  return composite(run, image, await decode(run, latent));
}
