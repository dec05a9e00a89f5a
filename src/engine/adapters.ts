import { extraNetworks } from '../core/text/extra-networks';
import { type AdapterFile, openAdapter } from '../model/adapter-file';
import type { PaintingModel } from '../model/types';
import { folderFiles } from './model-source';
import type { NamedFile } from './protocol';

/** Opens a file from the disk as LoRA or embedding; undefined where it is neither. */
function adapterOf({ name, file }: NamedFile): Promise<AdapterFile | undefined> {
  return openAdapter(folderFiles(name, [{ path: name, file }]));
}

/** The LoRAs and embeddings at hand, and which of them the model carries just now. */
export class AdapterShelf {
  #files: readonly AdapterFile[] = [];
  #carried = '';

  async fill(files: readonly NamedFile[]): Promise<void> {
    const opened = await Promise.all(files.map(adapterOf));
    this.#files = opened.filter((file) => file !== undefined);
  }

  /** Gives the model the LoRAs that a prompt names, at its weights, and every embedding; nothing where it has them already. */
  async dress(model: PaintingModel, prompt: string): Promise<void> {
    const mentions = extraNetworks(prompt).loras;
    const loras = mentions.flatMap(({ name, unetWeight, textWeight }) => {
      const found = this.#files.find((file) => file.kind === 'lora' && file.lora.name === name);
      return found?.kind === 'lora' ? [{ lora: found.lora, unetWeight, textWeight }] : [];
    });
    const embeddings = this.#files.flatMap((file) => (file.kind === 'embedding' ? [file.embedding] : []));
    const wanted = [
      ...loras.map(({ lora, unetWeight, textWeight }) => `${lora.name}:${unetWeight}:${textWeight}`),
      ...embeddings.map(({ word }) => word),
    ].join('\n');
    if (wanted === this.#carried) return;
    await model.adapt({ loras, embeddings });
    this.#carried = wanted;
  }
}
