import type { Manifest, ModelFile } from './manifest';

/** What models take of the disk, in bytes. Each file counts once, however many models have it. */
export interface StoreUsage {
  /** Of the models in the list. */
  models: number;
  /** Of removed ones, which goes as soon as its space is needed; what a model in the list has too is not in it. */
  bin: number;
  /** Of downloads that are not done, and of what no list speaks of yet. */
  unfinished: number;
  /** What models would take more if none shared a file with another. */
  saved: number;
  /** Left for this page. */
  freeBytes: number;
}

/**
 * Adds up what a manifest speaks of.
 * @param onDisk bytes of all files in the store's folder
 */
export function usageOf({ models, blobs }: Manifest, onDisk: number): Omit<StoreUsage, 'freeBytes'> {
  const filesOf = (removed: boolean) =>
    models.filter(({ removedAt }) => (removedAt !== undefined) === removed).flatMap(({ files }) => files);
  const listed = filesOf(false).filter(({ sha256 }) => blobs[sha256]);
  const used = hashesOf(listed);
  const binned = [...hashesOf(filesOf(true))].filter((hash) => !used.has(hash));
  const sizeOf = (hashes: Iterable<string>) => sum([...hashes].map((hash) => blobs[hash]?.bytes ?? 0));
  const [inList, inBin] = [sizeOf(used), sizeOf(binned)];
  return {
    models: inList,
    bin: inBin,
    unfinished: Math.max(0, onDisk - inList - inBin),
    saved: sum(listed.map(({ bytes }) => bytes)) - inList,
  };
}

const hashesOf = (files: readonly ModelFile[]) => new Set(files.map(({ sha256 }) => sha256));
const sum = (sizes: readonly number[]) => sizes.reduce((all, size) => all + size, 0);
