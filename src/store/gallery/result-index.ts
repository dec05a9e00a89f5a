import { create } from 'zustand';
import { toEaselError } from '../../core/errors';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { notify } from '../notices';
import { type GalleryState, markFavourites, storedRecords, useGallery } from './gallery';
import { factsOf, type ResultFacts } from './result-facts';

interface ResultIndex {
  facts: ReadonlyMap<string, ResultFacts>;
  /** False until what lies on the disk is read, or cannot be. */
  complete: boolean;
}

/** What all results are found by. It is read when the gallery is first opened. */
export const useResultIndex = create<ResultIndex>(() => ({ facts: new Map(), complete: false }));

let reading: Promise<void> | undefined;

/** Reads what the results are found by, once, the newest first; what changes is followed from then on. */
export function openIndex(): Promise<void> {
  reading ??= readAll();
  return reading;
}

async function readAll(): Promise<void> {
  followGallery(useGallery.getState());
  useGallery.subscribe(({ results }, before) => results !== before.results && followGallery({ results }));
  const found = new Map<string, ResultFacts>();
  let isFirst = true;
  try {
    for await (const records of storedRecords()) {
      for (const record of records) {
        const facts = factsOf(record);
        if (facts) found.set(facts.id, facts);
      }
      // The newest fill the page; the others come together, since each addition draws it anew.
      if (!isFirst) continue;
      isFirst = false;
      add(found);
    }
  } catch (thrown) {
    // The page says so itself.
    if (toEaselError(thrown).code !== 'no-storage') notify(texts.resultsUnread(errorText(thrown)));
  }
  add(found);
  useResultIndex.setState({ complete: true });
}

/** What the page knows of a result is newer than what was read of it. */
function add(found: ReadonlyMap<string, ResultFacts>): void {
  useResultIndex.setState(({ facts }) => ({ facts: new Map([...found, ...facts]) }));
}

/** Takes up results that are new, and marks that were changed. */
function followGallery({ results }: Pick<GalleryState, 'results'>): void {
  const { facts } = useResultIndex.getState();
  const changed = Object.values(results).flatMap(({ record }) => {
    const known = facts.get(record.id);
    return known && known.favourite === (record.favourite === true) ? [] : (factsOf(record) ?? []);
  });
  if (changed.length > 0)
    useResultIndex.setState({ facts: new Map([...facts, ...changed.map((of) => [of.id, of] as const)]) });
}

/** Marks results as favourites, or no longer, whether they were read or not. */
export async function favourResults(ids: readonly string[], favourite: boolean): Promise<void> {
  const before = ids.flatMap((id) => useResultIndex.getState().facts.get(id) ?? []);
  const show = (changed: readonly ResultFacts[]) =>
    useResultIndex.setState(({ facts }) => ({
      facts: new Map([...facts, ...changed.map((of) => [of.id, of] as const)]),
    }));
  show(before.map((of) => ({ ...of, favourite })));
  if (!(await markFavourites(ids, favourite))) show(before);
}
