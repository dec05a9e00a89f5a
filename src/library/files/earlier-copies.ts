import type { StorageDirectory } from './directory';
import type { ModelStore } from './model-store';

/** A single file that Easel 0.1 copied into the browser, under its record's id. */
export interface EarlierCopy {
  id: string;
  name: string;
  kind: string;
}

/** As Easel 0.1 called the copies' files, in a folder called `library`. */
const copyName = (id: string) => encodeURIComponent(id);

/**
 * Takes the copies that Easel 0.1 keeps into the store, each deleted once it is there. What does not fit stays where it
 * is until there is room.
 * @returns the ids that the store has now
 */
export async function takeOver(
  copies: readonly EarlierCopy[],
  folder: StorageDirectory,
  store: ModelStore,
): Promise<readonly string[]> {
  // The lock under which that version writes and deletes there, in a tab that may still be open.
  return store.ports.locks.request('easel.library', {}, async () => {
    const taken: string[] = [];
    for (const copy of copies) {
      const file = await folder.blob(copyName(copy.id));
      if (!file) continue;
      const isThere = (await store.list({ removed: true })).some(({ id }) => id === copy.id);
      const files = [{ path: `${copy.name}.safetensors`, file }];
      if (!isThere && !(await store.import({ ...copy, files }).then(yes, no))) continue;
      taken.push(copy.id);
      await folder.remove(copyName(copy.id));
    }
    return taken;
  });
}

const yes = () => true;
const no = () => false;
