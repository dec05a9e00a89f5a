import { openAsBlob } from 'node:fs';
import type { FileHashes, NamedHash } from '../core/request/file-hashes';
import type { GenerationRequest } from '../core/request/request';
import { saysWord } from '../core/text/embedding-words';
import { usedAdapters } from '../jobs/adapters';
import { hashOfFile } from '../library/files/file-hash';
import type { Lora } from '../model/weights/lora';
import type { Embedding } from '../model/weights/textual-inversion';

/** LoRAs and embeddings by what prompts call them, with their files. */
export interface NamedAdapters {
  loras: readonly { name: string; alias?: string; lora: Lora; path: string }[];
  embeddings: readonly { word: string; embedding: Embedding; path: string }[];
}

/** The pictures of a batch are painted by the same files. */
const hashes = new Map<string, Promise<string>>();

function hashOf(path: string, skipsHeader: boolean): Promise<string> {
  const hash = hashes.get(path) ?? openAsBlob(path).then((file) => hashOfFile(file, skipsHeader));
  hashes.set(path, hash);
  return hash;
}

/** The hashes of the files that paint a request. @param model a folder, which has none, or a file */
export async function hashesOf(model: string, known: NamedAdapters, request: GenerationRequest): Promise<FileHashes> {
  const used = usedAdapters(request, known);
  const texts = [request.prompt, request.negativePrompt];
  return {
    model: model.endsWith('.safetensors') ? await hashOf(model, false) : undefined,
    loras: await Promise.all(
      used.loras.map(
        async ({ lora: { lora, path }, mention }): Promise<NamedHash> => [
          mention,
          lora.hash ?? (await hashOf(path, true)),
        ],
      ),
    ),
    embeddings: await Promise.all(
      used.embeddings
        .filter(({ word }) => texts.some((text) => saysWord(text, word)))
        .map(async ({ word, path }): Promise<NamedHash> => [word, await hashOf(path, false)]),
    ),
    vaes: [],
  };
}
