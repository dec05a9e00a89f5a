/** A pointer's sample on the canvas. */
export interface Sample {
  x: number;
  y: number;
  /** 0 .. 1. */
  pressure: number;
}

/** A stroke's course so far, and how far along it the next dab stands. */
export interface Path {
  /** The last two samples. */
  readonly recent: readonly Sample[];
  /** Where the curve has come to. */
  readonly end: Sample;
  /** Pixels along the curve from `end` to the next dab. */
  readonly toNext: number;
}

/**
 * Pixels from one dab to the next for a radius: 0.8 r squared leaves scallops of a tenth of a pixel (s^2 / 8 r), too
 * small to see.
 */
export const spacing = (radius: number): number => Math.max(0.5, Math.sqrt(0.8 * radius));

const between = (a: Sample, b: Sample, t: number): Sample => ({
  x: a.x + (b.x - a.x) * t,
  y: a.y + (b.y - a.y) * t,
  pressure: a.pressure + (b.pressure - a.pressure) * t,
});

/** Begins a stroke; its first dab stands at the sample itself. */
export function beginPath(first: Sample, step: (at: Sample) => number): Path {
  return { recent: [first], end: first, toNext: step(first) };
}

/** Places dabs along a short straight piece. */
function walk(path: Path, to: Sample, step: (at: Sample) => number, dab: (at: Sample) => void): Path {
  const length = Math.hypot(to.x - path.end.x, to.y - path.end.y);
  let at = path.toNext;
  while (at <= length && length > 0) {
    const sample = between(path.end, to, at / length);
    dab(sample);
    at += step(sample);
  }
  return { ...path, end: to, toNext: at - length };
}

/** Straight pieces that a curve is walked in: one for every four pixels. */
const PIECE = 4;

/**
 * Goes on to a new sample: a quadratic Bezier curve from the middle of the last two to the middle of the last and this
 * one, with the last as its control point, so the stroke is smooth however few samples a fast hand gives. It trails
 * half a sample until `endPath`.
 */
export function extendPath(path: Path, to: Sample, step: (at: Sample) => number, dab: (at: Sample) => void): Path {
  const control = path.recent[path.recent.length - 1];
  if (to.x === control.x && to.y === control.y) return { ...path, recent: [...path.recent.slice(0, -1), to] };
  const [start, end] = [path.end, between(control, to, 0.5)];
  const length =
    Math.hypot(control.x - start.x, control.y - start.y) + Math.hypot(end.x - control.x, end.y - control.y);
  const pieces = Math.max(1, Math.ceil(length / PIECE));
  let next = path;
  for (let i = 1; i <= pieces; i++) {
    const t = i / pieces;
    next = walk(next, between(between(start, control, t), between(control, end, t), t), step, dab);
  }
  return { ...next, recent: [control, to] };
}

/** Goes the last half sample, to where the pointer was lifted; the end gets a dab of its own. */
export function endPath(path: Path, step: (at: Sample) => number, dab: (at: Sample) => void): void {
  const last = path.recent[path.recent.length - 1];
  if (path.end.x === last.x && path.end.y === last.y) return;
  walk(path, last, step, dab);
  dab(last);
}
