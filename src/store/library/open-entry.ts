import { toEaselError } from '../../core/errors';
import type { ModelInfo, ModelSource, NamedFile, PredictionType } from '../../engine/protocol';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { reportProblem, useEngine } from '../engine';
import { notify } from '../notices';
import { vaeFileOf } from './autoencoders';
import { addRecord, changeChoices, changeRecord, entryOf, forgetRecord, refreshAccess, removeRecord } from './library';
import { fileOf, holdFiles, sourceOf } from './library-files';
import { type LibraryRecord, type ModelFacts, type Place, recordId } from './library-record';
import { type FolderSource, folderFromEntry, folderFromHandle, folderFromInput } from './model-folder';
import { openModel } from './models';
import { STARTER_ID } from './starter';
import { withUniqueName } from './unique-name';

/**
 * Opens a known model as it was last set up, asking for leave to read it where that has ended. @returns whether it is
 * open now
 */
export async function openEntry(id: string): Promise<boolean> {
  const entry = entryOf(id);
  if (!entry) return false;
  const { record } = entry;
  try {
    const source = await sourceOf(record);
    await refreshAccess(id);
    const { vae, classifier, prediction, defaults } = record.choices ?? {};
    const opened = await openModel({
      id,
      source,
      prediction,
      ownDefaults: defaults,
      vae: vae === undefined ? undefined : await vaeFileOf(vae),
      classifier: classifier === undefined ? undefined : await classifierFileOf(classifier),
    });
    if (opened) await changeRecord(id, { ...learned(record, source), usedAt: Date.now() });
    return opened;
  } catch (thrown) {
    await refreshAccess(id);
    reportProblem(toEaselError(thrown), 'load', record.name);
    return false;
  }
}

/** Opens the starter, or goes back to it. */
export const openStarter = () => openEntry(STARTER_ID);

/** What opening a model taught about it. */
function learned(record: LibraryRecord, source: ModelSource): Pick<LibraryRecord, 'facts' | 'bytes'> {
  const { model } = useEngine.getState();
  const bytes = source.kind === 'folder' ? bytesOf(source.files) : record.bytes;
  return { bytes, facts: model ? { ...record.facts, ...factsOf(model.info, record.facts) } : record.facts };
}

/** A header that did not tell what the model predicts stays unknown, whatever the person chose. */
function factsOf(
  { architecture, predictionType, predictionKnown, hasVae, latentScale, defaults }: ModelInfo,
  before: ModelFacts = {},
): ModelFacts {
  return {
    architecture,
    predictionType,
    predictionKnown: before.predictionKnown ?? predictionKnown,
    hasVae,
    pixels: latentScale === 1,
    defaults,
  };
}

const bytesOf = (files: readonly { file: File }[]) => files.reduce((sum, { file }) => sum + file.size, 0);

/** Says what a model predicts; the open one is opened again with it. */
export async function choosePrediction(id: string, prediction: PredictionType): Promise<void> {
  await changeChoices(id, { prediction });
  if (useEngine.getState().model?.id === id) await openEntry(id);
}

/** Chooses the classifier that guides a model, none without one; the open one is opened again with it. */
export async function chooseClassifier(id: string, classifier: string | undefined): Promise<void> {
  const before = entryOf(id)?.record.choices?.classifier;
  await changeChoices(id, { classifier });
  // One that does not fit is not tried again at every opening.
  if (openId() === id && !(await openEntry(id))) await changeChoices(id, { classifier: before });
}

/** Guides the model that is open, or being opened, by a classifier. */
export const guideOpenModel = (classifier: string) => chooseClassifier(openId() ?? STARTER_ID, classifier);

function openId(): string | undefined {
  const { status, model } = useEngine.getState();
  return status.kind === 'loading' ? status.loading.id : model?.id;
}

/** Takes a classifier off the list; the open model that it guided goes on without it, until undo. */
export async function removeClassifier(id: string): Promise<void> {
  const { model } = useEngine.getState();
  const guides = model !== undefined && entryOf(model.id)?.record.choices?.classifier === id;
  await removeRecord(id, () => {
    if (guides) void chooseClassifier(model.id, id);
  });
  if (guides) await chooseClassifier(model.id, undefined);
}

/** A classifier's file by its id; undefined, with a message, where it cannot be read just now. */
async function classifierFileOf(id: string): Promise<NamedFile | undefined> {
  const entry = entryOf(id);
  if (!entry) return undefined;
  try {
    const file = await fileOf(entry.record);
    await refreshAccess(id);
    return file;
  } catch (thrown) {
    notify(texts.withoutClassifierMeanwhile(errorText(thrown)));
    return undefined;
  }
}

/** Adds a model's folder by its handle, and opens it. */
export async function openFolderHandle(handle: FileSystemDirectoryHandle): Promise<void> {
  await addFolder(handle.name, { kind: 'disk', handle }, () => folderFromHandle(handle));
}

/** Adds a folder chosen with `<input webkitdirectory>`, and opens it. */
export async function openFolderFiles(files: FileList): Promise<void> {
  await addFolder(texts.theFolder, { kind: 'dropped' }, async () => folderFromInput(files));
}

/** Adds a dropped folder in browsers without folder handles, and opens it. */
export async function openFolderEntry(entry: FileSystemDirectoryEntry): Promise<void> {
  await addFolder(entry.name, { kind: 'dropped' }, () => folderFromEntry(entry));
}

async function addFolder(shown: string, place: Place, read: () => Promise<FolderSource>): Promise<void> {
  try {
    const source = await read();
    const { name, files } = source;
    const id = recordId('model', name);
    const brought = { v: 1, id, kind: 'model', name, place, bytes: bytesOf(files), usedAt: Date.now() } as const;
    const record = await withUniqueName(brought, source);
    holdFiles(record.id, source);
    await openNew(record);
  } catch (thrown) {
    reportProblem(toEaselError(thrown), 'load', shown);
  }
}

/** Opens a model that may not be known yet; one that cannot be opened does not come on the list. */
export async function openNew(record: LibraryRecord): Promise<void> {
  const before = entryOf(record.id)?.record;
  await addRecord(record);
  if (!(await openEntry(record.id)) && !before) await forgetRecord(record.id);
}

/**
 * Lets the person choose a folder. The directory picker gives one that can be opened again on the next visit, and does
 * not speak of "uploading" as a file field does; the field stands in where there is no picker.
 */
export async function chooseFolder(byField: () => void): Promise<void> {
  if (!window.showDirectoryPicker) {
    byField();
    return;
  }
  // Closing the picker rejects; that is an answer, too.
  const handle = await window.showDirectoryPicker({ id: 'model', mode: 'read' }).catch(() => undefined);
  if (handle) await openFolderHandle(handle);
}
