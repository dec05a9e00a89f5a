import { useDeferredValue, useEffect, useMemo } from 'react';
import { useBoards } from '../../store/gallery/boards';
import { daysOf, findResults, type ResultFilter } from '../../store/gallery/find-results';
import { useGallery } from '../../store/gallery/gallery';
import { openIndex, useResultIndex } from '../../store/gallery/result-index';

/** What the person looks for: a board by its name. */
export interface Wanted extends Omit<ResultFilter, 'board'> {
  board?: string;
}

export const EVERYTHING: Wanted = { words: '' };

/** The results that are wanted, by day and one after another, newest first; all there are, as far as they are known. */
export function useFound(wanted: Wanted) {
  useEffect(() => void openIndex(), []);
  const ids = useGallery((state) => state.ids);
  const loaded = useGallery((state) => state.loaded);
  const { facts, complete } = useResultIndex();
  const boards = useBoards((state) => state.boards);
  const filter = useDeferredValue(wanted);
  const days = useMemo(() => {
    const board = filter.board === undefined ? undefined : new Set(boards.get(filter.board));
    return daysOf(findResults(ids, facts, { ...filter, board }));
  }, [ids, facts, boards, filter]);
  const found = useMemo(() => days.flatMap((day) => day.ids), [days]);
  // Those that cannot be read are none that could be found.
  const of = useMemo(() => ids.filter((id) => facts.has(id)).length, [ids, facts]);
  return { days, found, of: complete ? of : ids.length, complete: loaded && complete };
}
