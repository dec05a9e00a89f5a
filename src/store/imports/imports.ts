import { create } from 'zustand';
import { attachNote } from '../../core/attach-report';
import { EaselError, toEaselError } from '../../core/errors';
import { FILE_KINDS, type FileUse, WEIGHTS_ENDINGS, WEIGHTS_FILE } from '../../core/file-kinds';
import type { FileReport, PredictionType } from '../../engine/protocol';
import { sentenceText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { reportProblem, useEngine } from '../engine';
import { engine } from '../engine-port';
import { loraWeight, refreshAdapters, setLoraWeight } from '../library/adapters';
import { choosePreviewDecoder, chooseVae } from '../library/autoencoders';
import { joinDownload } from '../library/downloads';
import { addRecord, forgetRecord } from '../library/library';
import { holdFiles } from '../library/library-files';
import { factsOf, type LibraryRecord, recordId } from '../library/library-record';
import { keepCopy } from '../library/maintenance';
import { modelOfFile } from '../library/model-folder';
import { guideOpenModel, openNew } from '../library/open-entry';
import { STARTER_ID } from '../library/starter';
import { withUniqueName } from '../library/unique-name';
import { chooseUpscaler } from '../library/upscalers';
import { notify } from '../notices';
import { useSettings } from '../settings/settings';

/** A file that was dropped or chosen, and what its header says it is; nothing was done with it yet. */
export interface PendingImport {
  id: number;
  file: File;
  /** Where the browser gives one: the file can then be read on the next visit. */
  handle: FileSystemFileHandle | undefined;
  report: FileReport;
  /** A picture of the same name that came with it: what A1111 and Civitai's programs put beside a LoRA. */
  cover: File | undefined;
  /** The person's word on what the model predicts, where its header does not tell. */
  prediction: PredictionType | undefined;
}

interface ImportsState {
  imports: readonly PendingImport[];
  /** Whether the browser keeps a copy of what is taken, so that it is there without its file. */
  keepsCopies: boolean;
}

export const useImports = create<ImportsState>(() => ({ imports: [], keepsCopies: false }));

export function setKeepsCopies(keepsCopies: boolean): void {
  useImports.setState({ keepsCopies });
}

export function usesOfFile(report: FileReport): readonly FileUse[] {
  const isBare = report.kind === 'model' && !report.hasVae;
  return FILE_KINDS[report.kind].uses.filter((use) => !(isBare && use === 'use-vae'));
}

let nextId = 1;

/**
 * Reads the headers of files and asks what is to be done with them. A file that is of no use is named with the reason;
 * one that a download waits for goes to that.
 * @param asked false where the person has said what they want, so that a file with one likely use needs no question
 * @param pictures that came with them
 */
export async function startImport(
  files: readonly { file: File; handle?: FileSystemFileHandle }[],
  asked: boolean,
  pictures: readonly File[] = [],
): Promise<void> {
  for (const { file, handle } of files) {
    try {
      if (await joinDownload(file)) continue;
      const report = await engine().identify({ name: file.name, file });
      const prediction = report.kind === 'model' && report.asksPrediction ? report.predictionType : undefined;
      const cover = pictures.find((picture) => isBeside(picture, file));
      const pending: PendingImport = { id: nextId++, file, handle, report, cover, prediction };
      if (asked || prediction !== undefined || files.length > 1)
        useImports.setState(({ imports }) => ({ imports: [...imports, pending] }));
      else await importAs(pending, usesOfFile(report)[0]);
    } catch (thrown) {
      reportProblem(toEaselError(thrown), 'load', file.name);
    }
  }
}

/** Larger ones are no previews. In bytes. */
const MAX_COVER = 8_000_000;

/** Whether a picture is a file's preview: `NAME.png`, `NAME.preview.png`. */
function isBeside({ name, size }: File, { name: weights }: File): boolean {
  const stem = /^(.*?)(?:\.preview)?\.(?:png|jpe?g|webp)$/i.exec(name)?.[1];
  return size <= MAX_COVER && stem === weights.replace(WEIGHTS_FILE, '');
}

export function dismissImport(id: number): void {
  useImports.setState(({ imports }) => ({ imports: imports.filter((pending) => pending.id !== id) }));
}

export function dismissImports(): void {
  useImports.setState({ imports: [] });
}

export function setPrediction(id: number, prediction: PredictionType): void {
  useImports.setState(({ imports }) => ({
    imports: imports.map((pending) => (pending.id === id ? { ...pending, prediction } : pending)),
  }));
}

/**
 * Does with a file what the person chose.
 * @param switchOn whether a LoRA that is added is on at once
 */
export async function importFile(pending: PendingImport, use: FileUse, switchOn = true): Promise<void> {
  dismissImport(pending.id);
  const { keepsCopies } = useImports.getState();
  try {
    const id = await importAs(pending, use, switchOn);
    if (keepsCopies) await keepCopy(id);
  } catch (thrown) {
    reportProblem(toEaselError(thrown), 'load', pending.file.name);
  }
}

/** Adds every file to the lists: no model is opened, and no LoRA switched on, which would change the next picture. */
export async function importAll(): Promise<void> {
  const { imports } = useImports.getState();
  for (const pending of imports) {
    const [first] = usesOfFile(pending.report);
    const isAdapter = first === 'add-lora' || first === 'add-embedding';
    await importFile(pending, isAdapter ? first : 'add-to-list', false);
  }
}

/** @returns the id of its record, which may not have come on the list */
async function importAs(pending: PendingImport, use: FileUse, switchOn = true): Promise<string> {
  const source = modelOfFile(pending.file);
  const record = await withUniqueName(recordOf(pending, use), source);
  holdFiles(record.id, source);
  const { model } = useEngine.getState();
  switch (use) {
    case 'open-model':
      if (pending.prediction !== undefined) record.choices = { prediction: pending.prediction };
      await openNew(record);
      break;
    case 'add-to-list':
      if (pending.prediction !== undefined) record.choices = { prediction: pending.prediction };
      await addRecord(record);
      notify(texts.added(record.name));
      break;
    case 'add-lora': {
      if (!(await addAdapter(record))) break;
      if (!switchOn) {
        notify(texts.loraAdded(record.name), undefined, {
          about: 'added-lora',
        });
        break;
      }
      const { prompt } = useSettings.getState().values;
      setLoraWeight(record.name, loraWeight(prompt, record.name) ?? 1);
      break;
    }
    case 'add-embedding':
      if (await addAdapter(record)) notify(texts.embeddingAdded(record.name));
      break;
    case 'use-vae':
      await addRecord(record);
      await chooseVae(model?.id ?? STARTER_ID, record.id);
      break;
    case 'use-preview':
      await addRecord(record);
      await choosePreviewDecoder(record.id);
      notify(texts.previewsDecodedBy(record.name));
      break;
    case 'use-upscaler':
      await addRecord(record);
      chooseUpscaler(record.id);
      notify(texts.upscalerAdded(record.name));
      break;
    case 'use-classifier':
      await addRecord(record);
      await guideOpenModel(record.id);
      break;
    default:
      use satisfies never;
  }
  return record.id;
}

/**
 * Adds a LoRA or an embedding, and says what of it does nothing in the open model. One that no model can use does not
 * come on the list.
 * @returns whether it is of use for the open model, or no model is there to tell.
 */
async function addAdapter(record: LibraryRecord): Promise<boolean> {
  await addRecord(record);
  try {
    const attachment = (await refreshAdapters())?.get(record.id);
    if (attachment?.outcome === 'refused') throw new EaselError(attachment.code, attachment.said);
    if (attachment?.outcome === 'misfit') {
      notify(texts.misfitStays(sentenceText(attachment.said)));
      return false;
    }
    const note = attachment && attachNote(attachment.report);
    if (note) notify(sentenceText(note));
    return true;
  } catch (thrown) {
    await forgetRecord(record.id);
    await refreshAdapters();
    throw thrown;
  }
}

function recordOf({ file, handle, report, cover }: PendingImport, use: FileUse): LibraryRecord {
  const isVae = use === 'use-vae' || use === 'use-preview';
  const kind = isVae && report.kind === 'model' ? 'vae' : report.kind;
  const name = report.kind === 'embedding' ? report.word : file.name.replace(WEIGHTS_FILE, '');
  const record: LibraryRecord = {
    v: 1,
    id: recordId(kind, name),
    kind,
    name,
    place: handle ? { kind: 'disk', handle } : { kind: 'dropped' },
    bytes: file.size,
    usedAt: Date.now(),
  };
  const facts = isVae ? undefined : factsOf(report);
  if (!facts) return record;
  return { ...record, facts: report.kind === 'lora' && cover ? { ...facts, cover } : facts };
}

/** Lets the person choose files, by the browser's picker where it gives handles, else by a file field. */
export async function chooseFiles(byField: () => void): Promise<void> {
  if (!window.showOpenFilePicker) {
    byField();
    return;
  }
  const types = [{ description: texts.models, accept: { 'application/octet-stream': [...WEIGHTS_ENDINGS] } }];
  // Closing the picker rejects; that is an answer, too.
  const handles = await window.showOpenFilePicker({ id: 'checkpoint', multiple: true, types }).catch(() => []);
  await startImport(
    await Promise.all(handles.map(async (handle) => ({ file: await handle.getFile(), handle }))),
    false,
  );
}
