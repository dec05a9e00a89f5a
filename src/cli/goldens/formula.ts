import { guided } from '../../core/diffusion/guidance';
import { type GoldenDenoiser, type Mixture, posteriorExpectation } from '../../core/diffusion/mixture';
import type { NoiseLevel } from '../../core/diffusion/noise-level';
import { cosineBetas, linearBetas, scaledLinearBetas } from '../../core/diffusion/noise-schedules';
import { type Comparison, FORMULA_TOLERANCE, type GoldenFile, numbers } from './golden';

/** A field as a vector. */
export function vector(value: unknown): Float64Array {
  return Float64Array.from(numbers(value));
}

/** One field of a case against what was computed, to the tolerance of single formulas. */
export function formula(
  field: string,
  actual: ArrayLike<number> | number,
  expected: unknown,
  tolerance = FORMULA_TOLERANCE,
): Comparison {
  return { field, actual, expected: Array.isArray(expected) ? numbers(expected) : Number(expected), tolerance };
}

/** The mixture of a golden file by its name. */
export function mixtureOf({ title, mixtures }: GoldenFile, name: unknown): Mixture {
  const mixture = mixtures?.[String(name)];
  if (!mixture) throw new RangeError(`"${title}" has no mixture "${name}".`);
  return mixture;
}

/** x0 that a golden's denoiser predicts, at any level and in either coordinates. */
export function goldenClean(spec: GoldenDenoiser, file: GoldenFile, x: Float64Array, level: NoiseLevel): Float64Array {
  const mean = (name: string) => posteriorExpectation(x, level, mixtureOf(file, name));
  switch (spec.kind) {
    case 'mixture':
      return mean(spec.mixture);
    case 'cfg':
      return guided(mean(spec.cond), mean(spec.uncond), spec.scale);
    default:
      spec satisfies never;
      throw new RangeError('Unknown golden denoiser.');
  }
}

/** A training schedule as the goldens of part c and e write it. */
export interface BetaSpec {
  kind: string;
  T: number;
  beta_start?: number;
  beta_end?: number;
  s?: number;
  max_beta?: number;
}

/** The betas that a `beta` field names. */
export function goldenBetas({ kind, T, beta_start: start, beta_end: end, s, max_beta: cap }: BetaSpec): Float64Array {
  if (kind === 'cosine' || kind === 'squaredcos_cap_v2') return cosineBetas(T, s, cap);
  if (start === undefined || end === undefined) throw new RangeError(`Schedule "${kind}" is not known.`);
  if (kind === 'linear') return linearBetas(start, end, T);
  if (kind === 'scaled_linear') return scaledLinearBetas(start, end, T);
  throw new RangeError(`Schedule "${kind}" is not known.`);
}
