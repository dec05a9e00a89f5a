import { type RefObject, useLayoutEffect, useState } from 'react';

/** Rows this far out of sight are there too, so that the next one is when it is scrolled or walked to. */
const BEYOND_PX = 400;

/** A long list's rows and where it scrolls. */
interface Rows {
  scroller: RefObject<HTMLElement | null>;
  /** What holds the rows, however few of them are there. */
  list: RefObject<HTMLElement | null>;
  /** Whether they stand side by side and scroll that way. */
  sideways: boolean;
  /** Where each row begins in the list, and behind them where the last one ends, in pixels. */
  starts: readonly number[];
}

/** Which rows of a long list are in sight, or nearly: from the first of them to before the second number. */
export function useRowsInSight({ scroller, list, sideways, starts }: Rows): readonly [number, number] {
  const [rows, setRows] = useState<readonly [number, number]>([0, 0]);
  useLayoutEffect(() => {
    const [frame, content] = [scroller.current, list.current];
    if (!frame || !content) return;
    const look = () => {
      const [outer, inner] = [frame.getBoundingClientRect(), content.getBoundingClientRect()];
      const from = (sideways ? outer.left - inner.left : outer.top - inner.top) - BEYOND_PX;
      const to = from + (sideways ? outer.width : outer.height) + 2 * BEYOND_PX;
      const ends = starts.slice(1);
      const first = ends.findIndex((end) => end > from);
      const behind = ends.findIndex((_, row) => starts[row] >= to);
      const now = [first < 0 ? ends.length : first, behind < 0 ? ends.length : behind] as const;
      setRows((before) => (before[0] === now[0] && before[1] === now[1] ? before : now));
    };
    look();
    frame.addEventListener('scroll', look, { passive: true });
    const resized = new ResizeObserver(look);
    resized.observe(frame);
    return () => {
      frame.removeEventListener('scroll', look);
      resized.disconnect();
    };
  }, [scroller, list, sideways, starts]);
  return rows;
}
