import type { Latent } from '../../core/diffusion/types';
import { planesToRgb } from '../../core/image/planes';
import { stopIfCancelled } from '../../model/cancellation';
import type { PaintRun } from '../run';

/** A latent as RGB bytes, interleaved. */
export async function decode({ model, size, progress }: PaintRun, latent: Latent): Promise<Uint8Array<ArrayBuffer>> {
  await progress.enter('decode');
  const planes = await model.decode(latent, size.height, size.width, progress.signal);
  await stopIfCancelled(progress.signal);
  return planesToRgb(planes);
}
