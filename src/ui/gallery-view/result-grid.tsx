import { type MouseEvent, type RefObject, useCallback, useEffect, useRef } from 'react';
import type { ResultDay } from '../../store/gallery/find-results';
import { dayOf } from '../../store/gallery/result-facts';
import { only, rangeTo, type Selection, toggle } from '../../store/gallery/selection';
import { texts } from '../../texts/gallery-view';
import { useRowsInSight } from '../gallery/use-rows-in-sight';
import { rowAt } from './grid-rows';
import { ResultCell } from './result-cell';
import { useGridKeys } from './use-grid-keys';
import { useGridLayout } from './use-grid-layout';
import './result-grid.css';

interface ResultGridProps {
  /** What scrolls it. */
  scroller: RefObject<HTMLElement | null>;
  days: readonly ResultDay[];
  found: readonly string[];
  selection: Selection;
  /** Whether a click chooses one more or less: on touch screens there is no Ctrl. */
  selecting: boolean;
  onSelect(selection: Selection): void;
  onOpen(id: string): void;
  onDelete(ids: readonly string[]): void;
  onFavour(ids: readonly string[]): void;
  onCompare(ids: readonly string[]): void;
  /** Is given what brings the focus to a result. */
  focus: RefObject<(id: string) => void>;
}

/** Results by day, as many as are in sight on the page. */
export function ResultGrid({ scroller, days, found, selection, selecting, focus, ...act }: ResultGridProps) {
  const grid = useRef<HTMLTableElement>(null);
  const { columns, rows, starts } = useGridLayout(grid, days);
  // Of the rows before, until it has looked at these.
  const [first, behind] = useRowsInSight({ scroller, list: grid, sideways: false, starts }).map((row) =>
    Math.min(row, rows.length),
  );
  const onSeek = (place: number) => scroller.current?.scrollTo({ top: starts[rowAt(rows, place)] });
  const rowsInSight = Math.max(1, behind - first - 4);
  const keys = useGridKeys({ ...act, found, rows, rowsInSight, grid, selection, onSeek });
  useEffect(() => {
    focus.current = keys.focus;
  }, [focus, keys.focus]);
  const press = usePresses({ found, selection, selecting, ...act });
  const inSight = rows.slice(first, behind);
  const ids = inSight.flatMap((row) => (row.kind === 'results' ? found.slice(row.from, row.to) : []));
  const tabStop = keys.left !== undefined && ids.includes(keys.left) ? keys.left : ids[0];
  return (
    <table
      ref={grid}
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: WAI-ARIA's grid is a table that takes keys
      role="grid"
      className="grid"
      aria-label={texts.results}
      aria-multiselectable="true"
      aria-rowcount={rows.length}
      aria-colcount={columns}
      {...keys.handlers}
      style={{
        paddingTop: starts[first],
        paddingBottom: starts[starts.length - 1] - starts[behind],
        '--columns': columns,
      }}
    >
      <tbody>
        {inSight.map((row, at) =>
          row.kind === 'day' ? (
            <DayRow key={row.day} {...row} index={first + at + 1} />
          ) : (
            <tr key={found[row.from]} className="grid-row" aria-rowindex={first + at + 1}>
              {found.slice(row.from, row.to).map((id, column) => (
                <ResultCell
                  key={id}
                  id={id}
                  column={column + 1}
                  isChosen={selection.chosen.has(id)}
                  isTabStop={id === tabStop}
                  {...press}
                />
              ))}
            </tr>
          ),
        )}
      </tbody>
    </table>
  );
}

/** @param index of the row among all, from 1 */
function DayRow({ day, count, index }: { day: string; count: number; index: number }) {
  return (
    <tr className="grid-day" aria-rowindex={index}>
      <th scope="row">
        {nameOf(day)} <span className="grid-count">{count}</span>
      </th>
    </tr>
  );
}

type Presses = Pick<ResultGridProps, 'found' | 'selection' | 'selecting' | 'onSelect' | 'onOpen'>;

/** What clicks and taps do; the same functions all the time, so that no cell is drawn anew for them. */
function usePresses(presses: Presses) {
  const latest = useRef(presses);
  useEffect(() => {
    latest.current = presses;
  });
  const onOpen = useCallback((id: string) => latest.current.onOpen(id), []);
  const onMark = useCallback((id: string, event: MouseEvent) => {
    const { selection, found, onSelect } = latest.current;
    event.stopPropagation();
    onSelect(event.shiftKey ? rangeTo(selection, id, found) : toggle(selection, id));
  }, []);
  const onPress = useCallback((id: string, event: MouseEvent) => {
    const { selection, selecting, found, onSelect } = latest.current;
    const isTouch = (event.nativeEvent as PointerEvent).pointerType === 'touch';
    if (event.shiftKey) onSelect(rangeTo(selection, id, found));
    else if (selecting || event.ctrlKey || event.metaKey) onSelect(toggle(selection, id));
    else if (isTouch) latest.current.onOpen(id);
    else onSelect(only(id));
  }, []);
  return { onOpen, onMark, onPress };
}

/** A day in words, `2026-11-30` as today where it is. */
function nameOf(day: string): string {
  const [year, month, date] = day.split('-').map(Number);
  const now = new Date();
  if (day === dayOf(now)) return texts.today;
  if (day === dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1))) return texts.yesterday;
  return texts.day(new Date(year, month - 1, date));
}
