/** A row of the grid: the name of a day, or some of its results. */
export type GridRow =
  | { kind: 'day'; day: string; count: number }
  /** From a place among all results to before another. */
  | { kind: 'results'; from: number; to: number };

/** The rows of days with so many results each, in so many columns. */
export function rowsOf(days: readonly { day: string; ids: readonly string[] }[], columns: number): GridRow[] {
  const rows: GridRow[] = [];
  let at = 0;
  for (const { day, ids } of days) {
    rows.push({ kind: 'day', day, count: ids.length });
    const end = at + ids.length;
    for (; at < end; at = Math.min(at + columns, end))
      rows.push({ kind: 'results', from: at, to: Math.min(at + columns, end) });
  }
  return rows;
}

/** Where each row begins and the last one ends, in pixels. */
export function startsOf(rows: readonly GridRow[], heights: Readonly<Record<GridRow['kind'], number>>): number[] {
  const starts = [0];
  for (const { kind } of rows) starts.push(starts[starts.length - 1] + heights[kind]);
  return starts;
}

/** The number of the row that a place is in. */
export const rowAt = (rows: readonly GridRow[], place: number): number =>
  rows.findIndex((row) => row.kind === 'results' && row.from <= place && place < row.to);

/**
 * Where a key leads in rows of results: arrows by one or to the row above or below, in the same column where that has
 * one; Page Up and Page Down by as many rows as are in sight; Home and End to either end.
 * @returns a place among all results; undefined for other keys, and where there is none further on
 */
export function steppedTo(
  key: string,
  place: number,
  rows: readonly GridRow[],
  rowsInSight: number,
): number | undefined {
  const lines = rows.filter((row) => row.kind === 'results');
  const line = rowAt(lines, place);
  const last = (lines.at(-1)?.to ?? 0) - 1;
  const inLine = (by: number) => {
    const { from, to } = lines[Math.min(lines.length - 1, Math.max(0, line + by))];
    return Math.min(from + place - lines[line].from, to - 1);
  };
  const steps: Readonly<Partial<Record<string, () => number>>> = {
    ArrowLeft: () => place - 1,
    ArrowRight: () => place + 1,
    ArrowUp: () => inLine(-1),
    ArrowDown: () => inLine(1),
    PageUp: () => inLine(-rowsInSight),
    PageDown: () => inLine(rowsInSight),
    Home: () => 0,
    End: () => last,
  };
  const to = steps[key]?.();
  return to === undefined || to === place || to < 0 || to > last ? undefined : to;
}
