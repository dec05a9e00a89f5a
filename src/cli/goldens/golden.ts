import type { Mixture } from '../../core/diffusion/theory/mixture';

/** One recorded case; each checker knows the fields of its own kind. */
export interface GoldenCase {
  id: string;
  /** Covers a rarely used option, or a convention that another one doubles. */
  optional?: boolean;
  fn?: string;
  [field: string]: unknown;
}

export interface GoldenFile {
  title: string;
  mixtures?: Record<string, Mixture>;
  cases: GoldenCase[];
}

/** Numbers of one field of a case; `tolerance` is relative to the largest expected entry. */
export interface Comparison {
  field: string;
  actual: ArrayLike<number> | number;
  expected: ArrayLike<number> | number;
  tolerance: number;
}

/** What a case asks for that Easel does not offer. */
export class NotOffered extends Error {}

/** Recomputes one case with what src/core exports. @throws NotOffered */
export type Checker = (golden: GoldenCase, file: GoldenFile) => Comparison[] | Promise<Comparison[]>;

/** For schedules, conversions and single formulas. */
export const FORMULA_TOLERANCE = 1e-10;
/** For whole trajectories, whose rounding adds up. */
export const TRAJECTORY_TOLERANCE = 1e-8;

/** The goldens print what JSON has no number for as words. */
export function numbers(value: unknown): number[] {
  return (Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value]).map(Number);
}

/** Largest difference relative to the largest expected entry; infinite where lengths, or what is infinite, differ. */
export function relativeError({ actual, expected }: Pick<Comparison, 'actual' | 'expected'>): number {
  const [got, want] = [actual, expected].map((v) => (typeof v === 'number' ? [v] : Array.from(v)));
  if (got.length !== want.length) return Number.POSITIVE_INFINITY;
  const size = Math.max(...want.filter(Number.isFinite).map(Math.abs), Number.MIN_VALUE);
  return Math.max(0, ...want.map((value, i) => (Object.is(got[i], value) ? 0 : difference(got[i], value) / size)));
}

function difference(a: number, b: number): number {
  const apart = Math.abs(a - b);
  return Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
}
