import { EaselError } from '../core/errors';
import type { ModelFiles } from './types';
import { type Lora, openLora } from './weights/lora';
import { type Embedding, openEmbedding } from './weights/textual-inversion';

/** What a .safetensors file that is no whole model may be. */
export type AdapterFile = { kind: 'lora'; lora: Lora } | { kind: 'embedding'; embedding: Embedding };

/**
 * Opens the one file as a LoRA or a textual inversion; only its header is read.
 * @returns undefined where it is neither, as a checkpoint is.
 * @throws EaselError `corrupt` for a damaged file, `unsupported` for a kind of LoRA that cannot be merged.
 */
export async function openAdapter(files: ModelFiles): Promise<AdapterFile | undefined> {
  const [path] = files.list();
  const lora = await unless(/is no LoRA/, openLora(files, path));
  if (lora) return { kind: 'lora', lora };
  const embedding = await unless(/is no textual inversion/, openEmbedding(files, path));
  return embedding && { kind: 'embedding', embedding };
}

async function unless<T>(other: RegExp, opening: Promise<T>): Promise<T | undefined> {
  try {
    return await opening;
  } catch (thrown) {
    if (thrown instanceof EaselError && thrown.code === 'unsupported' && other.test(thrown.message)) return undefined;
    throw thrown;
  }
}
