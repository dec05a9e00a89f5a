import { useEngine } from '../engine';
import { offerAdapters } from './adapters';
import { chooseVae, offerPreviewDecoder } from './autoencoders';
import { entryOf } from './library';

/**
 * Earlier visits' files have been read, perhaps after the first model was opened: what belongs to it is given to it
 * now.
 */
export async function offerLibrary(): Promise<void> {
  const { model, opening } = useEngine.getState();
  if (!model || opening > 0) return; // opening one does the rest
  await offerAdapters();
  await offerPreviewDecoder(model.info.latentSpace);
  const vae = entryOf(model.id)?.record.choices?.vae;
  if (vae !== undefined && !model.vae) await chooseVae(model.id, vae);
}
