import { create } from 'zustand';
import { toEaselError } from '../core/errors';
import { extraNetworks, withLora } from '../core/text/extra-networks';
import type { FileKind } from '../engine/protocol';
import { reportProblem } from './engine';
import { engine } from './engine-port';
import { notify } from './notices';
import { changeSettings, useSettings } from './settings';

export interface Adapter {
  /** The file's name without its ending: what prompts call it. */
  name: string;
  kind: Extract<FileKind, 'lora' | 'embedding'>;
  file: File;
}

/** LoRAs and embeddings of this visit. Which LoRAs are on, and how strongly, the prompt says, as in A1111. */
export const useAdapters = create<{ adapters: readonly Adapter[] }>(() => ({ adapters: [] }));

const nameOf = (file: File) => file.name.replace(/\.safetensors$/i, '');

/** Adds a file; a LoRA is named in the prompt at once. One of the same name takes the other's place. */
async function addAdapter(file: File, kind: Adapter['kind']): Promise<void> {
  const adapter = { name: nameOf(file), kind, file };
  const others = useAdapters.getState().adapters.filter(({ name }) => name !== adapter.name);
  if (!(await replaceAdapters([...others, adapter]))) return;
  if (kind === 'lora') setLoraWeight(adapter.name, loraWeight(useSettings.getState().values.prompt, adapter.name) ?? 1);
  else notify(`${adapter.name} can be named in prompts now.`);
}

/** Adds a file that is a LoRA or an embedding; anything else is for the model loader to read or refuse. */
export async function takeAdapter(file: File): Promise<boolean> {
  try {
    if (!file.name.endsWith('.safetensors')) return false;
    const { kind } = await engine().identify({ name: file.name, file });
    if (kind !== 'lora' && kind !== 'embedding') return false;
    await addAdapter(file, kind);
  } catch (thrown) {
    reportProblem(toEaselError(thrown), 'load', file.name);
  }
  return true;
}

export async function removeAdapter(name: string): Promise<void> {
  const { prompt } = useSettings.getState().values;
  changeSettings({ prompt: withLora(prompt, name, undefined) });
  await replaceAdapters(useAdapters.getState().adapters.filter((adapter) => adapter.name !== name));
}

async function replaceAdapters(adapters: readonly Adapter[]): Promise<boolean> {
  try {
    await engine().useAdapters(adapters.map(({ file }) => ({ name: file.name, file })));
    useAdapters.setState({ adapters });
    return true;
  } catch (thrown) {
    reportProblem(toEaselError(thrown), 'load', 'the LoRA or embedding');
    return false;
  }
}

/** A model was loaded into a new worker, which knows none of them yet. */
export async function offerAdapters(): Promise<void> {
  const { adapters } = useAdapters.getState();
  if (adapters.length > 0) await replaceAdapters(adapters);
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
  const here = new Set(useAdapters.getState().adapters.map(({ name }) => name));
  return extraNetworks(prompt).loras.map(({ name }) => name).filter((name) => !here.has(name)); // biome-ignore format: one thought
}
