import { toEaselError } from '../core/errors';
import type { Family, NamedFile } from '../engine/protocol';
import { reportProblem, useEngine } from './engine';
import { engine } from './engine-port';
import { changeChoices, entryOf, refreshAccess, removeRecord } from './library';
import { fileOf } from './library-files';
import { notify } from './notices';
import { type LatentSpace, usePreferences } from './preferences';

/** SD 1.x and 2.x share their latents, and so a preview decoder; SDXL's are others. */
export function latentSpaceOf(family: Family): LatentSpace {
  return family === 'sdxl' ? 'sdxl' : 'sd';
}

/** An autoencoder's file by its id; undefined, with a message, where it cannot be read just now. */
export async function vaeFileOf(id: string): Promise<NamedFile | undefined> {
  const entry = entryOf(id);
  if (!entry) return undefined;
  try {
    const file = await fileOf(entry.record);
    await refreshAccess(id);
    return file;
  } catch (thrown) {
    notify(`${toEaselError(thrown).message} The model’s own autoencoder is used meanwhile.`);
    return undefined;
  }
}

/** Chooses the autoencoder of a model, its own without one; the open model goes over to it at once. */
export async function chooseVae(modelId: string, vaeId: string | undefined): Promise<void> {
  const file = vaeId === undefined ? undefined : await vaeFileOf(vaeId);
  if (vaeId !== undefined && !file) return;
  const { model, opening, stopped } = useEngine.getState();
  if (model?.id === modelId && opening === 0) {
    try {
      // A model that will be opened again is opened with it.
      if (!stopped) await engine().useVae(file);
    } catch (thrown) {
      reportProblem(toEaselError(thrown), 'load', file?.name ?? model.info.name);
      return;
    }
    useEngine.setState((state) => (state.model ? { model: { ...state.model, vae: file } } : {}));
  }
  await changeChoices(modelId, { vae: vaeId });
}

/**
 * Chooses what decodes the live previews of the open model's kind of latents: a tiny autoencoder, or the quick
 * estimate.
 */
export async function choosePreviewDecoder(vaeId: string | undefined): Promise<void> {
  const { model, opening } = useEngine.getState();
  const space = model ? latentSpaceOf(model.info.family) : 'sd';
  usePreferences.setState(({ previewDecoders }) => ({ previewDecoders: { ...previewDecoders, [space]: vaeId } }));
  // A model that is being opened is given it at its end.
  if (model && opening === 0) await offerPreviewDecoder(model.info.family);
}

/**
 * Gives the engine the preview decoder that was chosen for the open model's latents; the quick estimate stays where it
 * cannot be read.
 */
export async function offerPreviewDecoder(family: Family): Promise<void> {
  const id = usePreferences.getState().previewDecoders[latentSpaceOf(family)];
  const entry = id === undefined ? undefined : entryOf(id);
  try {
    const isReady = entry !== undefined && entry.access !== 'drop-again';
    await engine().usePreviewDecoder(isReady ? await fileOf(entry.record) : undefined);
  } catch (thrown) {
    notify(`Previews stay the quick estimate: ${toEaselError(thrown).message}`);
  }
}

/**
 * Takes an autoencoder off the list; what it decoded falls back to the model's own and to the quick estimate, until
 * undo.
 */
export async function removeAutoencoder(id: string): Promise<void> {
  const { model } = useEngine.getState();
  const family = model?.info.family;
  const isUsed = model !== undefined && entryOf(model.id)?.record.choices?.vae === id;
  await removeRecord(id, () => {
    if (isUsed) void chooseVae(model.id, id);
    if (family) void offerPreviewDecoder(family);
  });
  if (isUsed && model.info.hasVae) await chooseVae(model.id, undefined);
  if (family) await offerPreviewDecoder(family);
}
