import { attachNote } from '../../core/attach-report';
import { EaselError, said, toEaselError } from '../../core/errors';
import { WEIGHTS_FILE } from '../../core/file-kinds';
import type { Attachment, NamedFile } from '../../engine/protocol';
import type { Job } from '../../jobs/job';
import { errorText, sentenceText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { type OpenModel, reportProblem, useEngine } from '../engine';
import { engine } from '../engine-port';
import { notify } from '../notices';
import { usePreferences } from '../settings/preferences';
import { learnHash } from './file-hashes';
import { changeChoices, entriesOf, entryOf, recordOfHash, refreshAccess, removeRecord, useLibrary } from './library';
import { fileOf } from './library-files';
import { type LibraryRecord, VAE_KINDS } from './library-record';

/** An autoencoder's file by its id; undefined, with a message, where it cannot be read just now. */
export async function vaeFileOf(id: string): Promise<NamedFile | undefined> {
  const entry = entryOf(id);
  if (!entry) return undefined;
  try {
    const file = await fileOf(entry.record);
    await refreshAccess(id);
    learnHash(id);
    return file;
  } catch (thrown) {
    notify(texts.ownVaeMeanwhile(errorText(thrown)));
    return undefined;
  }
}

/** The autoencoder that a text calls so, by how its hash begins or by its file's name. */
export function vaeCalled(name: string, hash: string | undefined): LibraryRecord | undefined {
  const plain = (text: string) => text.toLowerCase().replace(WEIGHTS_FILE, '');
  const known = hash === undefined ? undefined : recordOfHash(VAE_KINDS, hash);
  const named = entriesOf(VAE_KINDS, useLibrary.getState()).find(({ record }) => plain(record.name) === plain(name));
  return known ?? named?.record;
}

/** Chooses the autoencoder of a model, its own without one; the open model goes over to it at once. */
export async function chooseVae(modelId: string, vaeId: string | undefined): Promise<void> {
  const file = vaeId === undefined ? undefined : await vaeFileOf(vaeId);
  if (vaeId !== undefined && !file) return;
  const { model, opening, stopped } = useEngine.getState();
  if (model?.id === modelId && opening === 0) {
    try {
      // A model that will be opened again is opened with it.
      if (!stopped) tellUnused(await engine().attach('vae', file ? [file] : []));
    } catch (thrown) {
      reportProblem(toEaselError(thrown), 'load', file?.name ?? model.info.name);
      return;
    }
    useEngine.setState((state) => (state.model ? { model: { ...state.model, vae: file } } : {}));
  }
  await changeChoices(modelId, { vae: vaeId });
}

/** What a plot's picture is decoded by for now, in the place of the one that was chosen for the model. */
let lent: { to: OpenModel; vae: Job['vae'] } | undefined;

/**
 * Has the open model decode by a job's autoencoder; by the one that was chosen for it where the job names none.
 * @returns undefined where it does already
 * @throws EaselError for a file that cannot be read, or does not fit the model
 */
export function lendVae(vae: Job['vae']): Promise<void> | undefined {
  const { model } = useEngine.getState();
  const isLent = !model || (lent?.to === model ? lent.vae : undefined) === vae;
  return isLent ? undefined : lendTo(model, vae);
}

async function lendTo(model: OpenModel, vae: Job['vae']): Promise<void> {
  const file = vae === undefined ? model.vae : vae === null ? undefined : await lentFile(vae);
  tellUnused(await engine().attach('vae', file ? [file] : []));
  lent = { to: model, vae };
}

function lentFile(id: string): Promise<NamedFile> {
  const entry = entryOf(id);
  if (!entry) throw new EaselError('bad-request', said`A VAE of this plot is no longer in your library. Add it again.`);
  learnHash(id);
  return fileOf(entry.record);
}

/** Says what of a file the model has no place for. */
function tellUnused(attachments: readonly Attachment[]): void {
  for (const attachment of attachments) {
    const note = attachment.outcome === 'attached' && attachNote(attachment.report);
    if (note) notify(sentenceText(note));
  }
}

/**
 * Chooses what decodes the live previews of the open model's kind of latents: a tiny autoencoder, or the quick
 * estimate.
 */
export async function choosePreviewDecoder(vaeId: string | undefined): Promise<void> {
  const { model, opening } = useEngine.getState();
  if (!model) return;
  const space = model.info.latentSpace;
  usePreferences.setState(({ previewDecoders }) => ({ previewDecoders: { ...previewDecoders, [space]: vaeId } }));
  // A model that is being opened is given it at its end.
  if (opening === 0) await attachPreviewDecoder(space);
}

/**
 * Gives the engine the preview decoder that was chosen for the open model's latents; the quick estimate stays where it
 * cannot be read.
 */
export async function attachPreviewDecoder(latentSpace: string): Promise<void> {
  const id = usePreferences.getState().previewDecoders[latentSpace];
  const entry = id === undefined ? undefined : entryOf(id);
  try {
    const isReady = entry !== undefined && entry.access !== 'drop-again';
    await engine().attach('preview-decoder', isReady ? [await fileOf(entry.record)] : []);
  } catch (thrown) {
    notify(texts.previewsStay(errorText(thrown)));
  }
}

/**
 * Takes an autoencoder off the list; what it decoded falls back to the model's own and to the quick estimate, until
 * undo.
 */
export async function removeAutoencoder(id: string): Promise<void> {
  const { model } = useEngine.getState();
  const latentSpace = model?.info.latentSpace;
  const isUsed = model !== undefined && entryOf(model.id)?.record.choices?.vae === id;
  await removeRecord(id, () => {
    if (isUsed) void chooseVae(model.id, id);
    if (latentSpace) void attachPreviewDecoder(latentSpace);
  });
  if (isUsed && model.info.hasVae) await chooseVae(model.id, undefined);
  if (latentSpace) await attachPreviewDecoder(latentSpace);
}
