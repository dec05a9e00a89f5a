import { stepsFrom } from '../input-image/prepare';
import type { MaskedImage } from '../input-image/prepared-image';
import type { PaintedPixels } from '../painted';
import type { PaintRun } from '../run';
import { composite } from '../stages/composite';
import { decode } from '../stages/decode';
import { denoise } from '../stages/denoise';
import { encodeText } from '../stages/encode-text';
import { plan as planRun } from '../stages/plan';
import { startThroughMask } from '../stages/start-through-mask';

/** A picture from another one, painted where the latent grid's mask says so. */
export async function inpaint(run: PaintRun, image: MaskedImage, grid: Float32Array): Promise<PaintedPixels> {
  const conditioningAt = await encodeText(run);
  const plan = planRun(run, stepsFrom(run.request));
  const start = await startThroughMask(run, plan, image, grid);
  const latent = await denoise(run, plan, start, conditioningAt, image.place);
  return composite(run, image, await decode(run, latent));
}
