/** How a list of results lies on the page. */
export interface Rows {
  count: number;
  columns: number;
}

/**
 * Where a key leads in rows of results: arrows by one or by a row, Home and End to either end.
 * @param at the place to start from, 0 .. count - 1
 * @returns the place; undefined for other keys, and where there is none further on
 */
export function walkedTo(key: string, at: number, { count, columns }: Rows): number | undefined {
  const to = stepsOf(key, at, count, columns);
  return to === undefined || to === at || to < 0 || to >= count ? undefined : to;
}

function stepsOf(key: string, at: number, count: number, columns: number): number | undefined {
  switch (key) {
    case 'ArrowLeft':
      return at - 1;
    case 'ArrowRight':
      return at + 1;
    case 'ArrowUp':
      return at - columns;
    case 'ArrowDown':
      // From the last but one row to the last, however short that is.
      return Math.floor(at / columns) === Math.floor((count - 1) / columns)
        ? undefined
        : Math.min(count - 1, at + columns);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
