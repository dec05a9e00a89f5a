import { toEaselError } from '../../core/errors';
import { fileKinds } from '../../core/file-kinds';
import type { GenerationRequest } from '../../core/request/request';
import { extraNetworks, loraKey, withLora } from '../../core/text/extra-networks';
import type { Attachment, NamedFile } from '../../engine/protocol';
import { usedAdapters } from '../../jobs/adapters';
import { useEngine } from '../engine';
import { engine } from '../engine-port';
import { notify } from '../notices';
import { changeSettings, useSettings } from '../settings/settings';
import {
  changeRecord,
  entriesOf,
  entryOf,
  type LibraryEntry,
  refreshAccess,
  removeRecord,
  useLibrary,
} from './library';
import { fileOf } from './library-files';
import type { LibraryRecord } from './library-record';

/** LoRAs and embeddings. Which LoRAs are on, and how strongly, the prompt says, as in A1111. */
export const ADAPTERS = fileKinds('adapters');

const readyAdapters = () => entriesOf(ADAPTERS, useLibrary.getState()).filter(({ access }) => access === 'ready');

/**
 * Gives the engine every LoRA and embedding that can be read; a model that was just loaded knows none of them yet.
 * @returns what became of each, by the id of its record.
 */
export async function attachAdapters(): Promise<ReadonlyMap<string, Attachment>> {
  const ids: string[] = [];
  const files: NamedFile[] = [];
  for (const { record } of readyAdapters()) {
    const file = await fileOf(record).catch((thrown) => notify(toEaselError(thrown).message));
    if (!file) continue;
    files.push(file);
    ids.push(record.id);
  }
  const attachments = await engine().attach('adapter', files);
  await Promise.all(attachments.map((attachment, at) => keepSaid(ids[at], attachment, files[at].file)));
  return new Map(attachments.map((attachment, at) => [ids[at], attachment]));
}

/** Keeps what a LoRA's file says of itself. */
async function keepSaid(id: string, attachment: Attachment, file: Blob): Promise<void> {
  const record = entryOf(id)?.record;
  if (!record || attachment.outcome === 'refused' || !attachment.said) return;
  const { alias, hash: sha256 } = attachment.said;
  const hash = sha256 === undefined ? record.hash : { sha256, bytes: file.size, modifiedAt: modifiedAt(file) };
  if (record.alias !== alias || record.hash?.sha256 !== hash?.sha256) await changeRecord(id, { alias, hash });
}

const modifiedAt = (file: Blob) => (file instanceof File ? file.lastModified : 0);

/** Names the files that cannot be used with any model; the others are there all the same. */
export function tellRefused(attachments: ReadonlyMap<string, Attachment>): void {
  for (const attachment of attachments.values()) if (attachment.outcome === 'refused') notify(attachment.message);
}

/**
 * The same after a change of theirs; a model that is being opened, or will be opened again, is given them at its end.
 * @returns undefined where no model can be given any now.
 */
export async function refreshAdapters(): Promise<ReadonlyMap<string, Attachment> | undefined> {
  const { model, opening, stopped } = useEngine.getState();
  return model && opening === 0 && !stopped ? attachAdapters() : undefined;
}

/** Asks for leave to read what earlier visits used, each in turn, and offers it to the engine. */
export async function allowReading(entries: readonly LibraryEntry[]): Promise<void> {
  for (const { record } of entries) {
    await fileOf(record).catch((thrown) => notify(toEaselError(thrown).message));
    await refreshAccess(record.id);
  }
  tellRefused((await refreshAdapters()) ?? new Map());
}

/** Takes a LoRA or an embedding off the list and out of the prompt; both come back on undo. */
export async function removeAdapter({ record: { id, name, kind } }: LibraryEntry): Promise<void> {
  const { prompt } = useSettings.getState().values;
  const weight = kind === 'lora' ? loraWeight(prompt, name) : undefined;
  if (weight !== undefined) setLoraWeight(name, undefined);
  await removeRecord(id, () => {
    if (weight !== undefined) setLoraWeight(name, weight);
    void refreshAdapters();
  });
  await refreshAdapters();
}

/** What a prompt calls a LoRA: its name, in whatever case, or its alias. */
function mentionOf(prompt: string, name: string): string {
  const { loras } = usedAdapters({ prompt, negativePrompt: '' }, readyRecords());
  return loras.find(({ lora }) => lora.name === name)?.mention ?? name;
}

/** The weight at which a prompt names a LoRA; undefined where it does not. */
export function loraWeight(prompt: string, name: string): number | undefined {
  const key = loraKey(mentionOf(prompt, name));
  return extraNetworks(prompt).loras.find((lora) => loraKey(lora.name) === key)?.unetWeight;
}

export function setLoraWeight(name: string, weight: number | undefined): void {
  const { prompt } = useSettings.getState().values;
  changeSettings({ prompt: withLora(prompt, mentionOf(prompt, name), weight) });
}

/** What can be used just now, by what prompts call it. */
function readyRecords() {
  const records = readyAdapters().map(({ record }) => record);
  return {
    loras: records.filter(({ kind }) => kind === 'lora'),
    embeddings: records.filter(({ kind }) => kind === 'embedding').map((record) => ({ word: record.name, record })),
  };
}

/** The LoRAs and embeddings that a request uses. */
export function usedRecords(texts: Pick<GenerationRequest, 'prompt' | 'negativePrompt'>): LibraryRecord[] {
  const { loras, embeddings } = usedAdapters(texts, readyRecords());
  return [...loras.map(({ lora }) => lora), ...embeddings.map(({ record }) => record)];
}

/** LoRAs that a prompt names and that are not here. */
export function missingLoras(prompt: string): string[] {
  return usedAdapters({ prompt, negativePrompt: '' }, readyRecords()).missing;
}
