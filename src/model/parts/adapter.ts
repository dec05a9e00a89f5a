import { said } from '../../core/errors';
import { type Lora, readLora } from '../weights/lora';
import type { ModelFiles } from '../weights/model-files';
import { type Embedding, readEmbedding } from '../weights/textual-inversion';
import { expectPart, openPart } from './index';

/** What prompts name: an opened LoRA or embedding. */
export type Adapter = { kind: 'lora'; lora: Lora } | { kind: 'embedding'; embedding: Embedding };

/**
 * Opens the one file as a LoRA or a textual inversion; only its header is read.
 * @throws EaselError `corrupt` for a damaged file, `unsupported` for another kind, or a kind of LoRA that cannot be
 * merged.
 */
export async function openAdapter(files: ModelFiles): Promise<Adapter> {
  const file = await openPart(files);
  const { kind } = expectPart(file, ['lora', 'embedding'], said`a LoRA or a textual inversion`);
  return kind === 'lora' ? { kind, lora: readLora(file) } : { kind: 'embedding', embedding: readEmbedding(file) };
}
