import { guided } from '../../core/diffusion/guidance';
import type { NoiseLevel } from '../../core/diffusion/noise-level';
import {
  cosineBetas,
  geodiffSigmoidBetas,
  linearBetas,
  scaledByStepsBetas,
  scaledLinearBetas,
  sigmoidBetas,
} from '../../core/diffusion/noise-schedules';
import { type DiffusionChain, diffusionChain } from '../../core/diffusion/theory/gaussian-diffusion';
import { type GoldenDenoiser, type Mixture, posteriorExpectation } from '../../core/diffusion/theory/mixture';
import { type Comparison, FORMULA_TOLERANCE, type GoldenCase, type GoldenFile, numbers } from './golden';

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

/** A training schedule as the goldens write it; which numbers there are depends on the kind. */
export interface BetaSpec {
  kind: string;
  /** Numbers, or products such as "1000/T*0.02" for `linear_scaled_by_T`. */
  beta_start?: number | string;
  beta_end?: number | string;
  start?: number;
  end?: number;
  tau?: number;
  s?: number;
  max_beta?: number;
  beta_clip?: [low: number, high: number];
}

/** A number, or the last factor of a product in words. */
function lastFactor(value: number | string | undefined): number {
  return Number(String(value).split('*').pop());
}

/** The betas of a training schedule of so many steps. */
export function goldenBetas(spec: BetaSpec, steps: number): Float64Array {
  const [start, end] = [lastFactor(spec.beta_start), lastFactor(spec.beta_end)];
  const cap = spec.max_beta ?? spec.beta_clip?.[1];
  switch (spec.kind) {
    case 'linear':
      return linearBetas(start, end, steps);
    case 'linear_scaled_by_T':
      return scaledByStepsBetas(steps, start, end);
    case 'scaled_linear':
      return scaledLinearBetas(start, end, steps);
    case 'cosine':
    case 'squaredcos_cap_v2':
      return cosineBetas(steps, spec.s, cap);
    case 'sigmoid':
      return sigmoidBetas(steps, spec.start, spec.end, spec.tau, cap);
    case 'geodiff_sigmoid':
      return geodiffSigmoidBetas(start, end, steps);
    default:
      throw new RangeError(`Schedule "${spec.kind}" is not known.`);
  }
}

/** The chain of a case: its `betas` themselves, or the schedule that its `beta` names. */
export function goldenChain({ betas, beta }: GoldenCase): DiffusionChain {
  const spec = beta as BetaSpec & { T: number };
  return diffusionChain(betas ? vector(betas) : goldenBetas(spec, spec.T));
}
