import { toEaselError } from '../core/errors';
import { extraNetworks, withLora } from '../core/text/extra-networks';
import type { NamedFile } from '../engine/protocol';
import { useEngine } from './engine';
import { engine } from './engine-port';
import { entriesOf, type LibraryEntry, refreshAccess, removeRecord, useLibrary } from './library';
import { fileOf } from './library-files';
import { notify } from './notices';
import { changeSettings, useSettings } from './settings';

/** LoRAs and embeddings. Which LoRAs are on, and how strongly, the prompt says, as in A1111. */
export const ADAPTERS = ['lora', 'embedding'] as const;

const readyAdapters = () => entriesOf(ADAPTERS, useLibrary.getState()).filter(({ access }) => access === 'ready');

/** Gives the engine every LoRA and embedding that can be read; a model that was just loaded knows none of them yet. */
export async function offerAdapters(): Promise<void> {
  const files: NamedFile[] = [];
  for (const { record } of readyAdapters()) {
    const file = await fileOf(record).catch((thrown) => notify(toEaselError(thrown).message));
    if (file) files.push(file);
  }
  await engine().useAdapters(files);
}

/**
 * The same after a change of theirs; a model that is being opened, or will be opened again, is given them at its end.
 */
export async function refreshAdapters(): Promise<void> {
  const { model, opening, stopped } = useEngine.getState();
  if (model && opening === 0 && !stopped) await offerAdapters();
}

/** Asks for leave to read what earlier visits used, each in turn, and offers it to the engine. */
export async function allowReading(entries: readonly LibraryEntry[]): Promise<void> {
  for (const { record } of entries) {
    await fileOf(record).catch((thrown) => notify(toEaselError(thrown).message));
    await refreshAccess(record.id);
  }
  await refreshAdapters();
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

/** The weight at which a prompt names a LoRA; undefined where it does not. */
export function loraWeight(prompt: string, name: string): number | undefined {
  return extraNetworks(prompt).loras.find((lora) => lora.name === name)?.unetWeight;
}

export function setLoraWeight(name: string, weight: number | undefined): void {
  const { prompt } = useSettings.getState().values;
  changeSettings({ prompt: withLora(prompt, name, weight) });
}

/** LoRAs that a prompt names and that are not here. */
export function missingLoras(prompt: string): string[] {
  const here = new Set(readyAdapters().map(({ record }) => record.name));
  return extraNetworks(prompt).loras.map(({ name }) => name).filter((name) => !here.has(name)); // biome-ignore format: one thought
}
