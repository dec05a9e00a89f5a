/** Bytes [start, end) of a file. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Ranges in order, none touching another, with one more in. */
export function withRange(ranges: readonly ByteRange[], added: ByteRange): ByteRange[] {
  let { start, end } = added;
  if (start >= end) return [...ranges];
  const apart = ranges.filter((range) => {
    if (range.end < start || range.start > end) return true;
    start = Math.min(start, range.start);
    end = Math.max(end, range.end);
    return false;
  });
  return [...apart, { start, end }].sort((a, b) => a.start - b.start);
}

/** How many bytes there are from the first on without a gap. */
export function prefixLength([first]: readonly ByteRange[]): number {
  return first?.start === 0 ? first.end : 0;
}

export function totalLength(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** The first bytes that are in none of the ranges, at most so many; undefined when none are missing below `size`. */
export function firstGap(ranges: readonly ByteRange[], size: number, most: number): ByteRange | undefined {
  let start = 0;
  for (const range of ranges) {
    if (range.start > start) break;
    start = range.end;
  }
  if (start >= size) return undefined;
  const next = ranges.find((range) => range.start > start)?.start ?? size;
  return { start, end: Math.min(next, start + most, size) };
}
