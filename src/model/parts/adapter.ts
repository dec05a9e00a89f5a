import { EaselError } from '../../core/errors';
import type { ModelFiles } from '../types';
import { type Lora, readLora } from '../weights/lora';
import { type Embedding, readEmbedding } from '../weights/textual-inversion';
import { openPart, partOf } from './index';

/** What prompts name: an opened LoRA or embedding. */
export type Adapter = { kind: 'lora'; lora: Lora } | { kind: 'embedding'; embedding: Embedding };

/**
 * Opens the one file as a LoRA or a textual inversion; only its header is read.
 * @throws EaselError `corrupt` for a damaged file, `unsupported` for another kind, or a kind of LoRA that cannot be
 * merged.
 */
export async function openAdapter(files: ModelFiles): Promise<Adapter> {
  const file = await openPart(files);
  const part = partOf(file);
  switch (part.kind) {
    case 'lora':
      return { kind: 'lora', lora: readLora(file) };
    case 'embedding':
      return { kind: 'embedding', embedding: readEmbedding(file) };
    default:
      // One that cannot be used says itself what it is.
      part.report(file);
      throw new EaselError('unsupported', `${file.path} is neither a LoRA nor a textual inversion (${part.kind}).`);
  }
}
