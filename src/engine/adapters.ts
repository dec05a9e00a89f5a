import type { GenerationRequest } from '../core/request';
import { extraNetworks } from '../core/text/extra-networks';
import { type AdapterFile, openAdapter } from '../model/adapter-file';
import { fastUse } from '../model/running/fast';
import type { PaintingModel } from '../model/types';
import type { LoraUse } from '../model/weights/lora-merge';
import type { Embedding } from '../model/weights/textual-inversion';
import { folderFiles } from './model-source';
import type { NamedFile } from './protocol';

/** A file that was opened; its size tells it from another of its name. */
interface Shelved {
  adapter: AdapterFile;
  bytes: number;
}

/** Opens a file from the disk as LoRA or embedding; undefined where it is neither. */
async function shelved({ name, file }: NamedFile): Promise<Shelved | undefined> {
  const adapter = await openAdapter(folderFiles(name, [{ path: name, file }]));
  return adapter && { adapter, bytes: file.size };
}

/** The LoRAs and embeddings at hand, and which of them the model carries just now. */
export class AdapterShelf {
  #files: readonly Shelved[] = [];
  /** Undefined where the model may carry anything, after a change that failed or was cancelled. */
  #carried: string | undefined = '';

  /** What the model carries, as a key; empty where nothing. */
  get carried(): string {
    return this.#carried ?? '';
  }

  async fill(files: readonly NamedFile[], signal?: AbortSignal): Promise<void> {
    const opened = await Promise.all(files.map(shelved));
    signal?.throwIfAborted();
    this.#files = opened.filter((file) => file !== undefined);
  }

  /**
   * Gives the model the LoRAs that a prompt names, at its weights, its own for few steps where that is asked for, and the embeddings
   * whose words stand in any of the texts; nothing where it has them already. What no text names stays on the shelf: it may be for
   * another family.
   * @param other a further prompt, at the end of a walk.
   * @param signal ends it within one tensor; the model is then dressed anew before it paints again.
   */
  async dress(
    model: PaintingModel,
    { prompt, negativePrompt, fast }: Pick<GenerationRequest, 'prompt' | 'negativePrompt' | 'fast'>,
    other = '',
    signal?: AbortSignal,
  ): Promise<void> {
    const mentions = extraNetworks(prompt).loras;
    const texts = [prompt, negativePrompt, other].join('\n').toLowerCase();
    const loras: LoraUse[] = [];
    const embeddings: Embedding[] = [];
    const wanted: string[] = [];
    for (const { name, unetWeight, textWeight } of mentions) {
      const found = this.#files.find(({ adapter }) => adapter.kind === 'lora' && adapter.lora.name === name);
      if (found?.adapter.kind !== 'lora') continue;
      loras.push({ lora: found.adapter.lora, unetWeight, textWeight });
      wanted.push(`${name}:${found.bytes}:${unetWeight}:${textWeight}`);
    }
    if (fast) {
      loras.push(fastUse(model));
      wanted.push('fast');
    }
    for (const { adapter, bytes } of this.#files) {
      if (adapter.kind !== 'embedding' || !texts.includes(adapter.embedding.word.toLowerCase())) continue;
      embeddings.push(adapter.embedding);
      wanted.push(`${adapter.embedding.word}:${bytes}`);
    }
    if (wanted.join('\n') === this.#carried) return;
    this.#carried = undefined;
    await model.adapt({ loras, embeddings }, signal);
    this.#carried = wanted.join('\n');
  }
}
