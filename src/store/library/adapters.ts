import { create } from 'zustand';
import { fileKinds } from '../../core/file-kinds';
import type { GenerationRequest } from '../../core/request/request';
import { extraNetworks, type LoraWeights, loraKey, withLora, withPhrase } from '../../core/text/extra-networks';
import type { Attachment, NamedFile } from '../../engine/protocol';
import { usedAdapters } from '../../jobs/adapters';
import { errorText, sentenceText } from '../../texts/errors';
import { useEngine } from '../engine';
import { engine } from '../engine-port';
import { notify } from '../notices';
import { changeSettings, useSettings } from '../settings/settings';
import { changeRecord, entriesOf, type LibraryEntry, refreshAccess, removeRecord, useLibrary } from './library';
import { fileOf } from './library-files';
import { factsOf, type LibraryRecord } from './library-record';

/** LoRAs and embeddings. Which LoRAs are on, and how strongly, the prompt says, as in A1111. */
export const ADAPTERS = fileKinds('adapters');

/** Which of them do nothing in the open model, by their ids, and why. */
export const useMisfits = create<{ misfits: ReadonlyMap<string, string> }>(() => ({ misfits: new Map() }));

const readyAdapters = () => entriesOf(ADAPTERS, useLibrary.getState()).filter(({ access }) => access === 'ready');

/**
 * Gives the engine every LoRA and embedding that can be read; a model that was just loaded knows none of them yet.
 * @returns what became of each, by the id of its record.
 */
export async function attachAdapters(): Promise<ReadonlyMap<string, Attachment>> {
  const ids: string[] = [];
  const files: NamedFile[] = [];
  for (const { record } of readyAdapters()) {
    const file = await fileOf(record).catch((thrown) => notify(errorText(thrown)));
    if (!file) continue;
    files.push(file);
    ids.push(record.id);
  }
  const attachments = await engine().attach('adapter', files);
  const misfits = attachments.flatMap(({ outcome, ...rest }, at) =>
    outcome === 'misfit' && 'said' in rest ? [[ids[at], sentenceText(rest.said)] as const] : [],
  );
  useMisfits.setState({ misfits: new Map(misfits) });
  void learnFacts();
  return new Map(attachments.map((attachment, at) => [ids[at], attachment]));
}

/** Reads what LoRAs say of themselves that an earlier Easel put on the list. */
async function learnFacts(): Promise<void> {
  for (const { record } of readyAdapters()) {
    if (record.kind !== 'lora' || record.facts) continue;
    // One that cannot be read has been told of.
    const report = await fileOf(record)
      .then((file) => engine().identify(file))
      .catch(() => undefined);
    if (report?.kind === 'lora') await changeRecord(record.id, { facts: factsOf(report) });
  }
}

/** Names the files that cannot be used with any model; the others are there all the same. */
export function tellRefused(attachments: ReadonlyMap<string, Attachment>): void {
  for (const attachment of attachments.values())
    if (attachment.outcome === 'refused') notify(sentenceText(attachment.said));
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
    await fileOf(record).catch((thrown) => notify(errorText(thrown)));
    await refreshAccess(record.id);
  }
  tellRefused((await refreshAdapters()) ?? new Map());
}

/** Takes a LoRA or an embedding off the list and out of the prompt; both come back on undo. */
export async function removeAdapter({ record: { id, name, kind } }: LibraryEntry): Promise<void> {
  const { prompt } = useSettings.getState().values;
  const weight = kind === 'lora' ? loraWeights(prompt, name) : undefined;
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

/** The weights at which a prompt names a LoRA; undefined where it does not. */
export function loraWeights(prompt: string, name: string): LoraWeights | undefined {
  const key = loraKey(mentionOf(prompt, name));
  const mention = extraNetworks(prompt).loras.find((lora) => loraKey(lora.name) === key);
  return mention && { textWeight: mention.textWeight, unetWeight: mention.unetWeight };
}

/** That of the UNet. */
export const loraWeight = (prompt: string, name: string): number | undefined => loraWeights(prompt, name)?.unetWeight;

/** Names a LoRA in the prompt at a weight, or takes it out. */
export function setLoraWeight(name: string, weight: number | LoraWeights | undefined): void {
  const { prompt } = useSettings.getState().values;
  changeSettings({ prompt: withLora(prompt, mentionOf(prompt, name), weight) });
}

/** What can be used just now, by what prompts call it. */
function readyRecords() {
  const records = readyAdapters().map(({ record }) => record);
  return {
    loras: records
      .filter(({ kind }) => kind === 'lora')
      .map((record) => ({ name: record.name, alias: record.facts?.alias, record })),
    embeddings: records.filter(({ kind }) => kind === 'embedding').map((record) => ({ word: record.name, record })),
  };
}

/** The LoRAs and embeddings that a request uses. */
export function usedRecords(texts: Pick<GenerationRequest, 'prompt' | 'negativePrompt'>): LibraryRecord[] {
  const { loras, embeddings } = usedAdapters(texts, readyRecords());
  return [...loras.map(({ lora }) => lora.record), ...embeddings.map(({ record }) => record)];
}

/** Puts a LoRA's trigger words or an embedding's word into the prompt, where they are not in it already. */
export function sayInPrompt(words: string): void {
  const { prompt } = useSettings.getState().values;
  if (!says(prompt, words)) changeSettings({ prompt: withPhrase(prompt, words) });
}

/** Whether a prompt has the words in it, in whatever case. */
export const says = (prompt: string, words: string): boolean => prompt.toLowerCase().includes(words.toLowerCase());

/** LoRAs that a prompt names and that are not here. */
export function missingLoras(prompt: string): string[] {
  return usedAdapters({ prompt, negativePrompt: '' }, readyRecords()).missing;
}
