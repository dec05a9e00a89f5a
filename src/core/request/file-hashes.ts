import { WEIGHTS_FILE } from '../file-kinds';

/**
 * SHA-256 of files, in hex, by which Civitai and A1111 know them: of a model, a VAE and an embedding the whole file's,
 * of a LoRA that of what follows the header, which training scripts change at will (kohya's `addnet_hash_safetensors`).
 */
export interface FileHashes {
  /** Of a model that is one file; others have none. */
  model?: string;
  /** By what prompts call them. */
  loras: readonly NamedHash[];
  embeddings: readonly NamedHash[];
  /** By their files' names, without their endings. */
  vaes: readonly NamedHash[];
}

export type NamedHash = readonly [name: string, hash: string];

/** As long as A1111 writes them. */
const [MODEL_DIGITS, ADAPTER_DIGITS] = [10, 12];

/** `Model hash` of A1111's text; undefined where there is none. */
export const modelHashText = ({ model }: Partial<FileHashes>): string | undefined => model?.slice(0, MODEL_DIGITS);

/** `VAE hash` of A1111's text; undefined where it is not known. @param vae the file's name */
export const vaeHashText = ({ vaes }: Pick<FileHashes, 'vaes'>, vae: string): string | undefined =>
  new Map(vaes).get(vae.replace(WEIGHTS_FILE, ''))?.slice(0, MODEL_DIGITS);

/** What a file is called in a list of hashes, without what would end its name there. */
export const hashName = (name: string): string => name.replace(/[:,]/g, '');

/** `Lora hashes` or `TI hashes` of A1111's text, such as `ink: 0123456789ab`; undefined where there are none. */
export function hashesText(hashes: readonly NamedHash[] = []): string | undefined {
  const list = hashes.map(([name, hash]) => `${hashName(name)}: ${hash.slice(0, ADAPTER_DIGITS)}`);
  return list.length === 0 ? undefined : list.join(', ');
}

/** The names and the beginnings of hashes in such a list. */
export function hashesIn(text: string | undefined): NamedHash[] {
  return (text ?? '').split(',').flatMap((entry) => {
    const [name, hash] = entry.split(':').map((part) => part.trim());
    return name && hash && /^[0-9a-f]+$/i.test(hash) ? [[name, hash.toLowerCase()] as const] : [];
  });
}
