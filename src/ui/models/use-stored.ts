import type { ListedModel } from '../../library/files/model-store';
import type { LibraryRecord } from '../../store/library/library-record';
import { useStoredModels } from '../../store/library/stored-models';

/** Something that the store knows of a thing; undefined where it does not lie there. */
export function useStored<T>({ place }: LibraryRecord, of: (stored: ListedModel) => T): T | undefined {
  return useStoredModels(({ models }) => {
    const stored = place.kind === 'stored' ? models.get(place.model) : undefined;
    return stored && of(stored);
  });
}
