import { areFinite } from '../../core/array';
import type { Latent } from '../../core/diffusion/types';
import { EaselError, said } from '../../core/errors';
import { planesToRgb } from '../../core/image/planes';
import { stopIfCancelled } from '../../model/cancellation';
import type { PaintRun } from '../run';

/** A latent as RGB bytes, interleaved. @throws EaselError `internal` where the autoencoder overflows. */
export async function decode(run: PaintRun, latent: Latent): Promise<Uint8Array<ArrayBuffer>> {
  return planesToRgb(await decodePlanes(run, latent));
}

/** The same as planes [3, height, width] of about -1..1. */
export async function decodePlanes({ model, size, progress }: PaintRun, latent: Latent): Promise<Float32Array> {
  await progress.enter('decode');
  const planes = await model.decode(latent, size.height, size.width, progress.signal);
  await stopIfCancelled(progress.signal);
  refuseNotFinite(planes);
  return planes;
}

/** Bytes have no NaN: it would be painted black. */
function refuseNotFinite(planes: Float32Array): void {
  if (areFinite(planes)) return;
  const message = said`The VAE produced NaN or infinity: it overflowed, or its file is damaged. Choose another VAE for this model.`;
  throw new EaselError('internal', message);
}
