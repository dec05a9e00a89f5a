import { useEngine } from '../engine';
import { attachAdapters } from './adapters';
import { attachPreviewDecoder, chooseVae } from './autoencoders';
import { entryOf } from './library';

/**
 * Earlier visits' files have been read, perhaps after the first model was opened: what belongs to it is given to it
 * now.
 */
export async function attachLibrary(): Promise<void> {
  const { model, opening } = useEngine.getState();
  if (!model || opening > 0) return; // opening one does the rest
  await attachAdapters();
  await attachPreviewDecoder(model.info.latentSpace);
  const vae = entryOf(model.id)?.record.choices?.vae;
  if (vae !== undefined && !model.vae) await chooseVae(model.id, vae);
}
