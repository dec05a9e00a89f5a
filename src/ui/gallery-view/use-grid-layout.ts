import { type RefObject, useMemo } from 'react';
import type { ResultDay } from '../../store/gallery/find-results';
import { useNarrow } from '../components/use-narrow';
import { useWidth } from '../components/use-width';
import { rowsOf, startsOf } from './grid-rows';

/** As in result-grid.css; change both together. */
const GAP_PX = 8;
const DAY_PX = 44;
const LEAST_CELL_PX = 148;
const LEAST_CELL_NARROW_PX = 100;

/** How results lie in a grid as wide as an element: in square cells, as many beside each other as there is room for. */
export function useGridLayout(element: RefObject<HTMLElement | null>, days: readonly ResultDay[]) {
  const width = useWidth(element);
  const least = useNarrow() ? LEAST_CELL_NARROW_PX : LEAST_CELL_PX;
  const columns = Math.max(1, Math.floor((width + GAP_PX) / (least + GAP_PX)));
  return useMemo(() => {
    const cell = (width - GAP_PX * (columns - 1)) / columns;
    const rows = rowsOf(days, columns);
    return { columns, rows, starts: startsOf(rows, { day: DAY_PX, results: cell + GAP_PX }) };
  }, [days, columns, width]);
}
