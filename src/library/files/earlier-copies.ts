import type { StorageDirectory } from './directory';
import type { ModelStore } from './model-store';

/** A single file that Easel 0.1 copied into the browser, under its record's id. */
export interface EarlierCopy {
  id: string;
  name: string;
  kind: string;
}

/** As Easel 0.1 called the copies' files, in a folder called `library`. */
export const copyName = (id: string) => encodeURIComponent(id);

/** Whoever reads a copy has this one, shared; it is not moved away meanwhile. */
export const lockOfCopy = (id: string) => `easel.copy.${id}`;

/**
 * Takes the copies that Easel 0.1 keeps into the store: moved where the disk can do that, else copied and deleted once
 * they are there. What does not fit, or is being read, stays where it is until another time.
 * @returns the ids that the store has now
 */
export async function takeOver(
  copies: readonly EarlierCopy[],
  folder: StorageDirectory,
  store: ModelStore,
): Promise<readonly string[]> {
  const taken: string[] = [];
  for (const copy of copies) {
    const { locks } = store.ports;
    const take = (lock: unknown) => (lock ? takeOne(copy, folder, store) : Promise.resolve(false));
    if (await locks.request(lockOfCopy(copy.id), { ifAvailable: true }, take)) taken.push(copy.id);
  }
  return taken;
}

/** @returns whether the store has it */
async function takeOne(copy: EarlierCopy, folder: StorageDirectory, store: ModelStore): Promise<boolean> {
  const name = copyName(copy.id);
  const file = await folder.blob(name);
  // A visit before this one may have taken it, and have ended before it could say so.
  if (!file) return (await store.list({ removed: true })).some(({ id }) => id === copy.id);
  const path = `${copy.name}.safetensors`;
  const move = folder.moveTo && ((as: string) => folder.moveTo?.(name, store.ports.directory, as) ?? Promise.resolve());
  try {
    if (move) await store.moveIn(copy, path, file, move);
    else await store.import({ ...copy, files: [{ path, file }] });
  } catch {
    return false;
  }
  // The lock under which that version writes and deletes there, in a tab that may still be open.
  await store.ports.locks.request('easel.library', {}, () => folder.remove(name));
  return true;
}
